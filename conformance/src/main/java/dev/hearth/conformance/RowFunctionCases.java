package dev.hearth.conformance;

import dev.hearth.spi.RowFunction;
import java.util.ArrayList;
import java.util.List;

/** Cases of functions of whole rows and of mixtures of their streams. */
final class RowFunctionCases {
    private static final int[] WIDTHS = PlainCases.WIDTHS;
    private static final int[] TOKENS = PlainCases.TOKENS;
    private static final List<RowFunction> FUNCTIONS = List.of(
            new RowFunction.Clamp(0.75f),
            new RowFunction.Sparse(1.6448536f),
            new RowFunction.Sparse(-0.3f),
            new RowFunction.Int8(1e-5f),
            new RowFunction.Xielu(0.8f, 0.9f, 0.5f, -1e-6f),
            new RowFunction.Xielu(0.1f, 2.5f, -0.25f, -0.7f));

    private RowFunctionCases() {}

    static List<RowCase> of(Operation operation) {
        List<RowCase> cases = new ArrayList<>();
        switch (operation) {
            case MAP -> map(cases);
            case MIX -> mix(cases);
            case RESIZE -> resize(cases);
            case MAXIMA -> maxima(cases);
            default -> throw new IllegalArgumentException("not here: " + operation);
        }
        return cases;
    }

    /** One of the functions. */
    static RowFunction any(Draw draw) {
        return FUNCTIONS.get(draw.below(FUNCTIONS.size()));
    }

    private static void map(List<RowCase> cases) {
        Draw draw = new Draw(211);
        for (RowFunction function : FUNCTIONS) {
            for (int i = 0; i < WIDTHS.length; i++) {
                cases.add(new RowFunctionCase(function, draw.rows(TOKENS[i % 7], WIDTHS[i], 2)));
            }
            cases.add(new RowFunctionCase(function, draw.extremeRows(17)));
            cases.add(new RowFunctionCase(function, PlainCases.sweep()));
            cases.add(new RowFunctionCase(function, draw.rows(9, 48, 1e-4)));
        }
    }

    private static void mix(List<RowCase> cases) {
        Draw draw = new Draw(212);
        for (int i = 0; i < WIDTHS.length; i++) {
            cases.add(StreamCase.Mix.random(TOKENS[i % 7], 1 + i % 5, 1 + i * 3 % 5, WIDTHS[i], draw));
        }
        cases.add(new StreamCase.Mix(draw.extremeRows(18), draw.rows(44, 6, 1), 2));
        cases.add(new StreamCase.Mix(draw.rows(44, 18, 1), draw.extremeRows(6), 3));
    }

    private static void resize(List<RowCase> cases) {
        Draw draw = new Draw(213);
        for (int i = 0; i < WIDTHS.length; i++) {
            int tokens = TOKENS[i % 7];
            cases.add(new StreamCase.Resize(
                    draw.rows(tokens, WIDTHS[i], i % 3 == 0 ? 1e-4 : 3), draw.rows(tokens, WIDTHS[i], 1), 1e-5f));
        }
        cases.add(new StreamCase.Resize(draw.extremeRows(17), draw.rows(44, 17, 1), 1e-5f));
        cases.add(new StreamCase.Resize(draw.rows(44, 17, 1), draw.extremeRows(17), 1e-5f));
    }

    private static void maxima(List<RowCase> cases) {
        Draw draw = new Draw(214);
        for (int i = 0; i < WIDTHS.length; i++) {
            cases.add(new MaximaCase(draw.rows(TOKENS[i % 7], WIDTHS[i], 3), 1 + i * 37 % 128));
        }
        cases.add(new MaximaCase(draw.extremeRows(17), 5));
        cases.add(new MaximaCase(draw.extremeRows(17), 1));
        cases.add(new MaximaCase(draw.rows(2, 9000, 1), 128));
    }
}
