package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks and the floats that gguf-py 0.19.0 makes of them, which neither the specification nor this kit computed: random blocks
 * (any bits, finite scales), and ordinary values that gguf-py quantised.
 */
final class QuantVectors {
    private static final String RESOURCE = "quant-vectors.safetensors";

    private QuantVectors() {}

    /** A check for each set: a table of those blocks, every row looked up, gives those floats to the bit. */
    static List<Check> checks(Session session) {
        List<Check> checks = new ArrayList<>();
        TensorFile file = load();
        for (DType type : DType.values()) {
            if (file.has(type + ".random_blocks")) {
                checks.add(check(session, file, type, "random_blocks", "random_dequantized"));
            }
        }
        checks.add(check(session, file, DType.Q8_0, "quantized", "dequantized"));
        checks.add(check(session, file, DType.Q4_0, "quantized", "dequantized"));
        return checks;
    }

    static TensorFile load() {
        try (InputStream in = QuantVectors.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the kit lacks its resource " + RESOURCE);
            }
            return TensorFile.parse(RESOURCE, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Check check(Session session, TensorFile file, DType type, String blocks, String floats) {
        float[][] expected = file.rows(type + "." + floats);
        double[][] unused = new double[expected.length][expected[0].length];
        Matrix table =
                new Matrix(type, expected.length, expected[0].length, file.bytes(type + "." + blocks), unused, unused);
        return new Check(
                Operation.EMBED,
                "gguf-py's " + type + " " + blocks,
                List.of(type),
                () -> compare(session, table, expected));
    }

    private static void compare(Session session, Matrix table, float[][] expected) {
        int[] ids = new int[table.rows()];
        java.util.Arrays.setAll(ids, i -> i);
        try (Bench bench = session.bench(Bench.Layout.DENSE)) {
            float[][] found = new EmbedCase(table, ids, 1).run(bench, 0, ids.length);
            for (int r = 0; r < found.length; r++) {
                for (int i = 0; i < found[r].length; i++) {
                    if (found[r][i] != expected[r][i]) { // by value: gguf-py's zeros may have either sign
                        throw new AssertionError("embed: " + table.type() + " block " + r + ", element " + i
                                + ": gguf-py gives " + expected[r][i] + ", found " + found[r][i]);
                    }
                }
            }
        }
    }
}
