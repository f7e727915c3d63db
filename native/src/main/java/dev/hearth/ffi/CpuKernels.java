package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of one instruction set: products here, other operations in {@link NativeRows} and {@link NativeAttention}. Each
 * call runs on the calling thread, allocates nothing, and gives the same bits
 * as those of any other set, whatever rows and tokens it is given at a time. Immutable; for any thread, as long as
 * calls that run at the same time write disjoint memory. hearth_cpu.h says what each computes.
 */
public final class CpuKernels {
    private final Isa isa;
    private final MemorySegment table;

    CpuKernels(Isa isa, MemorySegment table) {
        this.isa = isa;
        this.table = table;
    }

    /** The address of its kernels. */
    MemorySegment table() {
        return table;
    }

    /** The instruction set. */
    public Isa isa() {
        return isa;
    }

    /**
     * Bytes of scratch that {@link #linear} needs; empty where it has no kernel for weights and activations of
     * these types and this width.
     */
    public OptionalLong linearScratchBytes(DType weight, DType x, long columns, long tokens) {
        long bytes = hearth_cpu_h.hearth_linear_scratch(table, typeId(weight), typeId(x), columns, tokens);
        return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /**
     * Multiplies every row of {@code x} by rows of a weight:
     * {@code out[t, r] = sum over i of weight[r, i] * x[t, i]}, plus {@code bias[r]}, for {@code from <= r < to}.
     *
     * @param out F32 [tokens, weight rows]
     * @param x [tokens, weight columns]
     * @param weight any type that {@link #linearScratchBytes} knows together with x's
     * @param bias F32 [weight rows], or null
     * @param scratch {@link #linearScratchBytes} of this thread alone, native; at a multiple of 4
     * @throws IllegalArgumentException if shapes don't fit one another or there is no kernel for the types
     */
    public void linear(
            Tensor out,
            Tensor x,
            HostWeight weight,
            @Nullable HostWeight bias,
            long from,
            long to,
            MemorySegment scratch) {
        long rows = weight.shape().rows();
        if (weight.shape().width() != x.width() || x.rows() > out.rows() || out.type() != DType.F32) {
            throw new IllegalArgumentException(
                    "linear: " + weight.type() + " " + weight.shape() + " does not fit " + x + " to " + out);
        }
        if (from < 0 || from > to || to > rows || to > out.width()) {
            throw new IllegalArgumentException("linear: expected rows of " + weight.type() + " " + weight.shape()
                    + ", found " + from + " to " + to);
        }
        if (!scratch.isNative()) {
            throw new IllegalArgumentException("linear: expected native scratch, found a heap segment");
        }
        if (bias != null && (bias.type() != DType.F32 || bias.shape().elements() < rows)) {
            throw new IllegalArgumentException(
                    "linear: expected a bias F32 [" + rows + "], found " + bias.type() + " " + bias.shape());
        }
        check(
                "hearth_linear",
                hearth_cpu_h.hearth_linear(
                        table,
                        typeId(weight.type()),
                        typeId(x.type()),
                        out.address(),
                        address(weight),
                        bias == null ? 0 : address(bias),
                        x.address(),
                        x.width(),
                        x.rows(),
                        from,
                        to,
                        out.rowStride(),
                        weight.rowBytes(),
                        x.rowBytes(),
                        scratch.address(),
                        scratch.byteSize()));
    }

    /**
     * Multiplies and adds on registers alone for {@code rounds}, with the instructions that products of x use; how many operations
     * that were, a multiplication and an addition being two. Empty where the set has no such loop.
     *
     * @param x F32, BF16, or A8_32 for int8
     * @param rounds 0 to 2^32, a few nanoseconds each
     */
    public OptionalLong peakOperations(DType x, long rounds) {
        long operations = hearth_cpu_h.hearth_peak(table, typeId(x), rounds);
        return operations < 0 ? OptionalLong.empty() : OptionalLong.of(operations);
    }

    /**
     * Reads all of some memory once, with the widest loads of the set.
     *
     * @return the exclusive or of its words of 8 bytes, what is left of the last one apart
     * @throws IllegalArgumentException if it is on the heap
     */
    public long read(MemorySegment bytes) {
        if (!bytes.isNative()) {
            throw new IllegalArgumentException("read: expected native memory, found a heap segment");
        }
        return hearth_cpu_h.hearth_read(table, bytes.address(), bytes.byteSize());
    }

    /** Where a weight lies, all of whose rows are there. */
    static long address(HostWeight weight) {
        long bytes = weight.shape().rows() * weight.rowBytes();
        if (!weight.data().isNative() || weight.data().byteSize() < bytes) {
            throw new IllegalArgumentException(weight.name() + ": expected " + bytes + " bytes of native memory, found "
                    + weight.data().byteSize() + (weight.data().isNative() ? "" : " on the heap"));
        }
        return weight.data().address();
    }

    /** A type's number in hearth_cpu.h. */
    static int typeId(DType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case BF16 -> 2;
            case I32 -> 3;
            case Q8_0 -> 4;
            case Q4_0 -> 5;
            case Q4_K -> 6;
            case Q6_K -> 7;
            case A8_32 -> 8;
            case A8_256 -> 9;
            case Q4_1 -> 10;
            case Q5_0 -> 11;
            case Q5_1 -> 12;
            case Q2_K -> 13;
            case Q3_K -> 14;
            case Q5_K -> 15;
            case IQ4_NL -> 16;
            case IQ4_XS -> 17;
            case MXFP4 -> 18;
            case NVFP4 -> 19;
            case TQ1_0 -> 20;
            case TQ2_0 -> 21;
            case IQ1_S -> 22;
            case IQ1_M -> 23;
            case IQ2_XXS -> 24;
            case IQ2_XS -> 25;
            case IQ2_S -> 26;
            case IQ3_XXS -> 27;
            case IQ3_S -> 28;
        };
    }

    /** Turns what C has refused into an exception; it has written nothing. */
    void check(String function, int status) {
        if (status == hearth_cpu_h.HEARTH_OK()) {
            return;
        }
        String problem = switch (status) {
            case 1 -> "no table";
            case 2 -> "an address that is null or not a multiple of 4";
            case 3 -> "a shape, stride or range that makes no sense";
            case 4 -> "no kernel for these types";
            default -> "an unknown problem";
        };
        throw new IllegalArgumentException(function + " on " + isa + ": " + problem + " (" + status + ")");
    }

    /** The instruction set's name. */
    @Override
    public String toString() {
        return isa.toString();
    }
}
