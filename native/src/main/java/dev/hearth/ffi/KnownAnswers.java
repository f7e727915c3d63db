package dev.hearth.ffi;

import static java.util.Objects.requireNonNull;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Small calls with known results, run on every instruction set when the library is loaded: a compiler's, a processor's
 * or an emulator's fault shows here and not in a text. The checksums are those of
 * {@link dev.hearth.spi.reference.ScalarKernels}, as KnownAnswersTest shows.
 */
enum KnownAnswers {
    QUANTIZE_A8_32(DType.F32, DType.A8_32, 352, 0xbe387e80L),
    QUANTIZE_A8_256(DType.F32, DType.A8_256, 512, 0xbc636ee8L),
    NORM(DType.F32, DType.F32, 90, 0xc7aaffe4L),
    SILU(DType.F32, DType.F32, 91, 0xad315f85L),
    LINEAR_F32(DType.F32, DType.F32, 89, 0x2089570cL),
    LINEAR_F16(DType.F16, DType.F32, 89, 0x397aac9aL),
    LINEAR_BF16(DType.BF16, DType.F32, 89, 0x8df84427L),
    LINEAR_PAIRS(DType.BF16, DType.BF16, 89, 0xba1ddc55L),
    LINEAR_Q8_0(DType.Q8_0, DType.A8_32, 352, 0xa1312b85L),
    LINEAR_Q4_0(DType.Q4_0, DType.A8_32, 352, 0xee654425L),
    LINEAR_Q4_1(DType.Q4_1, DType.A8_32, 352, 0xe777babbL),
    LINEAR_Q5_0(DType.Q5_0, DType.A8_32, 352, 0xf88e0c58L),
    LINEAR_Q5_1(DType.Q5_1, DType.A8_32, 352, 0x322f23daL),
    LINEAR_IQ4_NL(DType.IQ4_NL, DType.A8_32, 352, 0x20063500L),
    LINEAR_MXFP4(DType.MXFP4, DType.A8_32, 352, 0x5c69a381L),
    LINEAR_Q4_K(DType.Q4_K, DType.A8_256, 512, 0xe3a90d07L),
    LINEAR_Q6_K(DType.Q6_K, DType.A8_256, 512, 0xa3986a35L),
    LINEAR_Q2_K(DType.Q2_K, DType.A8_256, 256, 0xaa4ce4b7L),
    LINEAR_Q3_K(DType.Q3_K, DType.A8_256, 256, 0xb824af39L),
    LINEAR_Q5_K(DType.Q5_K, DType.A8_256, 256, 0x1a747650L),
    LINEAR_IQ4_XS(DType.IQ4_XS, DType.A8_256, 256, 0x320b83b5L),
    LINEAR_TQ1_0(DType.TQ1_0, DType.A8_256, 256, 0x3de565d9L),
    LINEAR_TQ2_0(DType.TQ2_0, DType.A8_256, 256, 0xcf47ccacL),
    LINEAR_IQ1_S(DType.IQ1_S, DType.A8_256, 256, 0x2eb655beL),
    LINEAR_IQ1_M(DType.IQ1_M, DType.A8_256, 256, 0xafcee390L),
    LINEAR_IQ2_XXS(DType.IQ2_XXS, DType.A8_256, 256, 0xa0b6c1c9L),
    LINEAR_IQ2_XS(DType.IQ2_XS, DType.A8_256, 256, 0x50e3b977L),
    LINEAR_IQ2_S(DType.IQ2_S, DType.A8_256, 256, 0x25f25606L),
    LINEAR_IQ3_XXS(DType.IQ3_XXS, DType.A8_256, 256, 0x8202533dL),
    LINEAR_IQ3_S(DType.IQ3_S, DType.A8_256, 256, 0x80e04204L),
    EXACT_Q8_0(DType.Q8_0, DType.F32, 96, 0x8e4530ecL),
    EXACT_Q4_0(DType.Q4_0, DType.F32, 96, 0x53c257f4L),
    EXACT_Q4_K(DType.Q4_K, DType.F32, 256, 0x653d956eL),
    EXACT_Q6_K(DType.Q6_K, DType.F32, 256, 0xdfd14aacL),
    EXACT_NVFP4(DType.NVFP4, DType.F32, 128, 0x4b63edb5L);

