package dev.hearth.ffi;

import dev.hearth.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Small calls with known results, run on every instruction set when the library is loaded: a compiler's, a processor's
 * or an emulator's fault shows here and not in a text. The checksums are those of the scalar statement in
 * KnownAnswersTest.
 */
enum KnownAnswers {
    QUANTIZE(DType.F32, DType.A8_32, 352, 0x7233f634L),
    LINEAR_F32(DType.F32, DType.F32, 89, 0x5db26d0eL),
    LINEAR_F16(DType.F16, DType.F32, 89, 0x8a62af71L),
    LINEAR_BF16(DType.BF16, DType.F32, 89, 0x84f4024eL),
    LINEAR_Q8_0(DType.Q8_0, DType.A8_32, 352, 0x66d45758L);

    /** Rows of weights: two panels of 8, one of 4, and an odd one. */
    static final int WEIGHT_ROWS = 21;

    /** Tokens: a tile of 4 and its rest. */
    static final int TOKENS = 7;

    private final DType from;
    private final DType to;
    private final int columns;
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
            if (this == QUANTIZE) {
                Rows x = input(arena, from, TOKENS, columns);
                Rows out = Rows.dense(to, arena.allocate(to.bytes(columns) * TOKENS, 32), TOKENS, columns);
                kernels.quantize(out, x, TOKENS);
                return crcOf(out);
            }
            OptionalLong scratch = kernels.linearScratchBytes(from, to, columns);
            Rows out = Rows.dense(DType.F32, arena.allocate(4L * TOKENS * WEIGHT_ROWS, 32), TOKENS, WEIGHT_ROWS);
            if (scratch.isPresent()) {
                Rows weight = input(arena, from, WEIGHT_ROWS, columns);
                Rows x = input(arena, to, TOKENS, columns);
                MemorySegment packing = arena.allocate(scratch.getAsLong(), 32);
                kernels.linear(out, weight, x, TOKENS, 0, WEIGHT_ROWS, packing);
            }
            return crcOf(out);
        }
    }

    /** Deterministic finite content. */
    static Rows input(Arena arena, DType type, int rows, int columns) {
        MemorySegment memory = arena.allocate(type.bytes(columns) * rows, 32);
        var draw = new Draw(CpuKernels.typeId(type) + 1);
        for (int r = 0; r < rows; r++) {
            fillRow(memory.asSlice(r * type.bytes(columns), type.bytes(columns)), type, columns, draw);
        }
        return Rows.dense(type, memory, rows, columns);
    }

    private static void fillRow(MemorySegment row, DType type, int columns, Draw draw) {
        for (int i = 0; i < columns; i++) {
            switch (type) {
                case F32 -> row.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, draw.next());
                case F16 -> row.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(draw.next()));
                case BF16 ->
                    row.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short)
                            (Float.floatToRawIntBits(draw.next()) >>> 16));
                case Q8_0 -> {
                    row.set(ValueLayout.JAVA_BYTE, i / 32 * 34 + 2 + i % 32, (byte) (128 * draw.next()));
                    row.set(ValueLayout.JAVA_SHORT_UNALIGNED, i / 32 * 34L, Float.floatToFloat16(draw.next()));
                }
                case A8_32 -> {
                    row.set(ValueLayout.JAVA_BYTE, i, (byte) (127 * draw.next()));
                    row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, columns + i / 32 * 4L, draw.next());
                }
                case I32, Q4_0, Q4_K, Q6_K, A8_256 ->
                    throw new IllegalArgumentException("known answers: no input of " + type);
            }
        }
    }

    /** CRC-32C of the rows' bytes. */
    static long crcOf(Rows rows) {
        var crc = new CRC32C();
        crc.update(rows.memory().asByteBuffer());
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
