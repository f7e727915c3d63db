package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * The kernels of one instruction set. Each call runs on the calling thread, allocates nothing, and gives the same bits
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

    /** The instruction set. */
    public Isa isa() {
        return isa;
    }

    /**
     * Rounds the first {@code tokens} rows of {@code x}, f32, to int8 blocks with a scale each.
     *
     * @throws IllegalArgumentException if {@code out} isn't A8_32 of the same width, or either has fewer rows
     */
    public void quantize(Rows out, Rows x, long tokens) {
        require(
                out.type() == DType.A8_32 && x.type() == DType.F32 && out.columns() == x.columns(),
                "quantize: expected A8_32 from F32 of the same width",
                out,
                x);
        requireTokens("quantize", tokens, out, x);
        check(
                "hearth_quantize_a8_32",
                hearth_cpu_h.hearth_quantize_a8_32(
                        table, out.address(), x.address(), x.columns(), tokens, out.strideBytes(), x.strideBytes()));
    }

    /**
     * Bytes of scratch that {@link #linear} makes use of from about four tokens on; empty where it has no kernel for
     * weights and activations of these types and this width.
     */
    public OptionalLong linearScratchBytes(DType weight, DType x, long columns) {
        long bytes = hearth_cpu_h.hearth_linear_scratch(table, typeId(weight), typeId(x), columns);
        return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /**
     * Multiplies the first {@code tokens} rows of {@code x} by rows of a weight:
     * {@code out[t, r] = sum over i of weight[r, i] * x[t, i]} for {@code firstRow <= r < endRow}.
     *
     * @param out f32 [tokens, weight rows]
     * @param weight any type that {@link #linearScratchBytes} knows together with x's
     * @param x [tokens, weight columns]
     * @param scratch memory of this thread alone, native; {@link MemorySegment#NULL} for none
     * @throws IllegalArgumentException if shapes don't fit one another or there is no kernel for the types
     */
    public void linear(Rows out, Rows weight, Rows x, long tokens, long firstRow, long endRow, MemorySegment scratch) {
        require(weight.columns() == x.columns(), "linear: weight does not fit x", weight, x);
        require(
                out.type() == DType.F32 && out.columns() >= endRow && out.strideBytes() % 4 == 0,
                "linear: expected F32 out as wide as the weight's rows",
                out,
                weight);
        requireTokens("linear", tokens, out, x);
        if (firstRow < 0 || firstRow > endRow || endRow > weight.rows()) {
            throw new IllegalArgumentException(
                    "linear: expected rows of " + weight + ", found " + firstRow + " to " + endRow);
        }
        if (!scratch.isNative()) {
            throw new IllegalArgumentException("linear: expected native scratch, found a heap segment");
        }
        int status = hearth_cpu_h.hearth_linear(
                table,
                typeId(weight.type()),
                typeId(x.type()),
                out.address(),
                weight.address(),
                x.address(),
                x.columns(),
                tokens,
                firstRow,
                endRow,
                out.strideBytes() / 4,
                weight.strideBytes(),
                x.strideBytes(),
                scratch.address(),
                scratch.byteSize());
        check("hearth_linear", status);
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
        };
    }

    private static void require(boolean fits, String expected, Rows first, Rows second) {
        if (!fits) {
            throw new IllegalArgumentException(expected + ", found " + first + " and " + second);
        }
    }

    private static void requireTokens(String place, long tokens, Rows out, Rows x) {
        if (tokens < 0 || tokens > out.rows() || tokens > x.rows()) {
            throw new IllegalArgumentException(
                    place + ": expected at most the rows of " + out + " and " + x + ", found " + tokens + " tokens");
        }
    }

    /** Turns what C has refused into an exception; it has written nothing. */
    private void check(String function, int status) {
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
