package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.ExpertWeights.Biases;
import dev.hearth.spi.Gating;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/** Calls of experts that must be refused: three experts [4, 8] and one thing wrong. */
final class ExpertMisfits {
    private final Misfits misfits;

    ExpertMisfits(Misfits misfits) {
        this.misfits = misfits;
    }

    void add() {
        choice("an expert of -1", b -> b.input(new int[][] {{0, -1}}, 2));
        choice("an expert beyond the last", b -> b.input(new int[][] {{0, 3}}, 2));
        choice("one expert twice for a token", b -> b.input(new int[][] {{1, 1}}, 2));
        choice("another number of choices", b -> b.input(new int[][] {{0, 1, 2}}, 3));
        choice("choices for more tokens", b -> b.input(new int[][] {{0, 1}, {0, 1}}, 2));
        choice("choices as F32", b -> b.input(new float[1][2], 2));
        misfits.refuse("F16 shares", b -> run(b, Misfits.half(b, 1, 2), good(b)));
        misfits.refuse(
                "a result of another width",
                b -> b.ops()
                        .experts(
                                b.output(1, 9), Misfits.ones(b, 1, 8), chosen(b), shares(b), good(b), Precision.EXACT));
        weights("fewer ups than gates", b -> of(list(b, 3, 4, 8), list(b, 2, 4, 8), list(b, 3, 8, 4)));
        weights("fewer downs than gates", b -> of(list(b, 3, 4, 8), list(b, 3, 4, 8), list(b, 2, 8, 4)));
        weights("ups of another size", b -> of(list(b, 3, 4, 8), list(b, 3, 5, 8), list(b, 3, 8, 4)));
        weights("downs that don't fit the ups", b -> of(list(b, 3, 4, 8), list(b, 3, 4, 8), list(b, 3, 8, 5)));
        weights("downs of another width", b -> of(list(b, 3, 4, 8), list(b, 3, 4, 8), list(b, 3, 7, 4)));
        weights("gates of another width", b -> of(list(b, 3, 4, 7), list(b, 3, 4, 8), list(b, 3, 8, 4)));
        weights("gates that nothing uses", b -> good(b).withGating(new Gating.Ungated(Activation.SILU)));
        weights(
                "no gates where they are used",
                b -> ExpertWeights.ungated(list(b, 3, 4, 8), list(b, 3, 8, 4), Activation.SILU)
                        .withGating(new Gating.Activated(Activation.SILU)));
        weights("no experts", b -> of(List.of(), List.of(), List.of()));
        weights("biases for fewer experts", b -> good(b).withBiases(gates(vectors(b, 2, 4))));
        weights("biases of another size", b -> good(b).withBiases(gates(vectors(b, 3, 5))));
        weights("F16 biases", b -> good(b).withBiases(gates(List.of(half(b), half(b), half(b)))));
        weights("a foreign weight", b -> {
            Weight foreign = Misfits.foreign(4, 8);
            return of(List.of(foreign, foreign, foreign), list(b, 3, 4, 8), list(b, 3, 8, 4));
        });
    }

    private void choice(String what, Function<Bench, Tensor> chosen) {
        misfits.refuse(
                what,
                b -> b.ops()
                        .experts(
                                b.output(1, 8),
                                Misfits.ones(b, 1, 8),
                                chosen.apply(b),
                                shares(b),
                                good(b),
                                Precision.EXACT));
    }

    private void weights(String what, Function<Bench, ExpertWeights> weights) {
        misfits.refuse(what, b -> run(b, shares(b), weights.apply(b)));
    }

    private static void run(Bench b, Tensor shares, ExpertWeights weights) {
        b.ops().experts(b.output(1, 8), Misfits.ones(b, 1, 8), chosen(b), shares, weights, Precision.EXACT);
    }

    private static Biases gates(List<Weight> gate) {
        return new Biases(gate, List.of(), List.of());
    }

    private static List<Weight> vectors(Bench b, int count, int size) {
        return java.util.Collections.nCopies(count, b.vector(new float[size]));
    }

    private static Weight half(Bench b) {
        return b.weight(Matrix.random(DType.F16, 1, 4, new Draw(1)));
    }

    private static Tensor chosen(Bench b) {
        return b.input(new int[][] {{2, 0}}, 2);
    }

    private static Tensor shares(Bench b) {
        return b.input(new float[][] {{0.5f, 0.5f}}, 2);
    }

    private static ExpertWeights good(Bench b) {
        return of(list(b, 3, 4, 8), list(b, 3, 4, 8), list(b, 3, 8, 4));
    }

    private static ExpertWeights of(List<Weight> gate, List<Weight> up, List<Weight> down) {
        return new ExpertWeights(gate, up, down, Activation.SILU);
    }

    private static List<Weight> list(Bench b, int count, int rows, int columns) {
        Weight[] weights = new Weight[count];
        for (int i = 0; i < count; i++) {
            weights[i] = b.weight(Matrix.random(DType.F32, rows, columns, new Draw(i)));
        }
        return List.of(weights);
    }
}
