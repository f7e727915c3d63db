package dev.hearth.conformance;

import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Neighbours of tokens in whole sequences: moved to the bit, zeros beyond the ends, whatever lies beside a sequence. */
final class ShiftCheck {
    private static final Places PLACES = Places.of(
            new Places.Run(2, 0, 9), new Places.Run(0, 0, 1), new Places.Run(1, 3, 17), new Places.Run(3, 20, 4));

    private ShiftCheck() {}

    static List<Check> of(Session session) {
        List<Check> checks = new ArrayList<>();
        for (int width : new int[] {1, 7, 64}) {
            for (int distance : new int[] {-20, -2, -1, 0, 1, 3}) {
                String name = "shift of rows of " + width + " by " + distance;
                checks.add(new Check(Operation.GATHER, name, () -> run(session, width, distance, name)));
            }
        }
        return checks;
    }

    private static void run(Session session, int width, int distance, String name) {
        float[][] x = new Draw(304).rows(PLACES.count(), width, 1);
        x[0][0] = -0f;
        for (Bench.Layout layout : Bench.Layout.values()) {
            run(session.bench(layout), x, distance, name);
        }
        for (int threads : session.otherThreadCounts()) {
            run(session.bench(threads, Bench.Layout.DENSE), x, distance, name);
        }
    }

    private static void run(Bench bench, float[][] x, int distance, String name) {
        try (bench) {
            int width = x[0].length;
            Tensor out = bench.output(x.length, width);
            bench.ops().shift(out, bench.input(x, width), distance, PLACES.batch(bench, 0, x.length));
            agree(x, bench.floats(out), distance, name);
            bench.assertUntouched();
        }
    }

    private static void agree(float[][] x, float[][] found, int distance, String name) {
        for (int t = 0; t < x.length; t++) {
            float[] expected = new float[x[t].length];
            for (int u = 0; u < x.length; u++) {
                if (PLACES.sequences()[u] == PLACES.sequences()[t]
                        && PLACES.positions()[u] == PLACES.positions()[t] + distance) {
                    expected = x[u];
                }
            }
            int i = RowChecks.mismatch(expected, found[t]);
            if (i >= 0) {
                throw new AssertionError(name + ": row " + t + ", element " + i + ": expected " + expected[i]
                        + ", found " + found[t][i]);
            }
        }
    }
}
