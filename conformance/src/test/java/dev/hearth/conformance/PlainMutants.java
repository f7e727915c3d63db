package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Mutants of operations on activations alone. */
final class PlainMutants {
    private PlainMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.wrong(Operation.NORM, "epsilon dropped", norm(spec -> new NormSpec(spec.groupSize(), 0))),
                Mutant.wrong(Operation.NORM, "residual not written back", new ForwardingKernels() {
                    @Override
                    public void addNorm(
                            Tensor out,
                            Tensor x,
                            @Nullable Tensor delta,
                            HostWeight w,
                            NormSpec s,
                            long from,
                            long to) {
                        right.addNorm(out, Mutant.copy(x), delta, w, s, from, to);
                    }
                }),
                Mutant.wrong(Operation.NORM, "delta added after the norm", new ForwardingKernels() {
                    @Override
                    public void addNorm(
                            Tensor out,
                            Tensor x,
                            @Nullable Tensor delta,
                            HostWeight w,
                            NormSpec s,
                            long from,
                            long to) {
                        right.addNorm(out, x, null, w, s, from, to);
                        if (delta != null) {
                            right.add(x, delta, from, to);
                        }
                    }
                }),
                Mutant.inexact(Operation.NORM, "sum in double precision", new DoubleNorm()),
                Mutant.wrong(Operation.ADD, "tail of a row dropped", new ForwardingKernels() {
                    @Override
                    public void add(Tensor inOut, Tensor x, long from, long to) {
                        long width = x.width() / 16 * 16;
                        right.add(inOut.columns(0, width), x.columns(0, width), from, to);
                    }
                }),
                Mutant.wrong(Operation.MULTIPLY, "added", new ForwardingKernels() {
                    @Override
                    public void multiply(Tensor inOut, Tensor x, long from, long to) {
                        right.add(inOut, x, from, to);
                    }
                }),
                Mutant.wrong(Operation.MULTIPLY, "tail of a row dropped", new ForwardingKernels() {
                    @Override
                    public void multiply(Tensor inOut, Tensor x, long from, long to) {
                        long width = x.width() / 16 * 16;
                        right.multiply(inOut.columns(0, width), x.columns(0, width), from, to);
                    }
                }),
                Mutant.wrong(Operation.ADD, "range counted from zero", new ForwardingKernels() {
                    @Override
                    public void add(Tensor inOut, Tensor x, long from, long to) {
                        right.add(inOut, x, 0, to - from);
                    }
                }),
                Mutant.wrong(Operation.ADD, "rows taken for dense", new ForwardingKernels() {
                    @Override
                    public void add(Tensor inOut, Tensor x, long from, long to) {
                        right.add(
                                inOut,
                                new Tensor(x.buffer(), x.offsetBytes(), x.type(), x.shape(), x.width()),
                                from,
                                to);
                    }
                }),
                Mutant.wrong(Operation.ADD, "writes one row too many", new ForwardingKernels() {
                    @Override
                    public void add(Tensor inOut, Tensor x, long from, long to) {
                        right.add(inOut, x, from, to);
                        if (to == x.rows() && to > from) {
                            inOut.setFloat(to - 1, inOut.width(), 0);
                        }
                    }
                }),
                Mutant.wrong(Operation.ADD, "changes its input", new ForwardingKernels() {
                    @Override
                    public void add(Tensor inOut, Tensor x, long from, long to) {
                        right.add(inOut, x, from, to);
                        right.add(x, x, from, to);
                    }
                }),
                rotate(
                        "pairs of the other layout",
                        spec -> new RopeSpec(spec.headDim(), new float[spec.pairCount()], 1, other(spec.pairing()))),
                Mutant.wrong(
                        Operation.ROTATE,
                        "turns the other way",
                        rotate((table, position, i, pairs) ->
                                i < pairs ? table.getFloat(position, i) : -table.getFloat(position, i))),
                Mutant.wrong(
                        Operation.ROTATE,
                        "position before",
                        rotate((table, position, i, pairs) -> table.getFloat(Math.max(0, position - 1), i))),
                Mutant.wrong(Operation.ROTATE, "halves of the head, not of what turns", new HalvesOfHead()),
                Mutant.wrong(Operation.GATE, "the other activation", gate(Activation.SILU, PlainMutants::gelu)),
                Mutant.wrong(Operation.GATE, "erf for tanh", gate(Activation.GELU_TANH, gate -> gate * normal(gate))),
                Mutant.inexact(Operation.GATE, "the library's exp", gate(Activation.GELU_TANH, PlainMutants::gelu)),
                Mutant.wrong(Operation.ROUTE, "ties to the higher index", new HigherIndex()),
                route("never normalised", RoutingSpec::notNormalised),
                route("always normalised", spec -> spec.normalisedWith(spec.epsilon())),
                route("epsilon dropped", spec -> spec.normalised() ? spec.normalisedWith(0) : spec),
                route("scale dropped", spec -> spec.withScale(1)),
                route("groups ignored", spec -> spec.withGroups(RoutingSpec.Groups.NONE)),
                route(
                        "groups judged by their best alone",
                        spec -> spec.withGroups(new RoutingSpec.Groups(
                                spec.groups().count(), spec.groups().used(), RoutingSpec.Rank.BEST))),
                route(
                        "softmax of all for that of the chosen",
                        spec -> spec.scoring() == RoutingSpec.Scoring.LOGIT_THEN_SOFTMAX
                                ? spec.withScoring(RoutingSpec.Scoring.SOFTMAX)
                                : spec),
                Mutant.wrong(Operation.ROUTE, "bias dropped", new ForwardingKernels() {
                    @Override
                    public void route(
                            Tensor e,
                            Tensor w,
                            Tensor logits,
                            @Nullable HostWeight bias,
                            RoutingSpec spec,
                            long from,
                            long to) {
                        right.route(e, w, logits, null, spec, from, to);
                    }
                }),
                Mutant.wrong(Operation.SOFTCAP, "no tanh", new ForwardingKernels() {
                    @Override
                    public void softcap(Tensor inOut, float cap, long from, long to) {}
                }),
                Mutant.inexact(Operation.SOFTCAP, "the library's tanh", new ForwardingKernels() {
                    @Override
                    public void softcap(Tensor inOut, float cap, long from, long to) {
                        for (long t = from; t < to; t++) {
                            for (long i = 0; i < inOut.width(); i++) {
                                inOut.setFloat(t, i, (float) (cap * Math.tanh(inOut.getFloat(t, i) / cap)));
                            }
                        }
                    }
                }),
                Mutant.wrong(Operation.GATHER, "row i for rows[i]", new ForwardingKernels() {
                    @Override
                    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
                        Tensor wrong = Mutant.copy(rows);
                        for (long i = from; i < to; i++) {
                            wrong.setInt(i, 0, (int) (i % x.rows()));
                        }
                        right.gather(out, x, wrong, from, to);
                    }
                }));
    }

    private static Mutant route(String name, UnaryOperator<RoutingSpec> wrong) {
        return Mutant.wrong(Operation.ROUTE, name, new ForwardingKernels() {
            @Override
            public void route(
                    Tensor e,
                    Tensor w,
                    Tensor logits,
                    @Nullable HostWeight bias,
                    RoutingSpec spec,
                    long from,
                    long to) {
                right.route(e, w, logits, bias, wrong.apply(spec), from, to);
            }
        });
    }

    private interface Spec {
        NormSpec of(NormSpec spec);
    }

    private static HostKernels norm(Spec wrong) {
        return new ForwardingKernels() {
            @Override
            public void addNorm(
                    Tensor out, Tensor x, @Nullable Tensor delta, HostWeight w, NormSpec s, long from, long to) {
                right.addNorm(out, x, delta, w, wrong.of(s), from, to);
            }
        };
    }

    private static final class DoubleNorm extends ForwardingKernels {
        @Override
        public void addNorm(
                Tensor out, Tensor x, @Nullable Tensor delta, HostWeight w, NormSpec s, long from, long to) {
            right.addNorm(out, x, delta, w, s, from, to);
            for (long t = from; t < to && !out.buffer().equals(x.buffer()); t++) {
                for (long g = 0; g < x.width(); g += s.groupSize()) {
                    double squares = 0;
                    for (long i = g; i < g + s.groupSize(); i++) {
                        squares += (double) x.getFloat(t, i) * x.getFloat(t, i);
                    }
                    float r = (float) (1 / Math.sqrt(squares / s.groupSize() + s.epsilon()));
                    for (long i = g; i < g + s.groupSize() && Float.isFinite(out.getFloat(t, i)) && r < 1e10f; i++) {
                        out.setFloat(t, i, x.getFloat(t, i) * r * w.data().get(Tensor.FLOAT, 4 * (i - g)));
                    }
                }
            }
        }
    }

    private interface Wrong {
        RopeSpec of(RopeSpec spec);
    }

    private static Mutant rotate(String name, Wrong wrong) {
        return Mutant.wrong(Operation.ROTATE, name, new ForwardingKernels() {
            @Override
            public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
                right.rotate(inOut, positions, table, wrong.of(spec), from, to);
            }
        });
    }

    private interface Entry {
        float at(Tensor table, int position, int i, int pairs);
    }

    private static HostKernels rotate(Entry entry) {
        return new ForwardingKernels() {
            @Override
            public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
                for (long t = from; t < to; t++) {
                    int position = positions.getInt(t, 0);
                    Tensor wrong = Mutant.copy(table.rows(position, 1));
                    for (int i = 0; i < 2 * spec.pairCount(); i++) {
                        wrong.setFloat(0, i, entry.at(table, position, i, spec.pairCount()));
                    }
                    Tensor first = Mutant.copy(positions.rows(t, 1));
                    first.setInt(0, 0, 0);
                    right.rotate(inOut.rows(t, 1), first, wrong, spec, 0, 1);
                }
            }
        };
    }

    private static final class HalvesOfHead extends ForwardingKernels {
        @Override
        public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
            int half = spec.headDim() / 2;
            for (long t = from; t < to; t++) {
                int position = positions.getInt(t, 0);
                for (long head = 0; head < inOut.width(); head += spec.headDim()) {
                    for (int i = 0; i < spec.pairCount(); i++) {
                        float a = inOut.getFloat(t, head + i);
                        float b = inOut.getFloat(t, head + half + i);
                        float cos = table.getFloat(position, i);
                        float sin = table.getFloat(position, spec.pairCount() + i);
                        inOut.setFloat(t, head + i, Math.fma(a, cos, -(b * sin)));
                        inOut.setFloat(t, head + half + i, Math.fma(b, cos, a * sin));
                    }
                }
            }
        }
    }

    private static RopeSpec.Pairing other(RopeSpec.Pairing pairing) {
        return pairing == RopeSpec.Pairing.HALVES ? RopeSpec.Pairing.NEIGHBOURS : RopeSpec.Pairing.HALVES;
    }

    private static HostKernels gate(Activation wrong, DoubleUnaryOperator activation) {
        return new ForwardingKernels() {
            @Override
            public void gate(Tensor out, Tensor gate, Tensor up, Activation a, long from, long to) {
                if (a != wrong) {
                    right.gate(out, gate, up, a, from, to);
                    return;
                }
                for (long t = from; t < to; t++) {
                    for (long i = 0; i < out.width(); i++) {
                        float activated = (float) activation.applyAsDouble(gate.getFloat(t, i));
                        out.setFloat(t, i, activated * up.getFloat(t, i));
                    }
                }
            }
        };
    }

    private static double gelu(double x) {
        return x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** The normal distribution's integral, by the series of Abramowitz and Stegun 26.2.17, within 1e-7. */
    private static double normal(double x) {
        double k = 1 / (1 + 0.2316419 * Math.abs(x));
        double series =
                k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
        double tail = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * series;
        return x < 0 ? tail : 1 - tail;
    }

    /** Chooses among experts in reverse order, so that ties go to the last. */
    private static final class HigherIndex extends ForwardingKernels {
        @Override
        public void route(
                Tensor experts,
                Tensor weights,
                Tensor logits,
                @Nullable HostWeight bias,
                RoutingSpec spec,
                long from,
                long to) {
            Tensor reversed = Mutant.copy(logits);
            long last = logits.width() - 1;
            for (long t = from; t < to; t++) {
                for (long i = 0; i <= last; i++) {
                    reversed.setFloat(t, i, logits.getFloat(t, last - i));
                }
            }
            right.route(experts, weights, reversed, bias, spec, from, to);
            for (long t = from; t < to; t++) {
                for (long j = 0; j < experts.width(); j++) {
                    experts.setInt(t, j, (int) last - experts.getInt(t, j));
                }
            }
        }
    }
}
