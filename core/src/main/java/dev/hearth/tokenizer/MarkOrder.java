package dev.hearth.tokenizer;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decomposition with canonical ordering of marks (Unicode Standard, section 3.11) in O(n log n). The JDK inserts marks one by one,
 * which a hundred thousand marks in turns make it do for hours. It doesn't tell the combining classes either, so marks are
 * compared by what it makes of two of them. Not thread-safe.
 */
final class MarkOrder {
    /** The marks of the lowest and the highest class that there are, 1 and 240. */
    private static final int LOWEST = 0x334;

    private static final int HIGHEST = 0x345;

    private final Map<Integer, Boolean> movable = new HashMap<>();
    private final Map<Long, Boolean> swapped = new HashMap<>();

    /** {@code text} decomposed: {@code form} is NFD or NFKD. */
    String decompose(String text, Form form) {
        StringBuilder out = new StringBuilder(text.length() * 2);
        List<Integer> marks = new ArrayList<>();
        text.codePoints()
                .forEach(c -> Normalizer.normalize(Character.toString(c), form)
                        .codePoints()
                        .forEach(part -> {
                            if (isMovable(part)) {
                                marks.add(part);
                            } else {
                                writeSorted(marks, out);
                                out.appendCodePoint(part);
                            }
                        }));
        writeSorted(marks, out);
        return out.toString();
    }

    private void writeSorted(List<Integer> marks, StringBuilder out) {
        marks.sort(this::compare); // stable, as the standard wants it
        marks.forEach(out::appendCodePoint);
        marks.clear();
    }

    private int compare(int a, int b) {
        return swap(a, b) ? 1 : swap(b, a) ? -1 : 0;
    }

    /** Whether the class isn't 0. */
    private boolean isMovable(int c) {
        return CharClass.isMark(c) && movable.computeIfAbsent(c, k -> swap(HIGHEST, k) || swap(k, LOWEST));
    }

    /** Whether {@code b} has to stand before {@code a}. */
    private boolean swap(int a, int b) {
        return a != b
                && swapped.computeIfAbsent((long) a << 32 | b, k -> {
                    String behind = Character.toString(b) + Character.toString(a);
                    return Normalizer.normalize(Character.toString(a) + Character.toString(b), Form.NFD)
                            .equals(behind);
                });
    }
}
