package dev.hearth.ffi;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Small calls with known results, run on every instruction set when the library is loaded: a compiler's, a processor's
 * or an emulator's fault shows here and not in a text. The checksums are those of
 * {@link dev.hearth.spi.reference.ScalarKernels}, as KnownAnswersTest shows.
 */
enum KnownAnswers {
    QUANTIZE_A8_32(DType.F32, DType.A8_32, 352, 0xbe387e80L),
    QUANTIZE_A8_256(DType.F32, DType.A8_256, 512, 0xbc636ee8L),
    NORM(DType.F32, DType.F32, 90, 0x671016b2L),
    SILU(DType.F32, DType.F32, 91, 0xad315f85L),
    LINEAR_F32(DType.F32, DType.F32, 89, 0x776694ddL),
    LINEAR_F16(DType.F16, DType.F32, 89, 0xb991bf34L),
    LINEAR_BF16(DType.BF16, DType.F32, 89, 0x49a8c784L),
    LINEAR_Q8_0(DType.Q8_0, DType.A8_32, 352, 0xd3e563b9L),
    LINEAR_Q4_0(DType.Q4_0, DType.A8_32, 352, 0xffd92a02L),
    LINEAR_Q4_K(DType.Q4_K, DType.A8_256, 512, 0x067e5485L),
    LINEAR_Q6_K(DType.Q6_K, DType.A8_256, 512, 0xb1ca9379L),
    EXACT_Q8_0(DType.Q8_0, DType.F32, 96, 0x6a990e6bL),
    EXACT_Q4_0(DType.Q4_0, DType.F32, 96, 0x75fc9556L),
    EXACT_Q4_K(DType.Q4_K, DType.F32, 256, 0x706d9ee7L),
    EXACT_Q6_K(DType.Q6_K, DType.F32, 256, 0x0db36c4dL);

    /** Rows of weights: two panels of 8, one of 4, and an odd one. */
    static final int WEIGHT_ROWS = 21;

    /** Tokens: a tile of 4 and its rest. */
    static final int TOKENS = 7;

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

    /** The name of the first that the kernels get wrong. */
    static Optional<String> firstWrong(CpuKernels kernels) {
        for (KnownAnswers answer : values()) {
            if (answer.checksum(kernels) != answer.crc) {
                return Optional.of(answer.name());
            }
        }
        return Optional.empty();
    }

    /** The checksum that is expected. */
    long crc() {
        return crc;
    }

    /** What the kernels make of it. */
    long checksum(CpuKernels kernels) {
        try (Arena arena = Arena.ofConfined()) {
            var rows = new NativeRows(kernels);
            Tensor out = result(arena);
            switch (this) {
                case QUANTIZE_A8_32, QUANTIZE_A8_256 ->
                    rows.quantize(out, activations(arena, from, columns), 0, TOKENS);
                case NORM ->
                    rows.addNorm(
                            out,
                            activations(arena, from, columns),
                            null,
                            weight(arena, DType.F32, 1, NORM_SPEC.groupSize()),
                            NORM_SPEC,
                            0,
                            TOKENS);
                case SILU -> {
                    Tensor x = activations(arena, from, columns);
                    rows.gate(out, x, x, Activation.SILU, 0, TOKENS);
                }
                default -> product(kernels, arena, out);
            }
            return crcOf(out);
        }
    }

    private void product(CpuKernels kernels, Arena arena, Tensor out) {
        OptionalLong bytes = kernels.linearScratchBytes(from, to, columns, TOKENS);
        if (bytes.isPresent()) {
            MemorySegment scratch = arena.allocate(Math.max(4, bytes.getAsLong()), 32);
            Tensor x = activations(arena, to, columns);
            kernels.linear(out, x, weight(arena, from, WEIGHT_ROWS, columns), null, 0, WEIGHT_ROWS, scratch);
        }
    }

    /** Room for the result, zeroed. */
    Tensor result(Arena arena) {
        return switch (this) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256, NORM, SILU -> tensor(arena, to, columns);
            default -> tensor(arena, DType.F32, WEIGHT_ROWS);
        };
    }

    private static Tensor tensor(Arena arena, DType type, int columns) {
        return Tensor.of(arena.allocate(type.bytes(columns) * TOKENS, 32), type, TOKENS, columns);
    }

    /** Deterministic finite activations. */
    static Tensor activations(Arena arena, DType type, int columns) {
        Tensor tensor = tensor(arena, type, columns);
        var draw = new Draw(CpuKernels.typeId(type) + 1);
        long scales = columns / type.blockSize();
        for (int t = 0; t < TOKENS; t++) {
            MemorySegment row = tensor.segment().asSlice(t * tensor.rowBytes(), tensor.rowBytes());
            for (int i = 0; i < columns; i++) {
                if (type == DType.F32) {
                    row.set(Tensor.FLOAT, 4L * i, 4 * draw.next());
                } else {
                    row.set(ValueLayout.JAVA_BYTE, i, (byte) (127 * draw.next()));
                }
            }
            for (long b = 0; type.isQuantised() && b < scales; b++) {
                row.set(Tensor.FLOAT, columns + 4 * b, draw.next());
            }
            for (long group = 0; type == DType.A8_256 && group < columns / 32; group++) {
                short sum = 0;
                for (long i = 32 * group; i < 32 * group + 32; i++) {
                    sum += row.get(ValueLayout.JAVA_BYTE, i);
                }
                row.set(Tensor.SHORT, columns + 4 * scales + 2 * group, sum);
            }
        }
        return tensor;
    }

    /** A deterministic finite weight. */
    static HostWeight weight(Arena arena, DType type, int rows, int columns) {
        MemorySegment data = arena.allocate(type.bytes(columns) * rows, 32);
        var draw = new Draw(CpuKernels.typeId(type) + 1);
        for (long at = 0; at < data.byteSize(); at += type.blockBytes()) {
            fillBlock(data.asSlice(at, type.blockBytes()), type, draw);
        }
        return new HostWeight("known answers", type, Shape.of(rows, columns), data);
    }

    private static void fillBlock(MemorySegment block, DType type, Draw draw) {
        for (long i = 0; type.isQuantised() && i < block.byteSize(); i++) {
            block.set(ValueLayout.JAVA_BYTE, i, (byte) (128 * draw.next()));
        }
        switch (type) {
            case F32 -> block.set(Tensor.FLOAT, 0, draw.next());
            case BF16 -> block.set(Tensor.SHORT, 0, (short) (Float.floatToRawIntBits(draw.next()) >>> 16));
            case F16, Q8_0, Q4_0 -> block.set(Tensor.SHORT, 0, Float.floatToFloat16(draw.next()));
            case Q6_K -> block.set(Tensor.SHORT, 208, Float.floatToFloat16(draw.next()));
            case Q4_K -> {
                block.set(Tensor.SHORT, 0, Float.floatToFloat16(draw.next()));
                block.set(Tensor.SHORT, 2, Float.floatToFloat16(draw.next()));
            }
            default -> throw new IllegalArgumentException("known answers: no weight of " + type);
        }
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
    }
}
