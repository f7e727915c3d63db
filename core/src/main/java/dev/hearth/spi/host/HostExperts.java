package dev.hearth.spi.host;

import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Gating;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mixture of experts: routes the tokens, and groups them by expert, so that each expert used is read once a step. */
final class HostExperts implements AutoCloseable {
    private static final int TENSORS = 12; // of one expert, at most

    private final KernelCall call;
    private final HostScratch scratch = new HostScratch();

    HostExperts(KernelCall call) {
        this.call = call;
    }

    void route(Tensor experts, Tensor weights, Tensor logits, @Nullable Weight bias, RoutingSpec spec) {
        HostWeight host = bias == null ? null : HostChecks.host("route", bias);
        HostChecks.check(
                "route",
                experts.type() == DType.I32
                        && experts.shape().equals(weights.shape())
                        && experts.rows() == logits.rows()
                        && experts.width() == spec.expertCount()
                        && spec.fits(logits.width())
                        && weights.type() == DType.F32
                        && logits.type() == DType.F32,
                experts,
                weights,
                logits,
                spec);
        HostChecks.check(
                "route",
                host == null || host.type() == DType.F32 && host.shape().elements() == logits.width(),
                logits,
                "bias",
                String.valueOf(host));
        call.run(logits.rows(), 1, HostKernels::route, experts, weights, logits, host, spec);
    }

    void run(Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision) {
        for (long t = 0; t < out.rows(); t++) {
            out.segment().asSlice(t * out.rowBytes(), out.width() * 4).fill((byte) 0);
        }
        for (int expert = 0; expert < w.count(); expert++) {
            int tokens = count(experts, expert);
            if (tokens > 0) {
                one(out, x, experts, weights, w, precision, expert, tokens);
            }
        }
    }

    /** Checks that every index is one of an expert and that those of a token are distinct. */
    static void checkIndices(Tensor experts, int expertCount) {
        for (long t = 0; t < experts.rows(); t++) {
            for (long j = 0; j < experts.width(); j++) {
                int index = experts.getInt(t, j);
                if (index < 0 || index >= expertCount) {
                    throw new IllegalArgumentException(
                            "experts: token " + t + ": expected an index below " + expertCount + ", found " + index);
                }
                for (long k = 0; k < j; k++) {
                    if (experts.getInt(t, k) == index) {
                        throw new IllegalArgumentException("experts: token " + t + ": expert " + index + " twice");
                    }
                }
            }
        }
    }

    /** Bytes held once so many tokens have gone through one expert. */
    static long scratchBytes(long tokens, long hidden, long size) {
        return HostScratch.byteSize(expertBytes(tokens, hidden, size), TENSORS);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize();
    }

    private static long expertBytes(long tokens, long hidden, long size) {
        return tokens * (hidden * 16 + size * 16 + 16);
    }

    private static int count(Tensor experts, int expert) {
        int count = 0;
        for (long t = 0; t < experts.rows(); t++) {
            for (long j = 0; j < experts.width(); j++) {
                count += experts.getInt(t, j) == expert ? 1 : 0;
            }
        }
        return count;
    }

    private void one(
            Tensor out,
            Tensor x,
            Tensor experts,
            Tensor weights,
            ExpertWeights w,
            Precision precision,
            int expert,
            int tokens) {
        long hidden = x.width();
        scratch.begin(expertBytes(tokens, hidden, w.size()), TENSORS);
        Tensor rows = scratch.take(DType.I32, tokens, 1);
        Tensor shares = scratch.take(DType.F32, tokens, 1);
        select(experts, weights, expert, rows, shares);
        Tensor chosen = scratch.take(DType.F32, tokens, hidden);
        call.run(tokens, 1, HostKernels::gather, chosen, x, rows);
        Tensor input = w.share() == ExpertWeights.Share.OF_INPUT ? weighted(chosen, shares) : chosen;
        Tensor inner = inner(input, w, precision, expert);
        Weight third = w.down().get(expert);
        Tensor down =
                product(rounded(inner, third, precision), third, bias(w.biases().down(), expert), hidden);
        call.run(tokens, 1, HostKernels::accumulate, out, down, rows, shares);
    }

    /** What the last product takes. */
    private Tensor inner(Tensor input, ExpertWeights w, Precision precision, int expert) {
        Weight weight = w.up().get(expert);
        Tensor codes = rounded(input, weight, precision);
        Tensor up = product(codes, weight, bias(w.biases().up(), expert), w.size());
        return switch (w.gating()) {
            case Gating.Ungated u -> {
                call.run(up.rows(), 1, HostKernels::activate, up, u.activation());
                yield up;
            }
            case Gating.Activated a -> {
                Tensor gate = gate(input, codes, w, precision, expert);
                call.run(up.rows(), 1, HostKernels::gate, gate, gate, up, a.activation());
                yield gate;
            }
            case Gating.Clamped c -> {
                Tensor gate = gate(input, codes, w, precision, expert);
                call.run(up.rows(), 1, HostKernels::clampedGate, gate, gate, up, c);
                yield gate;
            }
        };
    }

    private Tensor gate(Tensor input, Tensor codes, ExpertWeights w, Precision precision, int expert) {
        Weight weight = w.gate().get(expert);
        boolean shared = precision.activation(weight.type()) == codes.type();
        Tensor own = shared ? codes : rounded(input, weight, precision);
        return product(own, weight, bias(w.biases().gate(), expert), w.size());
    }

    /** The rows times their shares; the shares become 1. */
    private Tensor weighted(Tensor x, Tensor shares) {
        Tensor out = scratch.take(DType.F32, x.rows(), x.width());
        out.segment().asSlice(0, x.rows() * out.rowBytes()).fill((byte) 0);
        Tensor same = scratch.take(DType.I32, x.rows(), 1);
        for (long t = 0; t < x.rows(); t++) {
            same.setInt(t, 0, (int) t);
        }
        call.run(x.rows(), 1, HostKernels::accumulate, out, x, same, shares);
        for (long t = 0; t < x.rows(); t++) {
            shares.setFloat(t, 0, 1);
        }
        return out;
    }

    private static @Nullable HostWeight bias(List<Weight> biases, int expert) {
        return biases.isEmpty() ? null : HostChecks.host("experts", biases.get(expert));
    }

    private static void select(Tensor experts, Tensor weights, int expert, Tensor rows, Tensor shares) {
        int next = 0;
        for (long t = 0; t < experts.rows(); t++) {
            for (long j = 0; j < experts.width(); j++) {
                if (experts.getInt(t, j) == expert) {
                    rows.setInt(next, 0, (int) t);
                    shares.setFloat(next++, 0, weights.getFloat(t, j));
                }
            }
        }
    }

    private Tensor rounded(Tensor x, Weight weight, Precision precision) {
        DType type = precision.activation(weight.type());
        if (type == DType.F32) {
            return x;
        }
        Tensor out = scratch.take(type, x.rows(), x.width());
        call.run(x.rows(), 1, HostKernels::quantize, out, x);
        return out;
    }

    private Tensor product(Tensor x, Weight weight, @Nullable HostWeight bias, long width) {
        HostWeight host = HostChecks.host("experts", weight);
        Tensor out = scratch.take(DType.F32, x.rows(), width);
        call.run(width, 16, HostKernels::linear, out, x, host, bias);
        return out;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
