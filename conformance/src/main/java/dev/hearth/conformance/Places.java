package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * Which row belongs to which sequence and position, and up to which position it may see.
 *
 * @param common positions that all sequences begin with, whose pages they share
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Places(int[] sequences, int[] positions, int[] ends, int common) {
    /** Of one sequence: positions [first, first + count). */
    record Run(int sequence, int first, int count) {}

    static Places of(Run... runs) {
        List<int[]> rows = new ArrayList<>();
        for (Run run : runs) {
            for (int i = 0; i < run.count; i++) {
                rows.add(new int[] {run.sequence, run.first + i});
            }
        }
        int[] positions = rows.stream().mapToInt(r -> r[1]).toArray();
        return new Places(rows.stream().mapToInt(r -> r[0]).toArray(), positions, positions, 0);
    }

    /** The same with every row seeing up to {@code more} positions after the last of its sequence. */
    Places seeingBeyond(int more) {
        int[] last = new int[sequenceCount()];
        for (int t = 0; t < count(); t++) {
            last[sequences[t]] = Math.max(last[sequences[t]], positions[t]);
        }
        return new Places(
                sequences,
                positions,
                java.util.Arrays.stream(sequences).map(s -> last[s] + more).toArray(),
                common);
    }

    /** The same with so many positions in common. */
    Places sharing(int positionsInCommon) {
        return new Places(sequences, positions, ends, positionsInCommon);
    }

    int count() {
        return positions.length;
    }

    int sequenceCount() {
        return java.util.Arrays.stream(sequences).max().orElse(0) + 1;
    }

    int positionCount() {
        return java.util.Arrays.stream(ends).max().orElse(0) + 1;
    }

    Batch batch(Bench bench, int from, int to) {
        return new Batch(
                bench.column(Slices.of(positions, from, to)),
                bench.column(Slices.of(sequences, from, to)),
                bench.column(Slices.of(ends, from, to)));
    }
}
