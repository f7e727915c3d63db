package dev.hearth.cpu;

import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;

/** Tensors with the numbers that kernels get wrong: drawn from a seed, mixed with extremes on request. */
final class Samples implements AutoCloseable {
    private static final float[] EXTREMES = {
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        0x1p-130f,
        -0x1p-126f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        1e30f,
        -1e-30f,
        1
    };

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random;

    Samples(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A tensor of zeros, its rows further apart than they are wide if the type has single elements. */
    Tensor empty(DType type, long rows, long width) {
        long stride = type.isQuantised() ? width : width + 3;
        MemorySegment memory = arena.allocate(Math.max(1, rows * type.bytes(stride)), 64);
        return new Tensor(new HostBuffer(memory), 0, type, Shape.of(rows, width), stride);
    }

    /** Floats of about unit size. */
    Tensor floats(long rows, long width) {
        Tensor tensor = empty(DType.F32, rows, width);
        for (long t = 0; t < rows; t++) {
            for (long i = 0; i < width; i++) {
                tensor.setFloat(t, i, (float) random.nextGaussian());
            }
        }
        return tensor;
    }

    /** Floats of which every fifth or so is extreme, finite. */
    Tensor extremes(long rows, long width) {
        Tensor tensor = floats(rows, width);
        for (long t = 0; t < rows; t++) {
            for (long i = 0; i < width; i++) {
                if (random.nextInt(5) == 0) {
                    tensor.setFloat(t, i, EXTREMES[random.nextInt(EXTREMES.length)]);
                }
            }
        }
        return tensor;
    }

    /** Puts {@code value} somewhere into each row. */
    Tensor with(Tensor tensor, float value) {
        for (long t = 0; t < tensor.rows(); t++) {
            tensor.setFloat(t, random.nextLong(tensor.width()), value);
        }
        return tensor;
    }

    Tensor copy(Tensor tensor) {
        Tensor copy = empty(tensor.type(), tensor.rows(), tensor.width());
        for (long t = 0; t < tensor.rows(); t++) {
            MemorySegment.copy(
                    tensor.segment(), t * tensor.rowBytes(), copy.segment(), t * copy.rowBytes(), rowBytes(tensor));
        }
        return copy;
    }

    static long rowBytes(Tensor tensor) {
        return tensor.type().bytes(tensor.width());
    }

    /** A weight of random blocks with scales of about 1 / 64; every code occurs. */
    HostWeight weight(DType type, long rows, long width) {
        MemorySegment data = arena.allocate(Math.max(1, rows * type.bytes(width)), 2);
        for (long i = 0; i < data.byteSize(); i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        switch (type) {
            case F32 -> {
                for (long i = 0; i < rows * width; i++) {
                    data.set(Tensor.FLOAT, 4 * i, (float) random.nextGaussian());
                }
            }
            case F16 -> {
                for (long i = 0; i < rows * width; i++) {
                    data.set(Tensor.SHORT, 2 * i, Float.floatToFloat16((float) random.nextGaussian()));
                }
            }
            case BF16 -> {
                for (long i = 0; i < rows * width; i++) {
                    data.set(Tensor.SHORT, 2 * i, (short)
                            (Float.floatToRawIntBits((float) random.nextGaussian()) >> 16));
                }
            }
            default -> scales(type, data, () -> Float.floatToFloat16((float) random.nextGaussian() / 64));
        }
        return new HostWeight(type + " sample", type, Shape.of(rows, width), data);
    }

    /** A weight whose bits are all random, so that NaN, infinities and denormals are among values and scales. */
    HostWeight anyBits(DType type, long rows, long width) {
        HostWeight weight = weight(type, rows, width);
        for (long i = 0; i < weight.data().byteSize(); i++) {
            weight.data().set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        return weight;
    }

    /** A weight of blocks whose every byte is {@code code}, scales apart. */
    HostWeight constant(DType type, long rows, long width, int code) {
        HostWeight weight = weight(type, rows, width);
        weight.data().fill((byte) code);
        scales(type, weight.data(), () -> Float.floatToFloat16(0.5f));
        return weight;
    }

    private static void scales(DType type, MemorySegment data, java.util.function.Supplier<Short> scale) {
        int first = type == DType.Q6_K ? 208 : 0;
        for (long at = first; at < data.byteSize(); at += type.blockBytes()) {
            data.set(Tensor.SHORT, at, scale.get());
            if (type == DType.Q4_K) {
                data.set(Tensor.SHORT, at + 2, scale.get());
            }
        }
    }

    /** Quantised activations with every int8 value, -128 too, as no rounding would give them. */
    Tensor codes(DType type, long rows, long width) {
        return codes(type, rows, width, random::nextInt);
    }

    /** Quantised activations of these int8 values, with the sums of groups that belong to them. */
    Tensor codes(DType type, long rows, long width, IntSupplier code) {
        Tensor tensor = empty(type, rows, width);
        for (long t = 0; t < rows; t++) {
            long row = t * tensor.rowBytes();
            for (long i = 0; i < width; i++) {
                tensor.segment().set(ValueLayout.JAVA_BYTE, row + i, (byte) code.getAsInt());
            }
            long blocks = width / type.blockSize();
            for (long b = 0; b < blocks; b++) {
                tensor.segment().set(Tensor.FLOAT, row + width + 4 * b, (float) random.nextGaussian());
            }
            for (long group = 0; type == DType.A8_256 && group < width / 32; group++) {
                int sum = 0;
                for (int i = 0; i < 32; i++) {
                    sum += tensor.segment().get(ValueLayout.JAVA_BYTE, row + group * 32 + i);
                }
                tensor.segment().set(Tensor.SHORT, row + width + 4 * blocks + 2 * group, (short) sum);
            }
        }
        return tensor;
    }

    /** Pages of random keys and values, each sequence's in shuffled order. */
    KvView cache(KvLayout layout, int layer, int sequences, int positions) {
        int pages = (positions + layout.pageSize() - 1) / layout.pageSize();
        MemorySegment pool = arena.allocate(sequences * pages * layout.pageBytes(), 64);
        long elements = pool.byteSize() / layout.type().bytes(1);
        for (long i = 0; i < elements; i++) {
            float value = (float) random.nextGaussian();
            switch (layout.type()) {
                case F32 -> pool.set(Tensor.FLOAT, 4 * i, value);
                case F16 -> pool.set(Tensor.SHORT, 2 * i, Float.floatToFloat16(value));
                case BF16 -> pool.set(Tensor.SHORT, 2 * i, Bfloat16.of(value));
                case INT8 -> pool.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp((int) (40 * value), -127, 127));
            }
        }
        Tensor table = empty(DType.I32, sequences, pages);
        int[] order = new int[sequences * pages];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (int i = 0; i < order.length; i++) {
            table.setInt(i / pages, i % pages, order[i]);
        }
        KvView view = new KvView(new HostBuffer(pool), layout, layer, table);
        for (int page = 0; layout.type() == CacheType.INT8 && page < order.length; page++) {
            for (int head = 0; head < layout.headCount(); head++) {
                for (int slot = 0; slot < layout.pageSize(); slot++) {
                    pool.set(Tensor.FLOAT, view.keyScaleOffset(page, head) + 4L * slot, random.nextFloat() / 30);
                    pool.set(Tensor.FLOAT, view.valueScaleOffset(page, head) + 4L * slot, random.nextFloat() / 30);
                }
            }
        }
        return view;
    }

    Tensor integers(int... values) {
        Tensor tensor = empty(DType.I32, values.length, 1);
        for (int i = 0; i < values.length; i++) {
            tensor.setInt(i, 0, values[i]);
        }
        return tensor;
    }

    Batch batch(int[] positions, int[] sequences) {
        return new Batch(integers(positions), integers(sequences));
    }

    @Override
    public void close() {
        arena.close();
    }
}
