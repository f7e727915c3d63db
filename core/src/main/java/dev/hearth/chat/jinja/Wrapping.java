package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The filter {@code wordwrap}: {@code textwrap.wrap} of Python for each line, tabs and white space left as they are. */
final class Wrapping {
    private static final String SPACE = "[\\t\\n\\x0B\\f\\r ]";
    private static final String PUNCTUATED = "[\\w!\"'&.,?]";
    private static final String LETTER = "[^\\d\\W]";

    /** textwrap's wordsep_re: spaces, dashes between words, words broken behind hyphens. */
    private static final Pattern HYPHENATED = Pattern.compile(
            "(?:" + SPACE + "+"
                    + "|(?<=" + PUNCTUATED + ")-{2,}(?=\\w)"
                    + "|[^\\t\\n\\x0B\\f\\r ]+?(?:"
                    + "-(?:(?<=" + LETTER + "{2}-)|(?<=" + LETTER + "-" + PUNCTUATED + "-))(?=" + LETTER + "-?" + LETTER
                    + ")"
                    + "|(?=" + SPACE + "|\\z)"
                    + "|(?<=" + PUNCTUATED + ")(?=-{2,}\\w)))",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern PLAIN = Pattern.compile(SPACE + "+|[^\\t\\n\\x0B\\f\\r ]+");

    private final Interpreter in;
    private final int width;
    private final boolean breaksWords;
    private final boolean breaksHyphens;

    private Wrapping(Interpreter in, int width, boolean breaksWords, boolean breaksHyphens) {
        this.in = in;
        this.width = width;
        this.breaksWords = breaksWords;
        this.breaksHyphens = breaksHyphens;
    }

    static Value filter(Interpreter in, Value value, Args args) {
        @Nullable
        Value[] bound = args.bind("do_wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        Value wrap = Params.orNone(bound[2]);
        Str joint = wrap == null ? Str.of("\n") : Params.string("join", wrap);
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        if (!(value instanceof Str s)) {
            throw new Failure("'" + value.typeName() + "' object has no attribute 'splitlines'");
        }
        int width = Params.integer(bound[0], 79);
        if (width <= 0) {
            throw new Failure("invalid width " + width + " (must be > 0)");
        }
        var wrapping = new Wrapping(in, width, Params.flag(bound[1], true), Params.flag(bound[3], true));
        var out = new Text(in.budget());
        boolean first = true;
        for (Value line : Splitting.lines(in, s, false)) {
            List<Str> wrapped = wrapping.wrap((Str) line);
            for (Str part : wrapped.isEmpty() ? List.of(Str.EMPTY) : wrapped) {
                out.add(first ? Str.EMPTY : joint).add(part);
                first = false;
            }
        }
        return out.toStr();
    }

    private List<Str> chunks(Str line) {
        in.budget().scan(8L * line.text().length());
        List<Str> chunks = new ArrayList<>();
        Matcher matcher = (breaksHyphens ? HYPHENATED : PLAIN).matcher(line.text());
        int from = 0;
        while (matcher.find()) {
            if (matcher.start() > from) {
                chunks.add(line.part(from, matcher.start()));
            }
            in.budget().elements(1);
            chunks.add(line.part(matcher.start(), matcher.end()));
            from = matcher.end();
        }
        if (from < line.text().length()) {
            chunks.add(line.part(from, line.text().length()));
        }
        return chunks;
    }

    private static boolean isBlank(Str s) {
        return Chars.endOfStripped(s.text()) == 0;
    }

    /** textwrap's _wrap_chunks. */
    private List<Str> wrap(Str line) {
        List<Str> lines = new ArrayList<>();
        List<Str> chunks = new ArrayList<>(chunks(line).reversed());
        while (!chunks.isEmpty()) {
            List<Str> current = new ArrayList<>();
            int length = 0;
            if (!lines.isEmpty() && isBlank(chunks.getLast())) {
                chunks.removeLast();
            }
            while (!chunks.isEmpty() && length + chunks.getLast().length() <= width) {
                in.budget().step();
                length += chunks.getLast().length();
                current.add(chunks.removeLast());
            }
            if (!chunks.isEmpty() && chunks.getLast().length() > width) {
                length = breakWord(chunks, current, length);
            }
            if (!current.isEmpty() && isBlank(current.getLast())) {
                current.removeLast();
            }
            if (!current.isEmpty()) {
                var text = new Text(in.budget());
                current.forEach(text::add);
                lines.add(text.toStr());
            }
        }
        return lines;
    }

    private int breakWord(List<Str> chunks, List<Str> current, int length) {
        int space = width - length;
        Str word = chunks.getLast();
        if (!breaksWords) {
            if (current.isEmpty()) {
                current.add(chunks.removeLast());
            }
            return length;
        }
        int end = word.offset(space);
        if (breaksHyphens && word.length() > space) {
            int hyphen = word.text().lastIndexOf('-', end - 1);
            boolean hasOther =
                    hyphen > 0 && word.text().substring(0, hyphen).chars().anyMatch(c -> c != '-');
            end = hasOther ? hyphen + 1 : end;
        }
        in.budget().chars(word.text().length());
        current.add(word.part(0, end));
        chunks.set(chunks.size() - 1, word.part(end, word.text().length()));
        return length;
    }
}
