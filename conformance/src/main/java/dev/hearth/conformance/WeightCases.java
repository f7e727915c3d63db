package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.ExpertWeights.Share;
import dev.hearth.spi.Gating;
import dev.hearth.spi.Precision;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cases of the operations that read weights or make int8 of activations. */
final class WeightCases {
    /** Types a weight may have that the kit takes apart itself; they get every shape. */
    static final List<DType> TYPES =
            List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K);

    /** The others, whose numbers {@link QuantVectors} has; they get a few shapes. */
    static final List<DType> SAMPLED = Arrays.stream(DType.values())
            .filter(t -> t.isQuantised() && t != DType.A8_32 && t != DType.A8_256 && !TYPES.contains(t))
            .toList();

    private static final int[] TOKENS = {1, 2, 8, 9, 16, 17, 33};
    private static final int[] FLOAT_WIDTHS = {1, 7, 15, 16, 31, 33, 48, 100, 256, 1056};
    private static final int[] BLOCK_COUNTS = {1, 2, 3, 7, 8, 9, 17, 33};
    private static final int[] ROWS = {1, 2, 3, 5, 8, 15, 16, 17, 33, 49};

    private WeightCases() {}

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        switch (operation) {
            case EMBED -> embed(cases);
            case QUANTIZE -> quantize(cases);
            case LINEAR -> linear(cases);
            case EXPERTS -> experts(cases);
            default -> throw new IllegalArgumentException("no weights: " + operation);
        }
        return cases;
    }

    private static void embed(List<RowCase> cases) {
        Draw draw = new Draw(101);
        for (DType type : TYPES) {
            cases.add(EmbedCase.random(Matrix.random(type, 1, type.blockSize(), draw), 2, draw));
            int odd = type.isQuantised() ? 3 * type.blockSize() : 37;
            cases.add(EmbedCase.random(Matrix.random(type, 19, odd, draw), 33, draw));
            if (type.isQuantised()) {
                Matrix corners = Matrix.corners(type, type.blockSize());
                cases.add(new EmbedCase(corners, draw.permutation(corners.rows()), 1));
            }
        }
        for (DType type : SAMPLED) {
            cases.add(EmbedCase.random(Matrix.sampled(type, 19, 3 * type.blockSize(), draw), 7, draw));
        }
        float[][] extremes = draw.extremeRows(9);
        cases.add(new EmbedCase(Matrix.floats(extremes), draw.permutation(extremes.length), 1));
    }

    private static void quantize(List<RowCase> cases) {
        Draw draw = new Draw(102);
        for (DType type : List.of(DType.A8_32, DType.A8_256)) {
            int size = type.blockSize();
            for (int tokens : TOKENS) {
                cases.add(new QuantizeCase(type, "", draw.rows(tokens, size * draw.from(1, 5), 1)));
            }
            cases.add(QuantizeCase.ties(type, 2 * size, draw));
            cases.add(new QuantizeCase(type, "extremes ", draw.extremeRows(2 * size)));
            cases.add(new QuantizeCase(type, "scales ", scales(2 * size, draw)));
        }
        for (int i = 0; i < FLOAT_WIDTHS.length; i++) {
            cases.add(new BfloatCase.Round("", draw.rows(TOKENS[i % TOKENS.length], FLOAT_WIDTHS[i], 1)));
        }
        cases.add(BfloatCase.Round.ties(33, draw));
        cases.add(new BfloatCase.Round("extremes ", draw.extremeRows(9)));
        cases.add(new BfloatCase.Round("scales ", scales(17, draw)));
    }

    /** Rows over the whole range of F32. */
    private static float[][] scales(int width, Draw draw) {
        float[][] rows = new float[64][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = draw.normals(width, Math.scalb(1.0, -150 + r * 4));
        }
        return rows;
    }

    private static void linear(List<RowCase> cases) {
        Draw draw = new Draw(103);
        int next = 0;
        for (DType type : TYPES) {
            for (int i = 0; i < (type.isQuantised() ? 8 : 10); i++, next++) {
                int columns = type.isQuantised() ? blocks(type, i) * type.blockSize() : FLOAT_WIDTHS[i];
                int rows = ROWS[(next + i) % ROWS.length];
                cases.add(LinearCase.random(type, TOKENS[next % TOKENS.length], columns, rows, draw));
                if (type.isQuantised()) {
                    int tokens = TOKENS[(next + 3) % TOKENS.length];
                    cases.add(RoundedLinearCase.random(type, tokens, columns, rows, draw));
                }
            }
            cases.add(LinearCase.random(type, 33, 4 * type.blockSize() + (type.isQuantised() ? 0 : 29), 37, draw));
            if (type.isQuantised()) {
                cases.add(RoundedLinearCase.random(type, 33, 5 * type.blockSize(), 37, draw));
                for (int tokens = 3; tokens <= 7; tokens++) { // few enough to be counted out
                    cases.add(RoundedLinearCase.random(type, tokens, 3 * type.blockSize(), 43, draw));
                }
                cases.add(RoundedLinearCase.corners(type, 3 * type.blockSize()));
                float[][] x = draw.extremeRows(2 * type.blockSize());
                cases.add(new LinearCase("extremes ", x, Matrix.corners(type, 2 * type.blockSize()), null));
            } else {
                float[][] x = draw.extremeRows(21);
                cases.add(new LinearCase("extremes ", x, Matrix.random(type, 5, 21, draw), null));
            }
        }
        SAMPLED.forEach(type -> sampled(type, cases, draw));
        bfloats(cases, draw);
        float[][] weights = draw.extremeRows(17);
        cases.add(new LinearCase("extreme weights ", draw.rows(9, 17, 1), Matrix.floats(weights), null));
        float[] bias = Arrays.copyOf(Draw.EXTREMES, Draw.EXTREMES.length);
        float[][] plain = draw.rows(bias.length, 16, 1);
        cases.add(new LinearCase("extreme ", draw.rows(3, 16, 1), Matrix.floats(plain), bias));
    }

    private static void bfloats(List<RowCase> cases, Draw draw) {
        for (int i = 0; i < FLOAT_WIDTHS.length; i++) {
            int tokens = TOKENS[i % TOKENS.length];
            cases.add(BfloatCase.Linear.random(tokens, FLOAT_WIDTHS[i], ROWS[i], draw));
            cases.add(BfloatCase.Linear.random(3 + i, 64, 43, draw));
        }
        cases.add(BfloatCase.Linear.tiny(9, 70, draw));
        cases.add(BfloatCase.Linear.tiny(2, 32, draw));
        cases.add(BfloatCase.Linear.extreme(21, draw));
    }

    private static void sampled(DType type, List<RowCase> cases, Draw draw) {
        int width = type.blockSize();
        for (int tokens : new int[] {1, 5, 17}) {
            Matrix weight = Matrix.sampled(type, 3 + tokens, width * draw.from(1, 9), draw);
            cases.add(new LinearCase("", draw.rows(tokens, weight.columns(), 1), weight, null));
            DType activation = Precision.FAST.activation(type);
            if (activation.isQuantised()) {
                Rounded[] x = new Rounded[tokens];
                Arrays.setAll(x, t -> Rounded.random(activation, weight.columns(), draw));
                cases.add(new RoundedLinearCase("", x, weight));
            }
        }
    }

    private static int blocks(DType type, int i) {
        return type.blockSize() == 256 ? Math.min(BLOCK_COUNTS[i], 10) : BLOCK_COUNTS[i];
    }

    private static void experts(List<RowCase> cases) {
        Draw draw = new Draw(104);
        ExpertsCase.Types f32 = types(DType.F32, DType.F32, DType.F32);
        cases.add(experts(new ExpertsCase.Sizes(1, 7, 5, 1, 1, 1), f32, Precision.EXACT, draw));
        cases.add(experts(new ExpertsCase.Sizes(17, 48, 33, 6, 4, 3), f32, Precision.EXACT, draw));
        cases.add(experts(new ExpertsCase.Sizes(33, 31, 16, 40, 40, 8), f32, Precision.FAST, draw));
        ExpertsCase.Types half = types(DType.F16, DType.BF16, DType.F16);
        cases.add(experts(new ExpertsCase.Sizes(9, 40, 17, 5, 5, 5), half, Precision.EXACT, draw));
        for (Precision precision : Precision.values()) {
            var clamped = new Gating.Clamped(1.702f, 3);
            var silu = new Gating.Activated(Activation.SILU);
            var odd = new ExpertsCase.Sizes(9, 31, 23, 5, 4, 2);
            var even = new ExpertsCase.Sizes(17, 64, 32, 3, 3, 2);
            var q8 = types(DType.Q8_0, DType.Q8_0, DType.Q8_0);
            cases.add(new ExpertsCase(odd, half, clamped, Share.OF_OUTPUT, 0.5, precision, draw));
            cases.add(new ExpertsCase(odd, f32, silu, Share.OF_INPUT, 0, precision, draw));
            cases.add(new ExpertsCase(even, q8, clamped, Share.OF_INPUT, 1, precision, draw));
            var ungated = new Gating.Ungated(Activation.RELU_SQUARED);
            cases.add(new ExpertsCase(odd, half, ungated, Share.OF_OUTPUT, 0, precision, draw));
            cases.add(new ExpertsCase(even, q8, ungated, Share.OF_OUTPUT, 0.5, precision, draw));
            for (DType type : List.of(DType.Q8_0, DType.Q4_0)) {
                var sizes = new ExpertsCase.Sizes(17, 96, 64, 5, 4, 2);
                cases.add(experts(sizes, types(type, type, type), precision, draw));
            }
            var sizes = new ExpertsCase.Sizes(9, 256, 256, 4, 3, 2);
            cases.add(experts(sizes, types(DType.Q4_K, DType.Q4_K, DType.Q6_K), precision, draw));
            cases.add(experts(sizes, types(DType.Q4_K, DType.Q8_0, DType.Q6_K), precision, draw));
            cases.add(experts(sizes, types(DType.F16, DType.Q6_K, DType.Q4_0), precision, draw));
        }
    }

    private static ExpertsCase experts(
            ExpertsCase.Sizes sizes, ExpertsCase.Types types, Precision precision, Draw draw) {
        Activation activation = sizes.tokens() % 2 == 0 ? Activation.GELU_TANH : draw.oneOf(Activation.values());
        return new ExpertsCase(sizes, types, activation, precision, draw);
    }

    private static ExpertsCase.Types types(DType gate, DType up, DType down) {
        return new ExpertsCase.Types(gate, up, down);
    }
}
