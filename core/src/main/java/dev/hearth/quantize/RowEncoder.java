package dev.hearth.quantize;

import dev.hearth.format.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Encodes some rows of a tensor. */
record RowEncoder(DraftTensor tensor, BlockType type, long first, long count) implements Callable<ByteBuffer> {
    /** The rows' bytes. @throws ModelFormatException if a value isn't finite, or the type cannot hold it */
    @Override
    public ByteBuffer call() {
        Supplier<RowReader> rows = tensor.rows().orElseThrow();
        RowReader reader = rows.get();
        BlockEncoder encoder = type.encoder();
        int width = Math.toIntExact(tensor.shape().width());
        float[] values = new float[width];
        int rowBytes = Math.toIntExact(type.rowBytes(width));
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(rowBytes * count)).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < count; row++) {
            reader.read(first + row, values);
            refuseInfinite(values, first + row);
            int at = row * rowBytes;
            try {
                for (int i = 0; i < width; i += type.blockSize()) {
                    encoder.encode(values, i, out, at);
                    at += type.blockBytes();
                }
            } catch (ArithmeticException e) {
                throw new ModelFormatException(
                        tensor.name() + ": row " + (first + row),
                        "expected values that fit " + type + ": " + e.getMessage(),
                        e);
            }
        }
        return out;
    }

    private void refuseInfinite(float[] values, long row) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new ModelFormatException(
                        tensor.name() + ": row " + row + ", column " + i,
                        "expected a finite weight, found " + values[i] + "; the model is broken");
            }
        }
    }
}