    /** Rows of weights: two panels of 8, one of 4, and an odd one. */
    static final int WEIGHT_ROWS = 21;

    /** Tokens: a tile of 4 and its rest. */
    static final int TOKENS = 7;

    /** So few tokens that rows of blocks are multiplied as they lie; the first of {@link #TOKENS}. */
    static final int FEW_TOKENS = 3;

    static final NormSpec NORM_SPEC = new NormSpec(30, 1e-6f);

    final DType from;
    final DType to;
    final int columns;
    private final long crc;

    /** For a product: types of weight and activations; for a conversion: from and to. */
    KnownAnswers(DType from, DType to, int columns, long crc) {
        this.from = from;
        this.to = to;
        this.columns = columns;
        this.crc = crc;
    }

    /** The first that each set of kernels gets wrong, for those that get one wrong. */
    static Map<CpuKernels, KnownAnswers> firstWrong(List<CpuKernels> sets) {
        Map<CpuKernels, KnownAnswers> wrong = new IdentityHashMap<>();
        for (KnownAnswers answer : values()) {
            try (Arena arena = Arena.ofConfined()) {
                Inputs inputs = answer.inputs(arena); // once for all sets: these calls are part of every start
                for (CpuKernels kernels : sets) {
                    if (!wrong.containsKey(kernels) && answer.checksum(kernels, inputs, arena) != answer.crc) {
                        wrong.put(kernels, answer);
                    }
                }
            }
        }
        return wrong;
    }

    /** The checksum that is expected. */
    long crc() {
        return crc;
    }

    /** @param weight null where an operation has none */
    record Inputs(Tensor x, @Nullable HostWeight weight) {}

