package dev.hearth.schedule;

import dev.hearth.model.StateSpec;
import dev.hearth.state.SequenceState;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which rows of a step come first: sequences that begin in the same pages side by side, so that attention may read these once for several. */
final class RowOrder {
    private static final int FEWEST = 3; // two are neighbours anyway

    private final int group; // of keys and values; -1 where there is none

    /** For sequences with these groups of state. */
    RowOrder(List<StateSpec> specs) {
        group = IntStream.range(0, specs.size())
                .filter(i -> specs.get(i) instanceof StateSpec.Kv)
                .findFirst()
                .orElse(-1);
    }

    /** The chunks' indices, in order of the pages that their sequences have. */
    int[] of(List<Chunk> chunks) {
        int count = chunks.size();
        if (group < 0 || count < FEWEST) {
            return IntStream.range(0, count).toArray();
        }
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order, (a, b) -> compare(chunks.get(a).state(), chunks.get(b).state()));
        return Arrays.stream(order).mapToInt(i -> i).toArray();
    }

    private int compare(SequenceState a, SequenceState b) {
        int both = Math.min(a.pageCount(), b.pageCount());
        for (int i = 0; i < both; i++) {
            int order = Integer.compare(a.page(group, i), b.page(group, i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.pageCount(), b.pageCount());
    }
}
