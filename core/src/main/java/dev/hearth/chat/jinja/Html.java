package dev.hearth.chat.jinja;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Escapes of HTML as markupsafe has them. */
final class Html {
    private static final Map<String, String> ENTITIES = Map.of(
            "amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00a0", "copy", "©", "reg", "®",
            "raquo", "»", "laquo", "«");

    private static final int LONGEST_ENTITY = 12;

    private Html() {}

    /** {@code escape(s)}: markup is left as it is. */
    static Str escape(Budget budget, Str s) {
        if (s.isMarkup()) {
            return s;
        }
        var out = new Text(budget);
        String text = s.text();
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            String entity = switch (text.charAt(i)) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '\'' -> "&#39;";
                case '"' -> "&#34;";
                default -> null;
            };
            if (entity != null) {
                out.add(s, plain, i).addFrom(s, i, entity);
                plain = i + 1;
            }
        }
        return out.add(s, plain, text.length()).toStr().asMarkup();
    }

    /** {@code Markup(s).striptags()}. */
    static Str stripTags(Interpreter in, Str s) {
        var kept = new Text(in.budget());
        String text = s.text();
        int done = 0;
        for (int open = text.indexOf('<'); open >= 0; open = text.indexOf('<', done)) {
            boolean isComment = text.startsWith("<!--", open);
            int close = isComment ? text.indexOf("-->", open + 4) : text.indexOf('>', open);
            if (close < 0) {
                break;
            }
            kept.add(s, done, open);
            done = close + (isComment ? 3 : 1);
        }
        Str bare = kept.add(s, done, text.length()).toStr();
        var joined = new Text(in.budget());
        for (Value word : Splitting.split(in, bare, Args.NONE, false).items()) {
            joined.add(joined.length() == 0 ? "" : " ").add((Str) word);
        }
        return unescape(in.budget(), joined.toStr());
    }

    private static Str unescape(Budget budget, Str s) {
        String text = s.text();
        var out = new Text(budget);
        int plain = 0;
        for (int i = text.indexOf('&'); i >= 0; i = text.indexOf('&', i + 1)) {
            int end = text.indexOf(';', i, Math.min(text.length(), i + LONGEST_ENTITY));
            String character = end < 0 ? null : entity(text.substring(i + 1, end));
            if (character != null) {
                out.add(s, plain, i).addFrom(s, i, character);
                plain = end + 1;
                i = end;
            }
        }
        return out.add(s, plain, text.length()).toStr();
    }

    private static @Nullable String entity(String name) {
        if (!name.startsWith("#")) {
            return ENTITIES.get(name);
        }
        boolean isHex = name.startsWith("#x") || name.startsWith("#X");
        try {
            int c = Integer.parseInt(name.substring(isHex ? 2 : 1), isHex ? 16 : 10);
            return Character.isValidCodePoint(c) && c > 0 ? Character.toString(c) : null;
        } catch (NumberFormatException e) {
            return null; // not an entity: the text stays as it is
        }
    }
}
