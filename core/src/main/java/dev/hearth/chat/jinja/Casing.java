package dev.hearth.chat.jinja;

import java.util.Locale;
import java.util.function.UnaryOperator;

/** Upper and lower case as {@code str} of Python has them. */
final class Casing {
    private Casing() {}

    static Str lower(Interpreter in, Str s) {
        return map(in, s, t -> t.toLowerCase(Locale.ROOT));
    }

    static Str upper(Interpreter in, Str s) {
        return map(in, s, t -> t.toUpperCase(Locale.ROOT));
    }

    static Str fold(Interpreter in, Str s) {
        return map(
                in, s, t -> t.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).replace('ς', 'σ'));
    }

    static Str title(Interpreter in, Str s) {
        return map(in, s, Casing::titled);
    }

    static Str capitalize(Interpreter in, Str s) {
        return map(in, s, t -> {
            int first = t.isEmpty() ? 0 : Character.charCount(t.codePointAt(0));
            return titleCase(t.substring(0, first)) + t.substring(first).toLowerCase(Locale.ROOT);
        });
    }

    static Str swap(Interpreter in, Str s) {
        return map(in, s, t -> {
            var out = new StringBuilder();
            t.codePoints().forEach(c -> {
                String one = Character.toString(c);
                out.append(Character.isUpperCase(c) ? one.toLowerCase(Locale.ROOT) : one.toUpperCase(Locale.ROOT));
            });
            return out.toString();
        });
    }

    /** Upper first and lower rest of each word as {@code |title} splits them: at space, hyphens and opening brackets. */
    static Str words(Interpreter in, Str s) {
        return map(in, s, t -> {
            var out = new StringBuilder();
            int start = 0;
            for (int i = 0; i <= t.length(); i++) {
                boolean separates = i < t.length() && (Chars.isSpace(t.charAt(i)) || "-({[<".indexOf(t.charAt(i)) >= 0);
                if (i == t.length() || separates) {
                    word(t.substring(start, i), out);
                    out.append(separates ? t.substring(i, i + 1) : "");
                    start = i + 1;
                }
            }
            return out.toString();
        });
    }

    private static void word(String word, StringBuilder out) {
        int first = word.isEmpty() ? 0 : Character.charCount(word.codePointAt(0));
        out.append(word.substring(0, first).toUpperCase(Locale.ROOT));
        out.append(word.substring(first).toLowerCase(Locale.ROOT));
    }

    private static String titled(String text) {
        var out = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            String one = Character.toString(c);
            out.append(inWord ? one.toLowerCase(Locale.ROOT) : titleCase(one));
            inWord = Chars.isCased(c);
            i += one.length();
        }
        return out.toString();
    }

    private static String titleCase(String one) {
        if (one.isEmpty()) {
            return one;
        }
        int title = Character.toTitleCase(one.codePointAt(0));
        String upper = one.toUpperCase(Locale.ROOT);
        boolean expands = title == one.codePointAt(0) && upper.length() > one.length();
        return expands ? upper.charAt(0) + upper.substring(1).toLowerCase(Locale.ROOT) : Character.toString(title);
    }

    /** Applies a mapping; ranges keep their provenance where the mapping of the parts is that of the whole. */
    private static Str map(Interpreter in, Str s, UnaryOperator<String> mapping) {
        in.budget().chars(s.text().length());
        String whole = mapping.apply(s.text());
        int[] runs = s.runs();
        if (runs.length == 0
                || (runs.length == 2 && runs[0] == 0 && runs[1] == s.text().length())) {
            return s.derived(whole).like(s);
        }
        if (whole.length() == s.text().length()) { // only case changed, unit by unit
            return Str.of(whole, runs).like(s);
        }
        return Str.literal(whole).like(s);
    }

    static boolean isLower(Interpreter in, Str s) {
        in.budget().scan(s.text().length());
        return s.text().codePoints().anyMatch(Character::isLowerCase)
                && s.text().codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(Interpreter in, Str s) {
        in.budget().scan(s.text().length());
        return s.text().codePoints().anyMatch(Character::isUpperCase)
                && s.text().codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isTitle(Interpreter in, Str s) {
        in.budget().scan(s.text().length());
        boolean inWord = false;
        boolean any = false;
        for (int c : s.text().codePoints().toArray()) {
            boolean isUpper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (isUpper == inWord && (isUpper || Character.isLowerCase(c))) {
                return false;
            }
            inWord = Chars.isCased(c);
            any |= inWord;
        }
        return any;
    }
}
