package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import java.util.ArrayList;
import java.util.List;

/** Which row belongs to which sequence and position. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Places(int[] sequences, int[] positions) {
    /** Of one sequence: positions [first, first + count). */
    record Run(int sequence, int first, int count) {}

    static Places of(Run... runs) {
        List<int[]> rows = new ArrayList<>();
        for (Run run : runs) {
            for (int i = 0; i < run.count; i++) {
                rows.add(new int[] {run.sequence, run.first + i});
            }
        }
        return new Places(
                rows.stream().mapToInt(r -> r[0]).toArray(),
                rows.stream().mapToInt(r -> r[1]).toArray());
    }

    int count() {
        return positions.length;
    }

    int sequenceCount() {
        return java.util.Arrays.stream(sequences).max().orElse(0) + 1;
    }

    int positionCount() {
        return java.util.Arrays.stream(positions).max().orElse(0) + 1;
    }

    Batch batch(Bench bench, int from, int to) {
        return new Batch(bench.column(Slices.of(positions, from, to)), bench.column(Slices.of(sequences, from, to)));
    }
}
