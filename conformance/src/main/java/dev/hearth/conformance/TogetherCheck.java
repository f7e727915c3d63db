package dev.hearth.conformance;

import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Product;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Products of one input that are made together: those that are made one by one, to the bit. */
final class TogetherCheck {
    private static final int[][] ROWS = {{1}, {16, 16}, {40, 7, 1}, {5, 129, 33}};
    private static final int COLUMNS = 512;

    private TogetherCheck() {}

    static List<Check> of(Session session) {
        List<Check> checks = new ArrayList<>();
        List<List<DType>> types = List.of(
                List.of(DType.F32, DType.BF16, DType.F16),
                List.of(DType.Q8_0, DType.Q4_0, DType.Q8_0),
                List.of(DType.Q4_K, DType.Q6_K, DType.Q4_K));
        for (int[] rows : ROWS) {
            for (int tokens : new int[] {1, 3, 17}) {
                for (List<DType> of : types) {
                    String name = tokens + " tokens by " + of + " with " + Arrays.toString(rows) + " rows together";
                    checks.add(new Check(Operation.LINEAR, name, of, () -> run(session, rows, tokens, of, name)));
                }
            }
        }
        return checks;
    }

    private static void run(Session session, int[] rows, int tokens, List<DType> types, String name) {
        for (Bench.Layout layout : Bench.Layout.values()) {
            agree(session.bench(layout), rows, tokens, types, name);
        }
        for (int threads : session.otherThreadCounts()) {
            agree(session.bench(threads, Bench.Layout.DENSE), rows, tokens, types, name);
        }
    }

    private static void agree(Bench bench, int[] rows, int tokens, List<DType> types, String name) {
        try (bench) {
            Draw draw = new Draw(305);
            DType form = Precision.FAST.activation(types.getFirst());
            Tensor x = form == DType.F32
                    ? bench.input(draw.rows(tokens, COLUMNS, 1), COLUMNS)
                    : bench.input(form, codes(form, tokens, draw), COLUMNS);
            List<Product> products = new ArrayList<>();
            List<Tensor> outs = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                Epilogue epilogue = i % 2 == 0 ? Epilogue.NONE : new Epilogue(bench.vector(draw.normals(rows[i], 1)));
                products.add(new Product(bench.weight(Matrix.random(types.get(i), rows[i], COLUMNS, draw)), epilogue));
                outs.add(bench.output(tokens, rows[i]));
            }
            bench.ops().linear(outs, x, products);
            for (int i = 0; i < rows.length; i++) {
                Tensor alone = bench.output(tokens, rows[i]);
                bench.ops()
                        .linear(
                                alone,
                                x,
                                products.get(i).weight(),
                                products.get(i).epilogue());
                float[][] expected = bench.floats(alone);
                float[][] found = bench.floats(outs.get(i));
                for (int t = 0; t < tokens; t++) {
                    if (RowChecks.mismatch(expected[t], found[t]) >= 0) {
                        throw new AssertionError(name + ": product " + i + ", token " + t + " differs from its own");
                    }
                }
            }
            bench.assertUntouched();
        }
    }

    private static byte[][] codes(DType form, int tokens, Draw draw) {
        byte[][] rows = new byte[tokens][];
        for (int t = 0; t < tokens; t++) {
            rows[t] = Rounded.of(form, draw.normals(COLUMNS, 1)).bytes();
        }
        return rows;
    }
}
