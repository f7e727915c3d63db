package dev.hearth.conformance;

import dev.hearth.conformance.TokenModel.Part;
import dev.hearth.format.Loading;
import dev.hearth.model.ModelSource;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** What a whole model must do on a device. Each method throws an AssertionError. */
final class ModelChecks {
    private static final int[] CHUNKS = {1, 2, 8, 9, 16, 17};
    private static final double FAST_TOLERANCE = 1e-4;
    private static final Set<DType> ACTIVATIONS = Set.of(DType.F32, DType.BF16, DType.A8_32, DType.A8_256);

    private final OracleFiles oracle;
    private final TokenModel.Loader loader;
    private final Precision precision;

    ModelChecks(OracleFiles oracle, TokenModel.Loader loader, Precision precision) {
        this.oracle = oracle;
        this.loader = loader;
        this.precision = precision;
    }

    /** Logits of every position as the other implementation has them. */
    void agreesWithOracle(Device device) {
        try (TokenModel model = load(device)) {
            for (OracleFiles.Case c : oracle.cases()) {
                assertWithin(oracle.tolerance(), "oracle", c.logits(), alone(model, c.ids(), c.ids().length));
            }
        }
    }

    /** The tokens chosen one after the other, but where the two greatest logits are nearer than two tolerances. */
    void choosesGreedyTokens(Device device) {
        try (TokenModel model = load(device)) {
            for (OracleFiles.Case c : oracle.cases()) {
                List<List<Part>> steps = new ArrayList<>(List.of(List.of(new Part(0, c.prompt().length))));
                for (int i = 0; i < c.greedy().length; i++) {
                    steps.add(List.of(new Part(0, 1)));
                }
                float[][] logits = model.logits(List.of(c.ids()), steps)[0];
                for (int i = 0; i < c.greedy().length; i++) {
                    int position = c.prompt().length - 1 + i;
                    int chosen = greatest(logits[position]);
                    float[] expected = c.logits()[position];
                    if (chosen != c.greedy()[i]
                            && expected[c.greedy()[i]] - expected[chosen] > 2 * oracle.tolerance()) {
                        throw new AssertionError(what("token " + i + " after the prompt: expected " + c.greedy()[i]
                                + ", found " + chosen + ", whose logit is lower by "
                                + (expected[c.greedy()[i]] - expected[chosen])));
                    }
                }
            }
        }
    }

    /** The same bits in every chunking. */
    void chunksAgree(Device device) {
        try (TokenModel model = load(device)) {
            for (OracleFiles.Case c : oracle.cases()) {
                float[][] whole = alone(model, c.ids(), c.ids().length);
                for (int size : CHUNKS) {
                    assertSame("in chunks of " + size, whole, alone(model, c.ids(), size));
                }
            }
        }
    }

    /** The same bits for three sequences in one step, and in steps that mix prompts and single tokens, as for each alone. */
    void raggedStepsAgree(Device device) {
        List<int[]> sequences = new ArrayList<>();
        oracle.cases().forEach(c -> sequences.add(c.ids()));
        int[] first = sequences.getFirst();
        while (sequences.size() < 3) {
            sequences.add(Arrays.copyOfRange(first, 3 + sequences.size(), first.length));
        }
        try (TokenModel model = load(device)) {
            float[][][] alone = new float[sequences.size()][][];
            List<Part> atOnce = new ArrayList<>();
            for (int s = 0; s < alone.length; s++) {
                alone[s] = alone(model, sequences.get(s), sequences.get(s).length);
                atOnce.add(new Part(s, sequences.get(s).length));
            }
            assertSame("all in one step", alone, model.logits(sequences, List.of(atOnce)));
            for (long seed = 1; seed <= 3; seed++) {
                List<List<Part>> steps = mixed(sequences, new Draw(seed));
                assertSame("in mixed steps of seed " + seed, alone, model.logits(sequences, steps));
            }
        }
    }

    /**
     * As the specification has it, to the bit, or as near as what rounding activations makes in its own logits: sums that differ in their last
     * bits let some activations be rounded to the next number, further by twice as much as rounding may take them.
     *
     * @param exactness of products, by the type of their activations
     */
    void agreesWithSpecification(SpecifiedLogits specified, Device device, Function<DType, Exactness> exactness) {
        List<float[][]> expected = specified.of(this, oracle, precision);
        List<float[][]> found = logits(device);
        if (leastOf(exactness) instanceof Exactness.Bits) {
            for (int i = 0; i < expected.size(); i++) {
                assertSame("specification", expected.get(i), found.get(i));
            }
            return;
        }
        List<float[][]> unrounded =
                specified.of(new ModelChecks(oracle, loader, Precision.EXACT), oracle, Precision.EXACT);
        for (int i = 0; i < expected.size(); i++) {
            double rounding = greatestDifference(expected.get(i), unrounded.get(i));
            assertWithin(
                    FAST_TOLERANCE + oracle.tolerance() + rounding, "specification", expected.get(i), found.get(i));
        }
    }

