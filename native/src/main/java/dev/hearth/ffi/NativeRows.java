package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Gating;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link dev.hearth.spi.host.HostKernels} on rows of tensors, by the kernels of one instruction set: rows
 * [from, to), which are checked against the tensors, each of which lies inside its buffer. Shapes and indices have been checked
 * by {@link dev.hearth.spi.host.HostOps}. Immutable; for any thread, on disjoint rows.
 */
public final class NativeRows {
    private final CpuKernels kernels;
    private final MemorySegment table;

    /** The operations by {@code kernels}. */
    public NativeRows(CpuKernels kernels) {
        this.kernels = kernels;
        this.table = kernels.table();
    }

    /** Values of the rows of a table, times {@code scale}. */
    public void embed(Tensor out, HostWeight weight, Tensor ids, float scale, long from, long to) {
        check("hearth_embed", from, to, out, ids);
        kernels.check(
                "hearth_embed",
                hearth_cpu_h.hearth_embed(
                        table,
                        CpuKernels.typeId(weight.type()),
                        row(out, from),
                        CpuKernels.address(weight),
                        row(ids, from),
                        scale,
                        out.width(),
                        to - from,
                        out.rowStride(),
                        weight.rowBytes(),
                        ids.rowStride()));
    }

    /** Adds {@code delta}, if any, to {@code residual} and norms it. */
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        check("hearth_norm", from, to, out, residual);
        if (delta != null) {
            check("hearth_norm", from, to, delta, delta);
        }
        kernels.check(
                "hearth_norm",
                hearth_cpu_h.hearth_norm(
                        table,
                        row(out, from),
                        row(residual, from),
                        delta == null ? 0 : row(delta, from),
                        CpuKernels.address(weight),
                        spec.epsilon(),
                        out.width(),
                        spec.groupSize(),
                        to - from,
                        out.rowStride(),
                        residual.rowStride(),
                        delta == null ? 0 : delta.rowStride()));
    }

    /** Adds {@code delta}, if any, to {@code residual} and norms it about its mean. */
    public void layerNorm(
            Tensor out,
            Tensor residual,
            @Nullable Tensor delta,
            HostWeight weight,
            @Nullable HostWeight bias,
            NormSpec spec,
            long from,
            long to) {
        check("hearth_layer_norm", from, to, out, residual);
        if (delta != null) {
            check("hearth_layer_norm", from, to, delta, delta);
        }
        kernels.check(
                "hearth_layer_norm",
                hearth_cpu_h.hearth_layer_norm(
                        table,
                        row(out, from),
                        row(residual, from),
                        delta == null ? 0 : row(delta, from),
                        CpuKernels.address(weight),
                        bias == null ? 0 : CpuKernels.address(bias),
                        spec.epsilon(),
                        out.width(),
                        spec.groupSize(),
                        to - from,
                        out.rowStride(),
                        residual.rowStride(),
                        delta == null ? 0 : delta.rowStride()));
    }

    /** Multiplies each value. */
    public void scale(Tensor inOut, float factor, long from, long to) {
        check("hearth_scale", from, to, inOut, inOut);
        int status =
                hearth_cpu_h.hearth_scale(table, row(inOut, from), factor, inOut.width(), to - from, inOut.rowStride());
        kernels.check("hearth_scale", status);
    }

    /** Activates each value. */
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        check("hearth_activate", from, to, inOut, inOut);
        int status = hearth_cpu_h.hearth_activate(
                table, activationId(activation), row(inOut, from), inOut.width(), to - from, inOut.rowStride());
        kernels.check("hearth_activate", status);
    }

    private static int activationId(Activation activation) {
        return switch (activation) {
            case SILU -> 0;
            case GELU_TANH -> 1;
            case GELU -> 2;
            case QUICK_GELU -> 3;
            case RELU -> 4;
            case RELU_SQUARED -> 5;
            case SIGMOID -> 6;
        };
    }

    /** Adds {@code x} to {@code inOut}. */
    public void add(Tensor inOut, Tensor x, long from, long to) {
        check("hearth_add", from, to, inOut, x);
        int status = hearth_cpu_h.hearth_add(
                table, row(inOut, from), row(x, from), x.width(), to - from, inOut.rowStride(), x.rowStride());
        kernels.check("hearth_add", status);
    }

    /** Multiplies {@code inOut} by {@code x}. */
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        check("hearth_multiply", from, to, inOut, x);
        int status = hearth_cpu_h.hearth_multiply(
                table, row(inOut, from), row(x, from), x.width(), to - from, inOut.rowStride(), x.rowStride());
        kernels.check("hearth_multiply", status);
    }

    /** Rounds {@code x} to int8 blocks. */
    public void quantize(Tensor out, Tensor x, long from, long to) {
        check("hearth_quantize", from, to, out, x);
        kernels.check(
                "hearth_quantize",
                hearth_cpu_h.hearth_quantize(
                        table,
                        CpuKernels.typeId(out.type()),
                        row(out, from),
                        row(x, from),
                        x.width(),
                        to - from,
                        out.rowBytes(),
                        x.rowBytes()));
    }

    /** Turns the pairs of each head. */
    public void rotate(Tensor inOut, Tensor positions, Tensor angles, RopeSpec spec, long from, long to) {
        check("hearth_rotate", from, to, inOut, positions);
        kernels.check(
                "hearth_rotate",
                hearth_cpu_h.hearth_rotate(
                        table,
                        switch (spec.pairing()) {
                            case HALVES -> 0;
                            case NEIGHBOURS -> 1;
                        },
                        row(inOut, from),
                        row(positions, from),
                        angles.address(),
                        inOut.width(),
                        spec.headDim(),
                        spec.pairCount(),
                        to - from,
                        inOut.rowStride(),
                        positions.rowStride(),
                        angles.rowStride()));
    }

    /** Activates {@code gate} and multiplies it by {@code up}. */
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        check("hearth_gate", from, to, out, gate);
        check("hearth_gate", from, to, up, up);
        kernels.check(
                "hearth_gate",
                hearth_cpu_h.hearth_gate(
                        table,
                        activationId(activation),
                        row(out, from),
                        row(gate, from),
                        row(up, from),
                        out.width(),
                        to - from,
                        out.rowStride(),
                        gate.rowStride(),
                        up.rowStride()));
    }

    /** Bounds {@code gate} and {@code up} and joins them. */
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        check("hearth_clamped_gate", from, to, out, gate);
        check("hearth_clamped_gate", from, to, up, up);
        kernels.check(
                "hearth_clamped_gate",
                hearth_cpu_h.hearth_clamped_gate(
                        table,
                        row(out, from),
                        row(gate, from),
                        row(up, from),
                        gating.alpha(),
                        gating.limit(),
                        out.width(),
                        to - from,
                        out.rowStride(),
                        gate.rowStride(),
                        up.rowStride()));
    }

    /** Bytes of scratch that {@link #route} needs. */
    public static long routeScratchBytes(long experts) {
        return 16 * experts;
    }

    /** Chooses experts; {@code scratch} is {@link #routeScratchBytes} of this thread alone. */
    public void route(
            Tensor experts,
            Tensor weights,
            Tensor logits,
            @Nullable HostWeight bias,
            RoutingSpec spec,
            long from,
            long to,
            MemorySegment scratch) {
        check("hearth_route", from, to, experts, weights);
        check("hearth_route", from, to, logits, logits);
        kernels.check(
                "hearth_route",
                hearth_cpu_h.hearth_route(
                        table,
                        switch (spec.scoring()) {
                            case SOFTMAX -> 0;
                            case SIGMOID -> 1;
                            case LOGIT_THEN_SOFTMAX -> 2;
                            case LOGIT_THEN_SIGMOID -> 3;
                        },
                        row(experts, from),
                        row(weights, from),
                        row(logits, from),
                        bias == null ? 0 : CpuKernels.address(bias),
                        spec.groups().count(),
                        spec.groups().used(),
                        switch (spec.groups().rank()) {
                            case BEST -> 1;
                            case BEST_TWO -> 2;
                        },
                        spec.normalised() ? 1 : 0,
                        spec.epsilon(),
                        spec.scale(),
                        logits.width(),
                        experts.width(),
                        to - from,
                        experts.rowStride(),
                        weights.rowStride(),
                        logits.rowStride(),
                        scratch.address(),
                        scratch.byteSize()));
    }

    /** Adds weighted rows of {@code x} to the rows of {@code inOut} that {@code rows} names. */
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        check("hearth_accumulate", from, to, x, rows);
        check("hearth_accumulate", from, to, weights, weights);
        kernels.check(
                "hearth_accumulate",
                hearth_cpu_h.hearth_accumulate(
                        table,
                        inOut.address(),
                        row(x, from),
                        row(rows, from),
                        row(weights, from),
                        x.width(),
                        to - from,
                        inOut.rowStride(),
                        x.rowStride(),
                        rows.rowStride(),
                        weights.rowStride()));
    }

    /** Caps each value. */
    public void softcap(Tensor inOut, float cap, long from, long to) {
        check("hearth_softcap", from, to, inOut, inOut);
        int status =
                hearth_cpu_h.hearth_softcap(table, row(inOut, from), cap, inOut.width(), to - from, inOut.rowStride());
        kernels.check("hearth_softcap", status);
    }

    /** Copies the rows of {@code x} that {@code rows} names. */
    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
        check("hearth_gather", from, to, out, rows);
        kernels.check(
                "hearth_gather",
                hearth_cpu_h.hearth_gather(
                        table,
                        row(out, from),
                        x.address(),
                        row(rows, from),
                        x.type().bytes(x.width()),
                        to - from,
                        out.rowBytes(),
                        x.rowBytes(),
                        rows.rowStride()));
    }

    static long row(Tensor tensor, long row) {
        return tensor.address() + row * tensor.rowBytes();
    }

    static void check(String function, long from, long to, Tensor a, Tensor b) {
        if (from < 0 || from > to || to > a.rows() || to > b.rows()) {
            throw new IllegalArgumentException(
                    function + ": expected rows of " + a + " and " + b + ", found " + from + " to " + to);
        }
    }
}
