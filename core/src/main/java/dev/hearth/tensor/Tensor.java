package dev.hearth.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A matrix of rows in a buffer: [rows, width], neighbouring elements of a row dense, rows {@link #rowStride()} elements apart.
 * Any axes before the innermost count as rows. Immutable; the memory isn't, and is not synchronised.
 */
public final class Tensor {
    /** Little-endian, any alignment. */
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Little-endian, any alignment. */
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    /** Little-endian, any alignment. */
    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final Buffer buffer;
    private final long offsetBytes;
    private final Shape shape;
    private final long rowStride;
    private final DType type;

    /**
     * A view.
     *
     * @param rowStride elements from one row to the next, at least the width; whole blocks
     * @throws IllegalArgumentException if the view does not lie inside the buffer
     */
    public Tensor(Buffer buffer, long offsetBytes, DType type, Shape shape, long rowStride) {
        this.buffer = buffer;
        this.offsetBytes = offsetBytes;
        this.type = type;
        this.shape = shape;
        this.rowStride = rowStride;
        long rows = shape.rows();
        long needed = rows == 0
                ? 0
                : Math.addExact(Math.multiplyExact(rows - 1, type.bytes(rowStride)), type.bytes(shape.width()));
        if (rowStride < shape.width() || offsetBytes < 0 || needed > buffer.byteSize() - offsetBytes) {
            throw new IllegalArgumentException("tensor: " + this + " with rows " + rowStride + " apart at byte "
                    + offsetBytes + " needs " + needed + " bytes, the buffer has " + buffer.byteSize());
        }
    }

    /** A dense view from the start of host memory. */
    public static Tensor of(MemorySegment segment, DType type, long... sizes) {
        Shape shape = Shape.of(sizes);
        return new Tensor(new HostBuffer(segment), 0, type, shape, shape.width());
    }

    /** The rows from {@code first} on. */
    public Tensor rows(long first, long count) {
        if (first < 0 || count < 0 || count > shape.rows() - first) {
            throw new IllegalArgumentException(
                    "tensor: rows " + first + " to " + (first + count) + " are not in " + this);
        }
        return new Tensor(
                buffer, offsetBytes + first * type.bytes(rowStride), type, Shape.of(count, shape.width()), rowStride);
    }

    /** The columns from {@code first} on, of every row. */
    public Tensor columns(long first, long count) {
        if (first < 0 || count < 0 || count > shape.width() - first || type.isQuantised()) {
            throw new IllegalArgumentException(
                    "tensor: columns " + first + " to " + (first + count) + " are not in " + this);
        }
        return new Tensor(buffer, offsetBytes + type.bytes(first), type, Shape.of(shape.rows(), count), rowStride);
    }

    /** All elements below each other, [rows * width, 1]. @throws IllegalArgumentException if rows are apart in memory */
    public Tensor asColumn() {
        if (rowStride != shape.width() || type.isQuantised()) {
            throw new IllegalArgumentException("tensor: " + this + " with rows " + rowStride + " apart is no column");
        }
        return new Tensor(buffer, offsetBytes, type, Shape.of(shape.rows() * shape.width(), 1), 1);
    }

    /** Where it lies. */
    public Buffer buffer() {
        return buffer;
    }

    /** Bytes from the start of the buffer to the first element. */
    public long offsetBytes() {
        return offsetBytes;
    }

    /** Its sizes. */
    public Shape shape() {
        return shape;
    }

    /** Number of rows. */
    public long rows() {
        return shape.rows();
    }

    /** Elements of a row. */
    public long width() {
        return shape.width();
    }

    /** Elements from one row to the next. */
    public long rowStride() {
        return rowStride;
    }

    /** Bytes from one row to the next. */
    public long rowBytes() {
        return type.bytes(rowStride);
    }

    /** How elements are stored. */
    public DType type() {
        return type;
    }

    /** The host memory from the first element to the end of the buffer. @throws ClassCastException on a device's tensor */
    public MemorySegment segment() {
        return ((HostBuffer) buffer).segment().asSlice(offsetBytes);
    }

    /** The host address of the first element. @throws ClassCastException on a device's tensor */
    public long address() {
        return ((HostBuffer) buffer).segment().address() + offsetBytes;
    }

    /** One element of host memory, F32. */
    public float getFloat(long row, long column) {
        return ((HostBuffer) buffer).segment().get(FLOAT, offsetBytes + (row * rowStride + column) * 4);
    }

    /** Sets one element of host memory, F32. */
    public void setFloat(long row, long column, float value) {
        ((HostBuffer) buffer).segment().set(FLOAT, offsetBytes + (row * rowStride + column) * 4, value);
    }

    /** One element of host memory, I32. */
    public int getInt(long row, long column) {
        return ((HostBuffer) buffer).segment().get(INT, offsetBytes + (row * rowStride + column) * 4);
    }

    /** Sets one element of host memory, I32. */
    public void setInt(long row, long column, int value) {
        ((HostBuffer) buffer).segment().set(INT, offsetBytes + (row * rowStride + column) * 4, value);
    }

    /** As errors print it: {@code F32 [7, 4096]}. */
    @Override
    public String toString() {
        return type + " " + shape;
    }
}
