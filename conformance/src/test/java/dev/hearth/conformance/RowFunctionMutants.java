package dev.hearth.conformance;

import dev.hearth.spi.RowFunction;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Mutants of functions of whole rows and of mixtures of their streams. */
final class RowFunctionMutants {
    private RowFunctionMutants() {}

    static List<Mutant> all() {
        return List.of(
                map(
                        "twice the bound",
                        f -> f instanceof RowFunction.Clamp c ? new RowFunction.Clamp(2 * c.limit()) : f),
                map(
                        "another quantile",
                        f -> f instanceof RowFunction.Sparse s ? new RowFunction.Sparse(s.deviations() + 0.01f) : f),
                map("no least scale", f -> f instanceof RowFunction.Int8 ? new RowFunction.Int8(1e-30f) : f),
                map(
                        "no straight part",
                        f -> f instanceof RowFunction.Xielu x
                                ? new RowFunction.Xielu(x.positive(), x.negative(), 0, x.most())
                                : f),
                map(
                        "bound of the exponential ignored",
                        f -> f instanceof RowFunction.Xielu x
                                ? new RowFunction.Xielu(x.positive(), x.negative(), x.linear(), -1e-30f)
                                : f),
                Mutant.inexact(Operation.MAP, "an ulp beside", new ForwardingKernels() {
                    @Override
                    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
                        right.map(out, x, function, from, to);
                        if (function instanceof RowFunction.Xielu) {
                            for (long t = from; t < to; t++) {
                                float value = out.getFloat(t, 0);
                                out.setFloat(t, 0, Float.isFinite(value) ? Math.nextUp(value) : value);
                            }
                        }
                    }
                }),
                mix("rows and columns of the weights swapped", (out, x, weights, streams, from, to, right) -> {
                    Tensor swapped = Mutant.copy(weights);
                    long count = weights.width() / streams;
                    for (long t = from; t < to; t++) {
                        for (long i = 0; i < weights.width(); i++) {
                            swapped.setFloat(t, i, weights.getFloat(t, i % count * streams + i / count));
                        }
                    }
                    right.mix(out, x, swapped, streams, from, to);
                }),
                mix("weights of the first row for all", (out, x, weights, streams, from, to, right) -> {
                    for (long t = from; t < to; t++) {
                        right.mix(out.rows(t, 1), x.rows(t, 1), weights.rows(from, 1), streams, 0, 1);
                    }
                }),
                Mutant.wrong(Operation.MAXIMA, "the last neighbour left out", new ForwardingKernels() {
                    @Override
                    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
                        right.maxima(out, x, size, from, to);
                        for (long at = from; at < to; at++) {
                            long row = at / out.width();
                            long block = at % out.width();
                            float most = Float.NEGATIVE_INFINITY;
                            for (long i = block * size; i < Math.min(x.width(), (block + 1) * size - 1); i++) {
                                most = Math.max(most, x.getFloat(row, i));
                            }
                            out.setFloat(row, block, most);
                        }
                    }
                }),
                Mutant.wrong(Operation.MAXIMA, "NaN passed over", new ForwardingKernels() {
                    @Override
                    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
                        Tensor clean = Mutant.copy(x);
                        for (long t = 0; t < x.rows(); t++) {
                            for (long i = 0; i < x.width(); i++) {
                                float value = x.getFloat(t, i);
                                clean.setFloat(t, i, Float.isNaN(value) ? Float.NEGATIVE_INFINITY : value);
                            }
                        }
                        right.maxima(out, clean, size, from, to);
                    }
                }),
                Mutant.wrong(Operation.RESIZE, "no least size", new ForwardingKernels() {
                    @Override
                    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
                        right.resize(inOut, like, Float.MIN_VALUE, from, to);
                    }
                }),
                Mutant.wrong(Operation.RESIZE, "least added", new ForwardingKernels() {
                    @Override
                    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
                        right.resize(inOut, like, least * 1.01f, from, to);
                    }
                }),
                Mutant.wrong(Operation.SCALE, "one factor for all columns", new ForwardingKernels() {
                    @Override
                    public void scale(Tensor inOut, dev.hearth.spi.host.HostWeight factors, long from, long to) {
                        right.scale(inOut, factors.data().get(Tensor.FLOAT, 0), from, to);
                    }
                }));
    }

    private static Mutant map(String name, UnaryOperator<RowFunction> wrong) {
        return Mutant.wrong(Operation.MAP, name, new ForwardingKernels() {
            @Override
            public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
                right.map(out, x, wrong.apply(function), from, to);
            }
        });
    }

    private interface Mix {
        void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to, HostKernels right);
    }

    private static Mutant mix(String name, Mix wrong) {
        return Mutant.wrong(Operation.MIX, name, new ForwardingKernels() {
            @Override
            public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
                wrong.mix(out, x, weights, streams, from, to, right);
            }
        });
    }
}
