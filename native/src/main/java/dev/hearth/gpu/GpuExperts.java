package dev.hearth.gpu;

import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Gating;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mixtures of experts: each choice of each token is a row that goes through its own expert, so that nothing on the device has to be known to
 * the host. Used by the queue's thread.
 */
final class GpuExperts implements AutoCloseable {
    private static final int TENSORS = 8; // of one call, at most

    /** Where the weights of each expert lie, on the device; 0 for none. */
    private record Addresses(long gate, long up, long down, long gateBias, long upBias, long downBias) {}

    private final GpuDriver driver;
    private final GpuKernels kernels;
    private final RowKernels rows;
    private final WeightKernels.All weightKernels;
    private final Launches launches;
    private final Map<ExpertWeights, Addresses> known = new IdentityHashMap<>();
    private @Nullable GpuBuffer scratch;
    private long used;

    GpuExperts(
            GpuDriver driver, GpuKernels kernels, RowKernels rows, WeightKernels.All weightKernels, Launches launches) {
        this.driver = driver;
        this.kernels = kernels;
        this.rows = rows;
        this.weightKernels = weightKernels;
        this.launches = launches;
    }

    /** What a product over the chosen experts takes. */
    private record Selection(Tensor experts, int inputChoices) {
        int choices() {
            return (int) experts.width();
        }
    }

    void run(Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision) {
        Addresses at = known.computeIfAbsent(w, this::addresses);
        long rows = experts.rows() * experts.width();
        begin(bytes(rows, x.width(), w.size()));
        boolean weighted = w.share() == ExpertWeights.Share.OF_INPUT;
        Tensor input = x;
        if (weighted) {
            input = take(DType.F32, rows, x.width());
            shares(input, x, weights);
        }
        Selection selection = new Selection(experts, weighted ? 1 : (int) experts.width());
        Tensor inner = inner(input, selection, w, at, precision);
        Tensor down = take(DType.F32, rows, x.width());
        HostWeight last = first(w.down());
        Tensor rounded = rounded(inner, last, precision);
        linear(down, rounded, last, at.down, at.downBias, new Selection(experts, 1));
        combine(out, down, weighted ? null : weights, experts);
    }

    private Tensor inner(Tensor input, Selection selection, ExpertWeights w, Addresses at, Precision precision) {
        long rows = selection.experts.rows() * selection.choices();
        HostWeight weight = first(w.up());
        Tensor codes = rounded(input, weight, precision);
        Tensor up = take(DType.F32, rows, w.size());
        linear(up, codes, weight, at.up, at.upBias, selection);
        if (w.gating() instanceof Gating.Ungated ungated) {
            kernels.activate(up, ungated.activation(), 0, rows);
            return up;
        }
        HostWeight gates = first(w.gate());
        Tensor gate = take(DType.F32, rows, w.size());
        boolean shared = precision.activation(gates.type()) == codes.type();
        linear(gate, shared ? codes : rounded(input, gates, precision), gates, at.gate, at.gateBias, selection);
        switch (w.gating()) {
            case Gating.Activated a -> kernels.gate(gate, gate, up, a.activation(), 0, rows);
            case Gating.Clamped c -> kernels.clampedGate(gate, gate, up, c, 0, rows);
            case Gating.Ungated u -> throw new AssertionError(u);
        }
        return gate;
    }

    private Tensor rounded(Tensor x, HostWeight weight, Precision precision) {
        DType type = precision.activation(weight.type());
        if (type == DType.F32) {
            return x;
        }
        Tensor codes = take(type, x.rows(), x.width());
        kernels.quantize(codes, x, 0, x.rows());
        return codes;
    }

