package dev.hearth.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Parts of a text in which no control token may be found. Sorted and disjoint. */
final class LiteralSpans {
    static final LiteralSpans NONE = new LiteralSpans(new int[0], new int[0]);

    private final int[] starts;
    private final int[] ends;

    private LiteralSpans(int[] starts, int[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /** @throws IllegalArgumentException if a span ends after {@code length} */
    static LiteralSpans of(List<TextSpan> spans, int length) {
        List<TextSpan> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingInt(TextSpan::start));
        IntList starts = new IntList(sorted.size());
        IntList ends = new IntList(sorted.size());
        for (TextSpan span : sorted) {
            if (span.end() > length) {
                throw new IllegalArgumentException(
                        "literal span: expected an end up to " + length + ", the text's length, found " + span.end());
            }
            int last = ends.size() - 1;
            if (last >= 0 && span.start() <= ends.get(last)) {
                ends.set(last, Math.max(ends.get(last), span.end()));
            } else if (span.start() < span.end()) {
                starts.add(span.start());
                ends.add(span.end());
            }
        }
        return new LiteralSpans(starts.toArray(), ends.toArray());
    }

    boolean isEmpty() {
        return starts.length == 0;
    }

    /** Whether a char from {@code start} to {@code end} lies in a span. */
    boolean overlap(int start, int end) {
        int low = 0;
        int high = starts.length;
        while (low < high) { // the first span that ends after start
            int middle = (low + high) >>> 1;
            if (ends[middle] > start) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return start < end && low < starts.length && starts[low] < end;
    }
}
