package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The filter {@code urlize}. What becomes a link is derived text: literal if its word is. */
final class Links {
    private static final int MAX_WORD = 2000; // longer words are no links: bounds what the patterns may retry

    private static final Pattern HTTP = Pattern.compile(
            "^((https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})"
                    + "|([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)"
                    + "|(https?://)((([\\d]{1,3})(\\.[\\d]{1,3}){3})|(\\[([\\da-f]{0,4}:){2}([\\da-f]{0,4}:?){1,6}])))"
                    + "(?::[\\d]{1,5})?(?:[/?#]\\S*)?$",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern EMAIL = Pattern.compile("^\\S+@\\w[\\w.-]*\\.\\w+$", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern OPENING = Pattern.compile("^([(<]|&lt;)+");
    private static final Pattern CLOSING = Pattern.compile("([)>.,\\n]|&gt;)+$");
    private static final Pattern SCHEME = Pattern.compile("[\\w.+-]{2,}:/{0,2}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final String[][] PAIRS = {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};

    private final int limit;
    private final String attributes;
    private final List<String> schemes;

    private Links(int limit, String attributes, List<String> schemes) {
        this.limit = limit;
        this.attributes = attributes;
        this.schemes = schemes;
    }

    static Value filter(Interpreter in, Value value, Args args) {
        @Nullable
        Value[] bound = args.bind("do_urlize", 0, "trim_url_limit", "nofollow", "target", "rel", "extra_schemes");
        var rel = new TreeSet<String>(List.of("noopener"));
        if (Params.orNone(bound[3]) != null) {
            rel.addAll(List.of(Params.string("urlize", bound[3]).text().strip().split("\\s+")));
            rel.remove("");
        }
        if (Params.flag(bound[1], false)) {
            rel.add("nofollow");
        }
        Str target = Params.orNone(bound[2]) == null ? Str.EMPTY : Params.string("urlize", bound[2]);
        String attributes = " rel=\"" + escaped(in, String.join(" ", rel)) + "\""
                + (target.isEmpty() ? "" : " target=\"" + escaped(in, target.text()) + "\"");
        Value limit = Params.orNone(bound[0]);
        var links = new Links(
                limit == null ? Integer.MAX_VALUE : Math.max(0, Params.integer(limit, 0)),
                attributes,
                schemes(in, bound[4]));
        return links.replaceWords(
                in, Html.escape(in.budget(), Repr.soft(in.budget(), value)).asPlain());
    }

    private static String escaped(Interpreter in, String text) {
        return Html.escape(in.budget(), Str.of(text)).text();
    }

    private static List<String> schemes(Interpreter in, @Nullable Value value) {
        List<String> schemes = new ArrayList<>();
        if (Params.orNone(value) != null && value != null) {
            for (Value scheme : Iteration.list(in, value)) {
                String text = Params.string("urlize", scheme).text();
                if (text.length() > MAX_WORD || !SCHEME.matcher(text).matches()) {
                    throw new Failure(Repr.quote(text) + " is not a valid URI scheme prefix.");
                }
                schemes.add(text);
            }
        }
        return schemes;
    }

    private Str replaceWords(Interpreter in, Str s) {
        String text = s.text();
        var out = new Text(in.budget());
        int i = 0;
        while (i < text.length()) {
            int from = i;
            boolean isSpace = Chars.isSpace(text.charAt(i));
            while (i < text.length() && Chars.isSpace(text.charAt(i)) == isSpace) {
                i++;
            }
            Str part = s.part(from, i);
            boolean isWord = !isSpace && i - from <= MAX_WORD;
            in.budget().scan(isWord ? 64L * (i - from) : i - from);
            String link = isWord ? word(part.text()) : part.text();
            out.add(link.equals(part.text()) ? part : part.derived(link));
        }
        return out.toStr();
    }

    private String word(String word) {
        var opening = OPENING.matcher(word);
        String head = opening.find() ? opening.group() : "";
        String middle = word.substring(head.length());
        var closing = CLOSING.matcher(middle);
        String tail = closing.find() ? closing.group() : "";
        middle = middle.substring(0, middle.length() - tail.length());
        for (String[] pair : PAIRS) {
            int missing = count(middle, pair[0]) - count(middle, pair[1]);
            int moves = missing <= 0 ? 0 : Math.min(count(middle, pair[0]), count(tail, pair[1]));
            for (int k = 0; k < moves; k++) {
                int end = tail.indexOf(pair[1]) + pair[1].length();
                middle += tail.substring(0, end);
                tail = tail.substring(end);
            }
        }
        return head + link(middle) + tail;
    }

    private static int count(String text, String part) {
        int count = 0;
        for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    private String link(String text) {
        if (HTTP.matcher(text).find()) {
            boolean hasScheme = text.startsWith("https://") || text.startsWith("http://");
            String shown = text.length() > limit ? text.substring(0, limit) + "..." : text;
            return "<a href=\"" + (hasScheme ? "" : "https://") + text + "\"" + attributes + ">" + shown + "</a>";
        }
        if (text.startsWith("mailto:") && EMAIL.matcher(text.substring(7)).find()) {
            return "<a href=\"" + text + "\">" + text.substring(7) + "</a>";
        }
        boolean mayBeMail = text.indexOf('@') > 0 && !text.startsWith("www.") && text.indexOf(':') < 0;
        if (mayBeMail && EMAIL.matcher(text).find()) {
            return "<a href=\"mailto:" + text + "\">" + text + "</a>";
        }
        String linked = text;
        for (String scheme : schemes) {
            if (!linked.equals(scheme) && linked.startsWith(scheme)) {
                linked = "<a href=\"" + linked + "\"" + attributes + ">" + linked + "</a>";
            }
        }
        return linked;
    }
}
