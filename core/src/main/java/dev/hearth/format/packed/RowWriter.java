package dev.hearth.format.packed;

import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/** Writes coded matrices in the types that operations know, rows in parallel. */
final class RowWriter {
    private static final int BLOCK = 32;
    private static final long ELEMENTS_AT_ONCE = 1 << 18;

    private final CodedMatrix matrix;
    private final MemorySegment to;
    private final byte[] rowBytes;
    private final ByteBuffer bytes; // the same
    private final float[] levels;
    private final float[] scales;

    private RowWriter(CodedMatrix matrix, MemorySegment to) {
        this.matrix = matrix;
        this.to = to;
        int columns = (int) matrix.shape().width();
        this.rowBytes = new byte[(int) matrix.type().bytes(columns)]; // at most 2^24 columns
        this.bytes = ByteBuffer.wrap(rowBytes).order(ByteOrder.LITTLE_ENDIAN);
        this.levels = new float[columns];
        this.scales = new float[columns];
    }

    /** Fills {@code to}, which other threads may use, with the rows one after the other. */
    static void write(CodedMatrix matrix, MemorySegment to) {
        long rows = matrix.shape().rows();
        long atOnce = Math.max(1, ELEMENTS_AT_ONCE / matrix.shape().width());
        LongStream.range(0, (rows + atOnce - 1) / atOnce).parallel().forEach(part -> {
            var writer = new RowWriter(matrix, to);
            for (long row = part * atOnce; row < Math.min(rows, (part + 1) * atOnce); row++) {
                writer.write(row);
            }
        });
    }

    private void write(long row) {
        matrix.read(row, levels, scales);
        switch (matrix.type()) {
            case F32 -> {
                for (int i = 0; i < levels.length; i++) {
                    bytes.putFloat(4 * i, levels[i] * scales[i]);
                }
            }
            case F16 -> {
                for (int i = 0; i < levels.length; i++) {
                    bytes.putShort(2 * i, Float.floatToFloat16(levels[i] * scales[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < levels.length; i++) {
                    bytes.putShort(2 * i, Bfloat16.of(levels[i] * scales[i]));
                }
            }
            case Q8_0 -> {
                for (int b = 0; b < levels.length / BLOCK; b++) {
                    writeBytes(DType.Q8_0.blockBytes() * b, BLOCK * b);
                }
            }
            case Q4_0 -> {
                for (int b = 0; b < levels.length / BLOCK; b++) {
                    writeNibbles(DType.Q4_0.blockBytes() * b, BLOCK * b);
                }
            }
            case TQ2_0 -> {
                for (int b = 0; b < levels.length / DType.TQ2_0.blockSize(); b++) {
                    writePairs(DType.TQ2_0.blockBytes() * b, DType.TQ2_0.blockSize() * b);
                }
            }
            default -> throw new IllegalStateException("packed weights are not presented as " + matrix.type());
        }
        MemorySegment.copy(rowBytes, 0, to, ValueLayout.JAVA_BYTE, row * rowBytes.length, rowBytes.length);
    }

    private void writeBytes(int at, int first) {
        bytes.putShort(at, Float.floatToFloat16(scales[first]));
        for (int i = 0; i < BLOCK; i++) {
            rowBytes[at + 2 + i] = (byte) levels[first + i];
        }
    }

    private void writeNibbles(int at, int first) {
        bytes.putShort(at, Float.floatToFloat16(scales[first]));
        for (int i = 0; i < BLOCK / 2; i++) {
            int low = (int) levels[first + i] + 8;
            int high = (int) levels[first + BLOCK / 2 + i] + 8;
            rowBytes[at + 2 + i] = (byte) (low | high << 4);
        }
    }

    /** Levels -1, 0 and 1. Each half of the block has 32 bytes, a byte every 32nd of its elements. */
    private void writePairs(int at, int first) {
        bytes.putShort(at + 64, Float.floatToFloat16(scales[first]));
        for (int i = 0; i < 64; i++) {
            int pairs = 0;
            for (int k = 0; k < 4; k++) {
                pairs |= (int) levels[first + i / 32 * 128 + 32 * k + i % 32] + 1 << 2 * k;
            }
            rowBytes[at + i] = (byte) pairs;
        }
    }
}
