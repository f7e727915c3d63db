package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import java.util.ArrayList;
import java.util.List;

/** Cases of layer norms, and of what happens to each number of a row on its own. */
final class LayerNormCases {
    private static final int[] WIDTHS = PlainCases.WIDTHS;
    private static final int[] TOKENS = PlainCases.TOKENS;

    private LayerNormCases() {}

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        switch (operation) {
            case LAYER_NORM -> layerNorm(cases);
            case SCALE -> scale(cases);
            case ACTIVATE -> activate(cases);
            default -> throw new IllegalArgumentException("not here: " + operation);
        }
        return cases;
    }

    private static void layerNorm(List<RowCase> cases) {
        Draw draw = new Draw(208);
        int next = 0;
        for (int size : WIDTHS) {
            for (LayerNormCase.Form form : LayerNormCase.Form.values()) {
                int groups = size > 256 ? 1 : 1 + next % 3;
                cases.add(LayerNormCase.random(form, TOKENS[next++ % TOKENS.length], groups, size, draw));
            }
        }
        for (LayerNormCase.Form form : LayerNormCase.Form.values()) {
            float[][] x = draw.extremeRows(34);
            var short17 = new LayerNormCase.Vectors(draw.normals(17, 1), draw.normals(17, 1));
            cases.add(new LayerNormCase(form, x, draw.rows(x.length, 34, 1), short17, 1e-6f));
            var whole = new LayerNormCase.Vectors(draw.normals(34, 1), null);
            cases.add(new LayerNormCase(form, x, draw.extremeRows(34), whole, 0));
            float[][] away = draw.rows(9, 96, 1); // a mean far above the spread
            for (float[] row : away) {
                for (int i = 0; i < row.length; i++) {
                    row[i] += 100;
                }
            }
            var third = new LayerNormCase.Vectors(draw.normals(32, 1), draw.normals(32, 1));
            cases.add(new LayerNormCase(form, away, draw.rows(9, 96, 1), third, 1e-5f));
        }
    }

    private static void scale(List<RowCase> cases) {
        Draw draw = new Draw(209);
        for (int i = 0; i < WIDTHS.length; i++) {
            cases.add(new ElementCase.Scale(draw.rows(TOKENS[i % 7], WIDTHS[i], 40), i % 2 == 0 ? 0.22f : -12));
        }
        for (int i = 0; i < WIDTHS.length; i++) {
            cases.add(
                    new ElementCase.ScaleColumns(draw.rows(TOKENS[i % 7], WIDTHS[i], 40), draw.normals(WIDTHS[i], 2)));
        }
        cases.add(new ElementCase.ScaleColumns(draw.extremeRows(17), draw.normals(17, 1)));
        cases.add(new ElementCase.Scale(draw.extremeRows(17), 0.3f));
        cases.add(new ElementCase.Scale(draw.extremeRows(17), 0));
    }

    private static void activate(List<RowCase> cases) {
        Draw draw = new Draw(210);
        for (Activation activation : Activation.values()) {
            for (int i = 0; i < WIDTHS.length; i++) {
                cases.add(new ElementCase.Activate(activation, draw.rows(TOKENS[i % 7], WIDTHS[i], 3)));
            }
            cases.add(new ElementCase.Activate(activation, draw.extremeRows(17)));
            cases.add(new ElementCase.Activate(activation, PlainCases.sweep()));
        }
    }
}
