package dev.hearth.chat.jinja;

import org.jspecify.annotations.Nullable;

/** The methods of {@code str} that pad. */
final class Padding {
    private Padding() {}

    /** {@code center}, {@code ljust} or {@code rjust}. */
    static Str pad(Interpreter in, Str s, Args args, String name) {
        @Nullable Value[] bound = args.positionalOnly(name, 1, 2);
        Str fill = bound[1] == null ? Str.of(" ") : Params.string(name, bound[1]);
        if (fill.length() != 1) {
            throw new Failure("The fill character must be exactly one character long");
        }
        int missing = Math.max(0, Params.integer(bound[0], 0) - s.length());
        int left = switch (name) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            // CPython puts the odd one to the left if the width is odd
            default -> missing / 2 + (missing & Params.integer(bound[0], 0) & 1);
        };
        in.budget().chars(missing);
        var out = new Text(in.budget());
        repeat(fill, left, out);
        out.add(s);
        repeat(fill, missing - left, out);
        return out.toStr().like(s);
    }

    private static void repeat(Str fill, int times, Text out) {
        for (int i = 0; i < times; i++) {
            out.add(fill);
        }
    }

    static Str zeros(Interpreter in, Str s, Args args) {
        int missing = Params.integer(args.positionalOnly("zfill", 1, 1)[0], 0) - s.length();
        boolean isSigned = s.text().startsWith("-") || s.text().startsWith("+");
        var out = new Text(in.budget());
        out.add(s, 0, isSigned ? 1 : 0).repeat('0', missing);
        return out.add(s, isSigned ? 1 : 0, s.text().length()).toStr().like(s);
    }

    static Str expandTabs(Interpreter in, Str s, Args args) {
        int size = Params.integer(args.bind("expandtabs", 0, "tabsize")[0], 8);
        var out = new Text(in.budget());
        int column = 0;
        for (int i = 0; i < s.text().length(); ) {
            int c = s.text().codePointAt(i);
            int end = i + Character.charCount(c);
            if (c == '\t') {
                int spaces = size <= 0 ? 0 : size - column % size;
                out.addFrom(s, i, " ".repeat(Math.min(spaces, Budget.MAX_CHARS)));
                column += spaces;
            } else {
                out.add(s, i, end);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
            i = end;
        }
        return out.toStr().like(s);
    }
}