    void route(Tensor chosen, Tensor shares, Tensor logits, @Nullable HostWeight bias, RoutingSpec spec) {
        RoutingSpec.Groups groups = spec.groups();
        launches.begin().integers(chosen).rows(shares).rows(logits).vector(bias, 0);
        launches.parameters().put((int) logits.width()).put(spec.expertCount()).put(Codes.of(spec.scoring()));
        launches.parameters().put(groups.count()).put(groups.used());
        launches.parameters().put(groups.rank() == RoutingSpec.Rank.BEST_TWO ? 1 : 0);
        launches.parameters().put(spec.normalised() ? 1 : 0).put(spec.epsilon()).put(spec.scale());
        launches.launch(rows.route(), logits.rows(), 1);
    }

    /** Products of rows with the experts that they have chosen, whose addresses are in tables. */
    private void linear(Tensor out, Tensor x, HostWeight like, long experts, long biases, Selection selection) {
        long rowCount = like.shape().rows();
        launches.begin().rows(out).byteRows(x).put(0L).put(like.rowBytes()).put(0L);
        launches.parameters()
                .put(out.rows())
                .put(rowCount)
                .put(x.width())
                .put(experts)
                .put(biases);
        launches.parameters()
                .integers(selection.experts)
                .put(selection.choices())
                .put(selection.inputChoices);
        GpuKernel kernel = weightKernels.of(like.type()).by(x.type()).one();
        launches.launch(kernel, WeightKernels.blocks(x.type(), rowCount), out.rows());
    }

    /** Every choice's input: the token's row times its weight. */
    private void shares(Tensor out, Tensor x, Tensor shares) {
        launches.begin().rows(out).rows(x).rows(shares).put(x.width()).put((int) shares.width());
        launches.launch(rows.shares(), out.rows(), 1);
    }

    /** Adds up what the experts of a token have made; without weights each counts 1. */
    private void combine(Tensor out, Tensor made, @Nullable Tensor shares, Tensor chosen) {
        launches.begin().rows(out).rows(made).rows(shares).integers(chosen);
        launches.parameters().put(out.width()).put((int) chosen.width());
        launches.launch(rows.combine(), out.rows(), 1);
    }

    private static HostWeight first(List<Weight> weights) {
        return (HostWeight) weights.getFirst();
    }

    private Addresses addresses(ExpertWeights w) {
        return new Addresses(
                table(w.gate()),
                table(w.up()),
                table(w.down()),
                table(w.biases().gate()),
                table(w.biases().up()),
                table(w.biases().down()));
    }

    private long table(List<Weight> weights) {
        if (weights.isEmpty()) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(ValueLayout.JAVA_LONG, weights.size());
            for (int i = 0; i < weights.size(); i++) {
                table.setAtIndex(ValueLayout.JAVA_LONG, i, Parameters.address(weights.get(i)));
            }
            long address = driver.allocate(table.byteSize());
            driver.upload(address, table);
            driver.synchronize();
            return address;
        }
    }

    /** Bytes of every tensor of a call: of the hidden size, the inner size and codes of both. */
    static long bytes(long rows, long hidden, long size) {
        return rows * (hidden * 16 + size * 16) + TENSORS * 256L;
    }

    private void begin(long bytes) {
        if (scratch == null || scratch.byteSize() < bytes) {
            if (scratch != null) {
                driver.free(scratch.address());
                scratch = null;
            }
            scratch = new GpuBuffer(driver.allocate(bytes), bytes);
        }
        used = 0;
    }

    private Tensor take(DType type, long rows, long width) {
        GpuBuffer room = Objects.requireNonNull(scratch);
        Tensor tensor = new Tensor(room, used, type, Shape.of(rows, width), width);
        used += (rows * type.bytes(width) + 255) / 256 * 256;
        return tensor;
    }

    @Override
    public void close() {
        if (scratch != null) {
            driver.free(scratch.address());
        }
        for (Addresses at : known.values()) {
            for (long table : new long[] {at.gate, at.up, at.down, at.gateBias, at.upBias, at.downBias}) {
                if (table != 0) {
                    driver.free(table);
                }
            }
        }
        known.clear();
    }
}
