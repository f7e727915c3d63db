package dev.hearth.adapter;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorInfo;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/** The rows of tensors as F32. */
final class FloatRows {
    private static final long ELEMENTS_AT_ONCE = 1 << 18;

    private FloatRows() {}

    /** Work on one row. */
    interface Row {
        /** @param row its values, to be used before the call returns */
        void accept(long index, float[] row);
    }

    /** Reads every row, several at a time. */
    static void forEach(TensorInfo tensor, Row work) {
        long rows = tensor.shape().rows();
        int width = width(tensor);
        long atOnce = Math.max(1, ELEMENTS_AT_ONCE / Math.max(1, width));
        LongStream.range(0, (rows + atOnce - 1) / atOnce).parallel().forEach(part -> {
            var values = values(tensor);
            float[] row = new float[width];
            for (long i = part * atOnce; i < Math.min(rows, (part + 1) * atOnce); i++) {
                values.read(i, row);
                work.accept(i, row);
            }
        });
    }

    /** Every element, row by row. @throws ModelFormatException if there are too many for an array */
    static float[] all(TensorInfo tensor) {
        int width = width(tensor);
        long count = tensor.shape().elements();
        if (count > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(tensor.place(), "expected fewer than 2^31 elements, found " + count);
        }
        float[] all = new float[(int) count];
        var values = values(tensor);
        float[] row = new float[width];
        for (int i = 0; i < tensor.shape().rows(); i++) {
            values.read(i, row);
            System.arraycopy(row, 0, all, i * width, width);
        }
        return all;
    }

    /** Writes a row of F32 values. */
    static void write(float[] row, MemorySegment to, long index) {
        MemorySegment.copy(row, 0, to, Tensor.FLOAT, 4L * row.length * index, row.length);
    }

    /** Reads a row of F32 values. */
    static void read(MemorySegment from, long index, float[] row) {
        MemorySegment.copy(from, Tensor.FLOAT, 4L * row.length * index, row, 0, row.length);
    }

    private static int width(TensorInfo tensor) {
        long width = tensor.shape().width();
        if (tensor.type() == DType.I32 || width > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(
                    tensor.place(),
                    "expected rows of floating-point numbers, found " + tensor.type() + " " + tensor.shape());
        }
        return (int) width;
    }

    private static RowValues values(TensorInfo tensor) {
        return new RowValues(new HostWeight(tensor.name(), tensor.type(), tensor.shape(), tensor.data()));
    }
}
