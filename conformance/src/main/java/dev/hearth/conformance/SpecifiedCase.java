package dev.hearth.conformance;

import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A case and what its rows must be, computed when first asked for. For any thread. */
final class SpecifiedCase {
    private final RowCase rowCase;
    private float @Nullable [][] specified;
    private @Nullable List<Expected> expected;

    SpecifiedCase(RowCase rowCase) {
        this.rowCase = rowCase;
    }

    RowCase rowCase() {
        return rowCase;
    }

    /** The specification's rows; throws an AssertionError unless they are within the bounds of double precision. */
    synchronized float[][] specified() {
        if (specified == null) {
            float[][] rows = compute();
            for (int r = 0; r < rows.length; r++) {
                String what = rowCase.operation().methodName() + " " + rowCase.name() + ": specification: row " + r;
                rowCase.expected(r).assertAgrees(rows[r], 1, what);
            }
            specified = rows;
        }
        return specified;
    }

    private float[][] compute() {
        try (var device = new HostDevice("specification", ScalarKernels.ops());
                BenchMemory memory = new BenchMemory(device);
                Bench bench = new Bench(memory, Bench.Layout.DENSE)) {
            float[][] rows = rowCase.run(bench, 0, rowCase.rows());
            bench.assertUntouched();
            return rows;
        }
    }

    /** What double precision makes of each row. */
    synchronized List<Expected> expected() {
        if (expected == null) {
            List<Expected> rows = new ArrayList<>();
            for (int r = 0; r < rowCase.rows(); r++) {
                rows.add(rowCase.expected(r));
            }
            expected = rows;
        }
        return expected;
    }
}