    /** The least that is claimed for products with the model's weights, whose types matter only where claims differ. */
    private Exactness leastOf(Function<DType, Exactness> exactness) {
        if (ACTIVATIONS.stream().map(exactness).distinct().count() == 1) {
            return exactness.apply(DType.F32);
        }
        try (ModelSource source = ModelSource.open(oracle.model(), Loading.MAPPED)) {
            return source.catalog().entries().stream()
                    .flatMap(entry -> entry.type().stream())
                    .filter(type -> type != DType.I32)
                    .map(precision::activation)
                    .map(exactness)
                    .reduce(Exactness.BITS, Exactness::lesser);
        }
    }

    private static double greatestDifference(float[][] a, float[][] b) {
        double greatest = 0;
        for (int t = 0; t < a.length; t++) {
            for (int i = 0; i < a[t].length; i++) {
                greatest = Math.max(greatest, Math.abs((double) a[t][i] - b[t][i]));
            }
        }
        return greatest;
    }

    /** The same bits as with other threads. */
    void agreesWith(Device other, Device device, String against) {
        List<float[][]> expected = logits(other);
        List<float[][]> found = logits(device);
        for (int i = 0; i < expected.size(); i++) {
            assertSame(against, expected.get(i), found.get(i));
        }
    }

    /** Logits of every case, each in one step: [case][position][vocabulary]. */
    List<float[][]> logits(Device device) {
        try (TokenModel model = load(device)) {
            return oracle.cases().stream()
                    .map(c -> alone(model, c.ids(), c.ids().length))
                    .toList();
        }
    }

    private TokenModel load(Device device) {
        return loader.load(device, oracle.model(), precision);
    }

    private static float[][] alone(TokenModel model, int[] ids, int chunk) {
        List<List<Part>> steps = new ArrayList<>();
        for (int from = 0; from < ids.length; from += chunk) {
            steps.add(List.of(new Part(0, Math.min(chunk, ids.length - from))));
        }
        return model.logits(List.of(ids), steps)[0];
    }

    /** Steps of some sequences each, in any order, of few tokens or of many. */
    private static List<List<Part>> mixed(List<int[]> sequences, Draw draw) {
        int[] left = sequences.stream().mapToInt(s -> s.length).toArray();
        List<List<Part>> steps = new ArrayList<>();
        while (Arrays.stream(left).sum() > 0) {
            List<Part> step = new ArrayList<>();
            for (int s : draw.permutation(left.length)) {
                int count = Math.min(left[s], draw.below(3) == 0 ? draw.from(2, 20) : draw.from(0, 1));
                if (count > 0) {
                    step.add(new Part(s, count));
                    left[s] -= count;
                }
            }
            if (!step.isEmpty()) {
                steps.add(step);
            }
        }
        return steps;
    }

    private static int greatest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (!(logits[i] <= logits[best])) { // a NaN wins, and is never expected
                best = i;
            }
        }
        return best;
    }

    private void assertWithin(double tolerance, String against, float[][] expected, float[][] found) {
        assertShape(against, expected, found);
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                if (!(Math.abs((double) expected[t][i] - found[t][i]) <= tolerance)) {
                    throw new AssertionError(what(against + ": position " + t + ", logit " + i + ": expected "
                            + expected[t][i] + " within " + tolerance + ", found " + found[t][i]));
                }
            }
        }
    }

    private void assertSame(String against, float[][][] expected, float[][][] found) {
        for (int s = 0; s < expected.length; s++) {
            assertSame(against + ", sequence " + s, expected[s], found[s]);
        }
    }

    private void assertSame(String against, float[][] expected, float[][] found) {
        assertShape(against, expected, found);
        for (int t = 0; t < expected.length; t++) {
            int i = RowChecks.mismatch(expected[t], found[t]);
            if (i >= 0) {
                throw new AssertionError(what(against + ": position " + t + ", logit " + i + ": expected "
                        + expected[t][i] + ", found " + found[t][i] + ", which must be the same bits"));
            }
        }
    }

    private void assertShape(String against, float[][] expected, float[][] found) {
        if (found.length != expected.length || found[0].length != expected[0].length) {
            throw new AssertionError(what(against + ": expected [" + expected.length + ", " + expected[0].length
                    + "] logits, found [" + found.length + ", " + found[0].length + "]"));
        }
    }

    private String what(String rest) {
        return oracle.name() + " " + precision + ": " + rest;
    }
}
