package dev.hearth.chat.jinja;

import java.util.Arrays;

/** A string under construction that keeps the provenance of what is added. Each addition is paid from the budget first. */
final class Text {
    private final Budget budget;
    private final StringBuilder chars = new StringBuilder();
    private int[] runs = {};
    private int count;

    Text(Budget budget) {
        this.budget = budget;
    }

    /** Adds text of the template. */
    Text add(String text) {
        pay(text.length());
        chars.append(text);
        return this;
    }

    Text add(char c) {
        pay(1);
        chars.append(c);
        return this;
    }

    /** Adds a string with its provenance. */
    Text add(Str str) {
        return add(str, 0, str.text().length());
    }

    /** Adds the part of a string between two UTF-16 offsets. */
    Text add(Str str, int from, int to) {
        pay(to - from);
        int shift = chars.length() - from;
        int[] added = str.runs();
        for (int i = str.firstRunAfter(from); i < added.length && added[i] < to; i += 2) {
            mark(Math.max(added[i], from) + shift, Math.min(added[i + 1], to) + shift);
        }
        chars.append(str.text(), from, to);
        return this;
    }

    /** Adds text that is literal if {@code source} is at that offset: what one of its characters turned into. */
    Text addFrom(Str source, int offset, String text) {
        pay(text.length());
        if (source.literalAt(offset)) {
            mark(chars.length(), chars.length() + text.length());
        }
        chars.append(text);
        return this;
    }

    Text repeat(char c, int times) {
        if (times > 0) {
            pay(times);
            chars.repeat(c, times);
        }
        return this;
    }

    private void pay(int added) {
        budget.chars(added);
        budget.length((long) chars.length() + added);
    }

    private void mark(int start, int end) {
        if (start == end) {
            return;
        }
        if (count > 0 && runs[count - 1] == start) {
            runs[count - 1] = end;
            return;
        }
        if (count == runs.length) {
            runs = Arrays.copyOf(runs, Math.max(8, 2 * count));
        }
        runs[count++] = start;
        runs[count++] = end;
    }

    int length() {
        return chars.length();
    }

    /** What was added so far. */
    Str toStr() {
        return Str.of(chars.toString(), Arrays.copyOf(runs, count));
    }
}
