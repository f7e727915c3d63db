package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str} that give parts of it. */
final class Splitting {
    private Splitting() {}

    static Str strip(Interpreter in, Str s, Args args, boolean left, boolean right) {
        return strip(in, s, Params.orNone(args.positionalOnly("strip", 0, 1)[0]), left, right);
    }

    /** Strips the characters of a string, white space if null, at one end or both. */
    static Str strip(Interpreter in, Str s, @Nullable Value chars, boolean left, boolean right) {
        if (chars != null && !(chars instanceof Str)) {
            throw new Failure("strip arg must be None or str");
        }
        String text = s.text();
        String set = chars instanceof Str c ? c.text() : null;
        int from = 0;
        int to = text.length();
        while (left && from < to && isIn(text.codePointAt(from), set)) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && isIn(text.codePointBefore(to), set)) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        in.budget().scan((long) (text.length() - (to - from)) * (set == null ? 1 : Math.max(1, set.length())));
        in.budget().chars(to - from);
        return s.part(from, to);
    }

    private static boolean isIn(int c, @Nullable String set) {
        return set == null ? Chars.isSpace(c) : set.indexOf(c) >= 0;
    }

    /** {@code split} or, from the right, {@code rsplit}. */
    static Seq split(Interpreter in, Str s, Args args, boolean fromRight) {
        @Nullable Value[] bound = args.bind("split", 0, "sep", "maxsplit");
        Value separator = Params.orNone(bound[0]);
        int limit = Params.integer(bound[1], -1);
        int most = limit < 0 ? Integer.MAX_VALUE : limit;
        List<Value> parts = new ArrayList<>();
        if (separator == null) {
            if (fromRight) {
                wordsFromRight(in, s, most, parts);
            } else {
                words(in, s, most, parts);
            }
            return Seq.list(parts);
        }
        String text = Params.string("split", separator).text();
        if (text.isEmpty()) {
            throw new Failure("empty separator");
        }
        if (fromRight) {
            partsFromRight(in, s, text, most, parts);
        } else {
            parts(in, s, text, most, parts);
        }
        return Seq.list(parts);
    }

    private static void add(Interpreter in, Str s, int from, int to, List<Value> parts) {
        in.budget().elements(1);
        in.budget().chars(to - from);
        parts.add(s.part(from, to));
    }

    private static void parts(Interpreter in, Str s, String separator, int most, List<Value> parts) {
        int from = 0;
        for (int n = 0; n < most; n++) {
            int at = Search.indexOf(in.budget(), s.text(), separator, from);
            if (at < 0) {
                break;
            }
            add(in, s, from, at, parts);
            from = at + separator.length();
        }
        add(in, s, from, s.text().length(), parts);
    }

    private static void partsFromRight(Interpreter in, Str s, String separator, int most, List<Value> parts) {
        int to = s.text().length();
        for (int n = 0; n < most; n++) {
            int at = Search.lastIndexOf(in.budget(), s.text(), separator, to);
            if (at < 0) {
                break;
            }
            add(in, s, at + separator.length(), to, parts);
            to = at;
        }
        add(in, s, 0, to, parts);
        Collections.reverse(parts);
    }

    private static void words(Interpreter in, Str s, int most, List<Value> parts) {
        String text = s.text();
        int i = 0;
        while (true) {
            while (i < text.length() && Chars.isSpace(text.charAt(i))) {
                i++;
            }
            if (i == text.length()) {
                return;
            }
            if (parts.size() >= most) {
                add(in, s, i, text.length(), parts);
                return;
            }
            int from = i;
            while (i < text.length() && !Chars.isSpace(text.charAt(i))) {
                i++;
            }
            add(in, s, from, i, parts);
        }
    }

    private static void wordsFromRight(Interpreter in, Str s, int most, List<Value> parts) {
        String text = s.text();
        int i = text.length();
        while (true) {
            while (i > 0 && Chars.isSpace(text.charAt(i - 1))) {
                i--;
            }
            if (i == 0) {
                break;
            }
            int to = i;
            if (parts.size() >= most) {
                add(in, s, 0, to, parts);
                break;
            }
            while (i > 0 && !Chars.isSpace(text.charAt(i - 1))) {
                i--;
            }
            add(in, s, i, to, parts);
        }
        Collections.reverse(parts);
    }

    static Seq lines(Interpreter in, Str s, Args args) {
        boolean keepEnds = Params.integer(args.bind("splitlines", 0, "keepends")[0], 0) != 0;
        return Seq.list(lines(in, s, keepEnds));
    }

    /** {@code s.splitlines(keepEnds)}. */
    static List<Value> lines(Interpreter in, Str s, boolean keepEnds) {
        String text = s.text();
        List<Value> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (Chars.isLineBreak(text.charAt(i))) {
                int end = text.startsWith("\r\n", i) ? i + 2 : i + 1;
                add(in, s, from, keepEnds ? end : i, lines);
                from = end;
                i = end - 1;
            }
        }
        if (from < text.length()) {
            add(in, s, from, text.length(), lines);
        }
        return lines;
    }

    static Seq partition(Interpreter in, Str s, Args args, boolean fromRight) {
        String separator = Params.string("partition", args.positionalOnly("partition", 1, 1)[0])
                .text();
        if (separator.isEmpty()) {
            throw new Failure("empty separator");
        }
        int end = s.text().length();
        int at = fromRight
                ? Search.lastIndexOf(in.budget(), s.text(), separator, end)
                : Search.indexOf(in.budget(), s.text(), separator, 0);
        in.budget().chars(end);
        Value empty = Str.EMPTY.like(s);
        if (at < 0) {
            return Seq.tuple(fromRight ? List.of(empty, empty, s) : List.of(s, empty, empty));
        }
        int behind = at + separator.length();
        return Seq.tuple(List.of(s.part(0, at), s.part(at, behind), s.part(behind, end)));
    }

    static Str removePrefix(Str s, Args args) {
        String prefix = Params.string("removeprefix", args.positionalOnly("removeprefix", 1, 1)[0])
                .text();
        return s.text().startsWith(prefix) ? s.part(prefix.length(), s.text().length()) : s;
    }

    static Str removeSuffix(Str s, Args args) {
        String suffix = Params.string("removesuffix", args.positionalOnly("removesuffix", 1, 1)[0])
                .text();
        return s.text().endsWith(suffix) ? s.part(0, s.text().length() - suffix.length()) : s;
    }
}
