package dev.hearth.conformance;

import dev.hearth.spi.Device;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Tensors on a device for one call, each in a buffer of its own between guard bytes. A call must leave guards, gaps between rows
 * and its inputs as they were, which {@link #assertUntouched()} checks.
 */
final class Bench implements AutoCloseable {
    /** How rows lie. */
    enum Layout {
        /** One after the other from an aligned start. */
        DENSE,
        /** As columns of a wider tensor, from an odd start; weights begin at an odd address, as in safetensors files they may. */
        STRIDED
    }

    /** Fills all that is not a value: as F32 a NaN, as I32 far out of any range. */
    static final int GUARD = 0x7fc0dead;

    private static final int MARGIN_BYTES = 64;

    private final Device device;
    private final BenchMemory pieces;
    private final Layout layout;
    private final List<Weight> weights = new ArrayList<>();
    private final List<Device.Allocation> taken = new ArrayList<>();
    private final List<MemorySegment> takenHost = new ArrayList<>();
    private final Map<Tensor, MemorySegment> inputs = new IdentityHashMap<>();
    private final Map<Tensor, MemorySegment> outputs = new IdentityHashMap<>();

    Bench(BenchMemory pieces, Layout layout) {
        this.device = pieces.device();
        this.pieces = pieces;
        this.layout = layout;
    }

    Ops ops() {
        return device.ops();
    }

    /** An input F32 [rows, width]. */
    Tensor input(float[][] rows, int width) {
        return place(rows, width, inputs);
    }

    /** An F32 tensor that the call changes. */
    Tensor inOut(float[][] rows, int width) {
        return place(rows, width, outputs);
    }

    /** An F32 tensor that the call fills. */
    Tensor output(int rows, int width) {
        return place(DType.F32, rows, width, outputs);
    }

    /** A tensor of a type that the call fills. */
    Tensor output(DType type, int rows, int width) {
        return place(type, rows, width, outputs);
    }

    /** An input I32 [n, 1]. */
    Tensor column(int... values) {
        int[][] rows = new int[values.length][];
        for (int i = 0; i < values.length; i++) {
            rows[i] = new int[] {values[i]};
        }
        return input(rows, 1);
    }

    /** An input I32 [rows, width]. */
    Tensor input(int[][] rows, int width) {
        Tensor tensor = place(this::hostBuffer, DType.I32, rows.length, width, inputs);
        MemorySegment image = image(tensor);
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < width; i++) {
                image.set(Tensor.INT, at(tensor, r) + 4L * i, rows[r][i]);
            }
        }
        pieces.upload(tensor.buffer(), image);
        return tensor;
    }

    /** An input of any type from the bytes of its rows. */
    Tensor input(DType type, byte[][] rows, int width) {
        Tensor tensor = place(type, rows.length, width, inputs);
        MemorySegment image = image(tensor);
        for (int r = 0; r < rows.length; r++) {
            MemorySegment.copy(MemorySegment.ofArray(rows[r]), 0, image, at(tensor, r), rows[r].length);
        }
        pieces.upload(tensor.buffer(), image);
        return tensor;
    }

    /** A weight; it is freed with the bench. */
    Weight weight(Matrix m) {
        int start = layout == Layout.STRIDED ? 1 : 0;
        MemorySegment data = host(m.bytes().length + 1L).asSlice(start, m.bytes().length);
        MemorySegment.copy(MemorySegment.ofArray(m.bytes()), 0, data, 0, m.bytes().length);
        return load(new WeightSource("kit." + m.type(), m.type(), Shape.of(m.rows(), m.columns()), data));
    }

    /** A vector F32 [n], as norms and biases are. */
    Weight vector(float... values) {
        MemorySegment data = host(Math.max(4, 4L * values.length)).asSlice(0, 4L * values.length);
        MemorySegment.copy(MemorySegment.ofArray(values), 0, data, 0, data.byteSize());
        return load(new WeightSource("kit.vector", DType.F32, Shape.of(values.length), data));
    }

    private MemorySegment host(long bytes) {
        takenHost.add(pieces.takeHost(bytes));
        return takenHost.getLast();
    }

    private Weight load(WeightSource source) {
        weights.add(device.load(source));
        return weights.getLast();
    }

    /** A buffer with these bytes. */
    Buffer buffer(MemorySegment bytes) {
        return buffer(pieces.take(bytes.byteSize()), bytes);
    }

    /** A buffer in the memory from which operations take integers. */
    private Buffer hostBuffer(MemorySegment bytes) {
        return buffer(pieces.takeForIntegers(bytes.byteSize()), bytes);
    }

    private Buffer buffer(Device.Allocation allocation, MemorySegment bytes) {
        taken.add(allocation);
        pieces.upload(allocation.buffer(), bytes);
        return allocation.buffer();
    }

    /** Every byte of a buffer after what is enqueued. */
    MemorySegment bytes(Buffer buffer) {
        device.ops().fence().await();
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(buffer.byteSize())]);
        pieces.download(bytes, buffer);
        return bytes;
    }

    /** The values of an F32 tensor after what is enqueued. */
    float[][] floats(Tensor tensor) {
        MemorySegment bytes = bytes(tensor.buffer());
        float[][] rows = new float[(int) tensor.rows()][(int) tensor.width()];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < rows[r].length; i++) {
                rows[r][i] = bytes.get(Tensor.FLOAT, at(tensor, r) + 4L * i);
            }
        }
        return rows;
    }

    /** The values of an I32 tensor after what is enqueued. */
    int[][] ints(Tensor tensor) {
        MemorySegment bytes = bytes(tensor.buffer());
        int[][] rows = new int[(int) tensor.rows()][(int) tensor.width()];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < rows[r].length; i++) {
                rows[r][i] = bytes.get(Tensor.INT, at(tensor, r) + 4L * i);
            }
        }
        return rows;
    }

    /** The bytes of each row after what is enqueued. */
    byte[][] rowBytes(Tensor tensor) {
        MemorySegment bytes = bytes(tensor.buffer());
        byte[][] rows = new byte[(int) tensor.rows()][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = bytes.asSlice(at(tensor, r), tensor.type().bytes(tensor.width()))
                    .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
        return rows;
    }

    /** Throws an AssertionError if an input or a byte beside a result has changed. */
    void assertUntouched() {
        inputs.forEach((tensor, image) -> {
            long at = image.mismatch(bytes(tensor.buffer()));
            if (at >= 0) {
                throw new AssertionError("input " + tensor + " was changed at " + place(tensor, at));
            }
        });
        outputs.forEach((tensor, image) -> {
            MemorySegment now = bytes(tensor.buffer());
            long rowBytes = tensor.type().bytes(tensor.width());
            for (int r = 0; r < tensor.rows(); r++) { // what may change is made equal
                MemorySegment.copy(image, at(tensor, r), now, at(tensor, r), rowBytes);
            }
            long at = image.mismatch(now);
            if (at >= 0) {
                throw new AssertionError("written outside of result " + tensor + " at " + place(tensor, at));
            }
        });
    }

    @Override
    public void close() {
        device.ops().fence().await(); // what others get now may still be read
        weights.forEach(Weight::close);
        taken.forEach(pieces::giveBack);
        takenHost.forEach(pieces::giveBackHost);
    }

    private Tensor place(float[][] rows, int width, Map<Tensor, MemorySegment> kind) {
        Tensor tensor = place(DType.F32, rows.length, width, kind);
        MemorySegment image = image(tensor);
        for (int r = 0; r < rows.length; r++) {
            MemorySegment.copy(MemorySegment.ofArray(rows[r]), 0, image, at(tensor, r), 4L * width);
        }
        pieces.upload(tensor.buffer(), image);
        return tensor;
    }

    private Tensor place(DType type, int rows, int width, Map<Tensor, MemorySegment> kind) {
        return place(this::buffer, type, rows, width, kind);
    }

    private Tensor place(
            Function<MemorySegment, Buffer> memory, DType type, int rows, int width, Map<Tensor, MemorySegment> kind) {
        boolean strided = layout == Layout.STRIDED;
        long stride = strided ? width + (type.isQuantised() ? type.blockSize() : 8) : width;
        long start = MARGIN_BYTES + (strided && !type.isQuantised() ? 12L : 0);
        long size = start + rows * type.bytes(stride) + MARGIN_BYTES;
        MemorySegment image = MemorySegment.ofArray(new byte[Math.toIntExact((size + 3) / 4 * 4)]);
        for (long i = 0; i < image.byteSize(); i += 4) {
            image.set(Tensor.INT, i, GUARD);
        }
        Tensor tensor = new Tensor(memory.apply(image), start, type, Shape.of(rows, width), stride);
        kind.put(tensor, image);
        return tensor;
    }

    private MemorySegment image(Tensor tensor) {
        MemorySegment image = inputs.get(tensor);
        return image != null ? image : Objects.requireNonNull(outputs.get(tensor));
    }

    private static long at(Tensor tensor, long row) {
        return tensor.offsetBytes() + row * tensor.rowBytes();
    }

    private static String place(Tensor tensor, long at) {
        long from = at - tensor.offsetBytes();
        return "byte " + from + " from its start, rows being " + tensor.rowBytes() + " bytes apart";
    }
}
