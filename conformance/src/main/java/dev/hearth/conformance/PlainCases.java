package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.Gating;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Groups;
import dev.hearth.spi.RoutingSpec.Rank;
import dev.hearth.spi.RoutingSpec.Scoring;
import java.util.ArrayList;
import java.util.List;

/** Cases of the operations on activations alone. */
final class PlainCases {
    static final int[] WIDTHS = {1, 7, 8, 9, 15, 16, 31, 33, 48, 100, 256, 1056};
    static final int[] TOKENS = {1, 2, 8, 9, 16, 17, 33};

    private PlainCases() {}

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        switch (operation) {
            case NORM -> norm(cases);
            case ADD -> add(cases);
            case MULTIPLY -> multiply(cases);
            case ROTATE -> rotate(cases);
            case GATE -> gate(cases);
            case ROUTE -> route(cases);
            case SOFTCAP -> softcap(cases);
            case GATHER -> gather(cases);
            default -> throw new IllegalArgumentException("not plain: " + operation);
        }
        return cases;
    }

    private static void norm(List<RowCase> cases) {
        Draw draw = new Draw(201);
        int next = 0;
        for (int size : WIDTHS) {
            for (NormCase.Form form : NormCase.Form.values()) {
                int groups = size > 256 ? 1 : 1 + next % 3;
                cases.add(NormCase.random(form, TOKENS[next++ % TOKENS.length], groups, size, draw));
            }
        }
        for (NormCase.Form form : NormCase.Form.values()) {
            float[][] x = draw.extremeRows(34);
            cases.add(new NormCase(form, x, draw.rows(x.length, 34, 1), draw.normals(17, 1), 1e-6f));
            cases.add(new NormCase(form, x, draw.extremeRows(34), draw.normals(34, 1), 0));
        }
    }

    private static void add(List<RowCase> cases) {
        Draw draw = new Draw(202);
        for (int i = 0; i < WIDTHS.length; i++) {
            int tokens = TOKENS[i % TOKENS.length];
            cases.add(new PlainCase.Add(draw.rows(tokens, WIDTHS[i], 1), draw.rows(tokens, WIDTHS[i], 100)));
        }
        cases.add(new PlainCase.Add(draw.extremeRows(19), draw.extremeRows(19)));
        float[][] all = new float[2 * Draw.EXTREMES.length][];
        java.util.Arrays.fill(all, Draw.EXTREMES);
        cases.add(new PlainCase.Add(draw.extremeRows(Draw.EXTREMES.length), all));
    }

    private static void multiply(List<RowCase> cases) {
        Draw draw = new Draw(211);
        for (int i = 0; i < WIDTHS.length; i++) {
            int tokens = TOKENS[i % TOKENS.length];
            cases.add(new PlainCase.Multiply(draw.rows(tokens, WIDTHS[i], 1), draw.rows(tokens, WIDTHS[i], 100)));
        }
        cases.add(new PlainCase.Multiply(draw.extremeRows(19), draw.extremeRows(19)));
        float[][] all = new float[2 * Draw.EXTREMES.length][];
        java.util.Arrays.fill(all, Draw.EXTREMES);
        cases.add(new PlainCase.Multiply(draw.extremeRows(Draw.EXTREMES.length), all));
    }

    private static void rotate(List<RowCase> cases) {
        Draw draw = new Draw(203);
        int next = 0;
        for (int headDim : new int[] {8, 16, 24, 64, 80, 128}) {
            for (RopeSpec.Pairing pairing : RopeSpec.Pairing.values()) {
                for (int part : new int[] {1, 2}) { // all pairs of a head, then half as many
                    int heads = 1 << next % 4;
                    int tokens = TOKENS[next++ % TOKENS.length];
                    cases.add(RotateCase.random(pairing, tokens, heads, headDim, headDim / 2 / part, draw));
                }
            }
        }
        for (RopeSpec.Pairing pairing : RopeSpec.Pairing.values()) {
            cases.add(RotateCase.random(pairing, 33, 3, 7, 3, draw)); // an odd head, its last element without a pair
            cases.add(RotateCase.random(pairing, 9, 2, 6, 1, draw));
            float[][] x = draw.extremeRows(24);
            int[] positions = new int[x.length];
            java.util.Arrays.setAll(positions, i -> i * 37);
            float[] frequencies = {1, 0.3f, 1e-3f, 0};
            cases.add(new RotateCase(x, positions, new RopeSpec(12, frequencies, 1.25f, pairing)));
        }
    }

    private static void gate(List<RowCase> cases) {
        Draw draw = new Draw(204);
        for (Activation activation : Activation.values()) {
            for (int i = 0; i < WIDTHS.length; i++) {
                int tokens = TOKENS[i % TOKENS.length];
                float[][] gate = draw.rows(tokens, WIDTHS[i], 3);
                float[][] up = draw.rows(tokens, WIDTHS[i], 1);
                cases.add(i % 2 == 0 ? GateCase.apart(activation, gate, up) : GateCase.inPlace(activation, gate, up));
            }
            cases.add(GateCase.apart(activation, draw.extremeRows(17), draw.rows(44, 17, 1)));
            cases.add(GateCase.inPlace(activation, draw.rows(44, 17, 1), draw.extremeRows(17)));
            cases.add(GateCase.apart(activation, sweep(), ones(40, 128)));
        }
        for (int i = 0; i < WIDTHS.length; i++) {
            int tokens = TOKENS[i % TOKENS.length];
            cases.add(new ClampedGateCase(
                    new Gating.Clamped(1.702f, 7 - i % 3 * 3),
                    draw.rows(tokens, WIDTHS[i], 4),
                    draw.rows(tokens, WIDTHS[i], 4)));
        }
        var clamped = new Gating.Clamped(1.25f, 6.5f);
        cases.add(new ClampedGateCase(clamped, draw.extremeRows(17), draw.rows(44, 17, 1)));
        cases.add(new ClampedGateCase(clamped, draw.rows(44, 17, 1), draw.extremeRows(17)));
        cases.add(new ClampedGateCase(new Gating.Clamped(1.702f, 200), sweep(), ones(40, 128)));
    }

    /** Closely from -128 to 127, which meets every exponent that exp can give. */
    static float[][] sweep() {
        float[][] x = new float[40][128];
        for (int i = 0; i < 40 * 128; i++) {
            x[i / 128][i % 128] = -128 + i * 0.049837f;
        }
        return x;
    }

    private static float[][] ones(int rows, int width) {
        float[][] x = new float[rows][width];
        for (float[] row : x) {
            java.util.Arrays.fill(row, 1);
        }
        return x;
    }

    private static void route(List<RowCase> cases) {
        Draw draw = new Draw(205);
        int[] experts = {1, 2, 7, 8, 31, 64, 100, 128};
        for (int i = 0; i < experts.length; i++) {
            int count = Math.min(experts[i], 1 + i);
            cases.add(RouteCase.random(TOKENS[i % 7], experts[i], new RoutingSpec(count, false), draw));
            cases.add(RouteCase.random(TOKENS[(i + 1) % 7], experts[i], new RoutingSpec(count, true), draw));
        }
        cases.add(RouteCase.random(9, 6, new RoutingSpec(6, true), draw)); // all of them
        cases.add(new RouteCase("equal ", ones(3, 17), null, new RoutingSpec(5, true)));
        cases.add(new RouteCase("normal ", draw.rows(33, 60, 2), null, new RoutingSpec(4, true)));
        cases.add(new RouteCase("extremes ", draw.extremeRows(9), null, new RoutingSpec(4, true)));
        cases.add(new RouteCase("far apart ", draw.rows(17, 12, 200), null, new RoutingSpec(5, false)));
        for (Scoring scoring : Scoring.values()) {
            for (int size : new int[] {8, 24, 60, 128}) {
                var plain = new RoutingSpec(3, true).withScoring(scoring);
                cases.add(RouteCase.random(9, size, plain.withScale(2.5f), draw));
                var groups = plain.withGroups(new Groups(4, 2, Rank.BEST_TWO));
                cases.add(RouteCase.random(17, size, groups, draw).withBias(draw));
                cases.add(RouteCase.random(9, size, groups.notNormalised(), draw));
                var best = plain.withGroups(new Groups(2, 1, Rank.BEST)).normalisedWith(0.01f);
                cases.add(RouteCase.random(8, size, best, draw).withBias(draw));
            }
            var spec = new RoutingSpec(4, true).withScoring(scoring);
            cases.add(new RouteCase("extremes ", draw.extremeRows(9), draw.normals(9, 1), spec));
        }
    }

    private static void softcap(List<RowCase> cases) {
        Draw draw = new Draw(206);
        for (int i = 0; i < WIDTHS.length; i++) {
            cases.add(new PlainCase.Softcap(draw.rows(TOKENS[i % 7], WIDTHS[i], 40), i % 2 == 0 ? 30 : 50));
        }
        cases.add(new PlainCase.Softcap(draw.extremeRows(17), 30));
        cases.add(new PlainCase.Softcap(sweep(), 0.7f));
    }

    private static void gather(List<RowCase> cases) {
        Draw draw = new Draw(207);
        for (int i = 0; i < WIDTHS.length; i++) {
            int tokens = TOKENS[i % TOKENS.length];
            float[][] x = draw.rows(tokens, WIDTHS[i], 1);
            int[] indices = new int[TOKENS[(i + 2) % TOKENS.length]];
            java.util.Arrays.setAll(indices, k -> k == 0 ? tokens - 1 : draw.below(tokens));
            cases.add(new PlainCase.Gather(x, indices));
        }
        cases.add(new PlainCase.Gather(draw.extremeRows(5), draw.permutation(44)));
    }
}