    /** What it is computed of. */
    Inputs inputs(Arena arena) {
        return switch (this) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256, SILU -> new Inputs(activations(arena, from, columns), null);
            case NORM ->
                new Inputs(activations(arena, from, columns), weight(arena, DType.F32, 1, NORM_SPEC.groupSize()));
            default -> new Inputs(activations(arena, to, columns), weight(arena, from, WEIGHT_ROWS, columns));
        };
    }

    /** What the kernels make of it. */
    long checksum(CpuKernels kernels, Inputs inputs, Arena arena) {
        var rows = new NativeRows(kernels);
        Tensor out = result(arena);
        Tensor x = inputs.x;
        switch (this) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256 -> rows.quantize(out, x, 0, TOKENS);
            case NORM -> rows.addNorm(out, x, null, requireNonNull(inputs.weight), NORM_SPEC, 0, TOKENS);
            case SILU -> rows.gate(out, x, x, Activation.SILU, 0, TOKENS);
            default -> {
                HostWeight weight = requireNonNull(inputs.weight);
                product(kernels, arena, out.rows(0, TOKENS), x, weight);
                product(kernels, arena, out.rows(TOKENS, FEW_TOKENS), x.rows(0, FEW_TOKENS), weight);
            }
        }
        return crcOf(out);
    }

    private void product(CpuKernels kernels, Arena arena, Tensor out, Tensor x, HostWeight weight) {
        OptionalLong bytes = kernels.linearScratchBytes(from, to, columns, x.rows());
        if (bytes.isPresent()) {
            MemorySegment scratch = arena.allocate(Math.max(4, bytes.getAsLong()), 32);
            kernels.linear(out, x, weight, null, 0, WEIGHT_ROWS, scratch);
        }
    }

    /** Room for the result, zeroed: of a product by all tokens and by few. */
    Tensor result(Arena arena) {
        return switch (this) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256, NORM, SILU -> tensor(arena, to, TOKENS, columns);
            default -> tensor(arena, DType.F32, TOKENS + FEW_TOKENS, WEIGHT_ROWS);
        };
    }

    private static Tensor tensor(Arena arena, DType type, int rows, int columns) {
        return Tensor.of(arena.allocate(type.bytes(columns) * rows, 32), type, rows, columns);
    }

    /** Deterministic finite activations. */
    static Tensor activations(Arena arena, DType type, int columns) {
        Tensor tensor = tensor(arena, type, TOKENS, columns);
        var draw = new Draw(CpuKernels.typeId(type) + 1);
        for (int t = 0; t < TOKENS; t++) {
            fillRow(tensor.segment().asSlice(t * tensor.rowBytes(), tensor.rowBytes()), type, columns, draw);
        }
        return tensor;
    }

    private static void fillRow(MemorySegment row, DType type, int columns, Draw draw) {
        if (type == DType.F32) {
            MemorySegment.copy(draw.floats(columns, 4), 0, row, Tensor.FLOAT, 0, columns);
            return;
        }
        if (type == DType.BF16) {
            float factor = draw.next() < 0 ? 4 : 0x1p-125f; // its products vanish in part
            for (int i = 0; i < columns; i++) {
                row.set(Tensor.SHORT, 2L * i, Bfloat16.of(factor * draw.next()));
            }
            return;
        }
        byte[] values = new byte[columns];
        short[] sums = new short[columns / 32];
        for (int i = 0; i < columns; i++) {
            values[i] = (byte) (127 * draw.next());
            sums[i / 32] += values[i];
        }
        int scales = columns / type.blockSize();
        MemorySegment.copy(values, 0, row, ValueLayout.JAVA_BYTE, 0, columns);
        MemorySegment.copy(draw.floats(scales, 1), 0, row, Tensor.FLOAT, columns, scales);
        if (type == DType.A8_256) {
            MemorySegment.copy(sums, 0, row, Tensor.SHORT, columns + 4L * scales, sums.length);
        }
    }

    /** A deterministic finite weight. */
    static HostWeight weight(Arena arena, DType type, int rows, int columns) {
        byte[] bytes = new byte[Math.toIntExact(type.bytes(columns) * rows)];
        var draw = new Draw(CpuKernels.typeId(type) + 1);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (128 * draw.next());
        }
        MemorySegment data = arena.allocate(bytes.length, 32);
        MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
        for (long at = 0; at < bytes.length; at += type.blockBytes()) {
            drawScales(data.asSlice(at, type.blockBytes()), type, draw);
        }
        return new HostWeight("known answers", type, Shape.of(rows, columns), data);
    }

    /** Draws the scales of a block whose other bytes have been drawn. */
    private static void drawScales(MemorySegment block, DType type, Draw draw) {
        switch (type) {
            case F32 -> block.set(Tensor.FLOAT, 0, draw.next());
            case BF16 -> block.set(Tensor.SHORT, 0, (short) (Float.floatToRawIntBits(draw.next()) >>> 16));
            case MXFP4 -> block.set(ValueLayout.JAVA_BYTE, 0, (byte) (124 + 3 * draw.next()));
            case NVFP4 -> { // four scales in E4M3, none of them NaN
                for (int i = 0; i < 4; i++) {
                    block.set(ValueLayout.JAVA_BYTE, i, (byte) (56 + 7 * draw.next()));
                }
            }
            case IQ1_M -> // the upper bits of a binary16 are those of the last byte
                block.set(ValueLayout.JAVA_BYTE, 55, (byte) (0x30 | block.get(ValueLayout.JAVA_BYTE, 55) & 0x8f));
            default -> {
                for (int at : scales(type)) {
                    block.set(Tensor.SHORT, at, Float.floatToFloat16(draw.next()));
                }
            }
        }
    }

    /** Where the binary16 scales of a block lie. */
    private static int[] scales(DType type) {
        return switch (type) {
            case Q4_K, Q5_K, Q4_1, Q5_1 -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q6_K, Q3_K, TQ1_0, TQ2_0 -> new int[] {type.blockBytes() - 2};
            case F16, Q8_0, Q4_0, Q5_0, IQ4_NL, IQ4_XS, IQ1_S, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> new int[] {0};
            default -> throw new IllegalArgumentException("known answers: no weight of " + type);
        };
    }

    /** CRC-32C of a tensor's bytes, dense. */
    static long crcOf(Tensor tensor) {
        var crc = new CRC32C();
        crc.update(
                tensor.segment().asSlice(0, tensor.rows() * tensor.rowBytes()).asByteBuffer());
        return crc.getValue();
    }

    /** A linear congruential generator (Knuth's MMIX constants) of floats in [-1, 1). */
    private static final class Draw {
        private long state;

        Draw(long seed) {
            state = seed;
        }

        float next() {
            state = state * 6364136223846793005L + 1442695040888963407L;
            return (int) (state >>> 32) * 0x1p-31f;
        }

        float[] floats(int count, float factor) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = factor * next();
            }
            return values;
        }
    }
}
