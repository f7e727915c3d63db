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
    /* Rows, a token's once for each of its experts: enough for every thread, few enough to stay in caches. */
    private static final int TOGETHER = 32;
    private static final int TENSORS = 16; // of rows that are worked out together, at most
    private static final long COLUMNS = 16; // fewest worth a thread
    private static final long ELEMENTS = 8192; // fewest additions worth one

    private final KernelCall call;
    private final HostScratch scratch = new HostScratch();
    private final ExpertOrder order = new ExpertOrder();
    private final ExpertInputs inputs;
    private final Products products = new Products();

    HostExperts(KernelCall call) {
        this.call = call;
        this.inputs = new ExpertInputs(call);
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
        order.sort(experts, weights, w.count());
        inputs.begin(x);
        for (int first = 0; first < w.count(); ) {
            int end = end(w, first);
            if (order.start(first) < order.start(end)) {
                some(out, x, w, precision, first, end);
            }
            first = end;
        }
    }

    /** The expert after those from {@code first} on that are worked out together: of the same types, few tokens together. */
    private int end(ExpertWeights w, int first) {
        int end = first + 1;
        while (end < w.count() && order.start(end + 1) - order.start(first) <= TOGETHER && sameTypes(w, first, end)) {
            end++;
        }
        return end;
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

    /** Experts [first, end), all of whose weights are of the same types. */
    private void some(Tensor out, Tensor x, ExpertWeights w, Precision precision, int first, int end) {
        int from = order.start(first);
        int count = order.start(end) - from;
        scratch.begin(bytes(count, x.width(), w.size()), TENSORS);
        Tensor rows = scratch.rows(order.rows(), from, count);
        Tensor shares = scratch.rows(order.shares(), from, count);
        Tensor inner = rounded(
                inner(x, rows, shares, w, precision, first, end), w.down().get(first), precision);
        Tensor down = scratch.take(DType.F32, count, x.width());
        addProducts(down, inner, w.down(), w.biases().down(), first, end);
        products.run(call);
        if (w.share() == ExpertWeights.Share.OF_INPUT) {
            for (int i = 0; i < count; i++) {
                shares.setFloat(i, 0, 1);
            }
        }
        long columns = Math.max(COLUMNS, ELEMENTS / count);
        call.run(x.width(), columns, HostExperts::addColumns, out, down, rows, shares);
    }

    /** What the last products take. */
    private Tensor inner(
            Tensor x, Tensor rows, Tensor shares, ExpertWeights w, Precision precision, int first, int end) {
        DType type = precision.activation(w.up().get(first).type());
        Tensor input = input(x, rows, shares, w.share(), type);
        Tensor up = scratch.take(DType.F32, rows.rows(), w.size());
        addProducts(up, input, w.up(), w.biases().up(), first, end);
        if (w.gating() instanceof Gating.Ungated ungated) {
            products.run(call);
            call.run(up.rows(), 1, HostKernels::activate, up, ungated.activation());
            return up;
        }
        DType gateType = precision.activation(w.gate().get(first).type());
        Tensor gateInput = gateType == type ? input : input(x, rows, shares, w.share(), gateType);
        Tensor gate = scratch.take(DType.F32, rows.rows(), w.size());
        addProducts(gate, gateInput, w.gate(), w.biases().gate(), first, end);
        products.run(call);
        if (w.gating() instanceof Gating.Clamped clamped) {
            call.run(up.rows(), 1, HostKernels::clampedGate, gate, gate, up, clamped);
        } else if (w.gating() instanceof Gating.Activated activated) {
            call.run(up.rows(), 1, HostKernels::gate, gate, gate, up, activated.activation());
        }
        return gate;
    }

    /** The rows of each token's experts, or the one row that all have. */
    private Tensor input(Tensor x, Tensor rows, Tensor shares, ExpertWeights.Share share, DType type) {
        if (share == ExpertWeights.Share.OF_INPUT) {
            return rounded(weighted(gathered(x, rows), shares), type);
        }
        Tensor whole = inputs.in(type, x);
        return x.rows() == 1 ? whole : gathered(whole, rows);
    }

    private Tensor gathered(Tensor x, Tensor rows) {
        Tensor out = scratch.take(x.type(), rows.rows(), x.width());
        call.run(rows.rows(), 1, HostKernels::gather, out, x, rows);
        return out;
    }

    /** The rows times their shares. */
    private Tensor weighted(Tensor x, Tensor shares) {
        Tensor out = scratch.take(DType.F32, x.rows(), x.width());
        out.segment().asSlice(0, x.rows() * out.rowBytes()).fill((byte) 0);
        Tensor same = scratch.take(DType.I32, x.rows(), 1);
        for (long t = 0; t < x.rows(); t++) {
            same.setInt(t, 0, (int) t);
        }
        call.run(x.rows(), 1, HostKernels::accumulate, out, x, same, shares);
        return out;
    }

    /** For each expert its tokens' rows of {@code x}, or the one row that all have, to its rows of {@code out}. */
    private void addProducts(Tensor out, Tensor x, List<Weight> weights, List<Weight> biases, int first, int end) {
        for (int expert = first; expert < end; expert++) {
            int from = order.start(expert) - order.start(first);
            int count = order.start(expert + 1) - order.start(expert);
            if (count > 0) {
                HostWeight bias = biases.isEmpty() ? null : HostChecks.host("experts", biases.get(expert));
                products.add(
                        scratch.rows(out, from, count),
                        x.rows() == out.rows() ? scratch.rows(x, from, count) : x,
                        HostChecks.host("experts", weights.get(expert)),
                        bias);
            }
        }
    }

    private Tensor rounded(Tensor x, Weight weight, Precision precision) {
        return rounded(x, precision.activation(weight.type()));
    }

    private Tensor rounded(Tensor x, DType type) {
        if (type == DType.F32) {
            return x;
        }
        Tensor out = scratch.take(type, x.rows(), x.width());
        call.run(x.rows(), 1, HostKernels::quantize, out, x);
        return out;
    }

    /** Columns [from, to) of the results, each row times its share: a token's in the order of its experts. */
    private static void addColumns(
            HostKernels kernels, Tensor out, Tensor down, Tensor rows, Tensor shares, long from, long to) {
        boolean all = from == 0 && to == out.width();
        Tensor sums = all ? out : out.columns(from, to - from);
        kernels.accumulate(sums, all ? down : down.columns(from, to - from), rows, shares, 0, rows.rows());
    }

    private static boolean sameTypes(ExpertWeights w, int expert, int other) {
        return w.up().get(expert).type() == w.up().get(other).type()
                && w.down().get(expert).type() == w.down().get(other).type()
                && (w.gate().isEmpty()
                        || w.gate().get(expert).type() == w.gate().get(other).type());
    }

    /** For up and for gate the input gathered, weighted and rounded; their results, and what becomes of them rounded; down. */
    private static long bytes(long rows, long hidden, long size) {
        return rows * (hidden * 24 + size * 12 + 16);
    }

    /** Bytes held once so many tokens have gone through {@code chosen} experts each. */
    static long scratchBytes(long tokens, long chosen, long hidden, long size) {
        long most = Math.max(tokens, Math.min(TOGETHER, tokens * chosen)); // all may choose the same expert
        return HostScratch.byteSize(bytes(most, hidden, size), TENSORS)
                + ExpertInputs.scratchBytes(tokens, hidden)
                + ExpertOrder.scratchBytes(tokens * chosen);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize() + inputs.scratchBytes() + order.scratchBytes();
    }

    @Override
    public void close() {
        scratch.close();
        inputs.close();
        order.close();
    }
}
