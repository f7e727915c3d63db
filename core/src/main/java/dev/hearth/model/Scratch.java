package dev.hearth.model;

import dev.hearth.spi.Device;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Memory for the values of one step. Three regions: what lasts for the step, and two that alternate between layers, so that a
 * layer's result outlives the layer by one. Memory and the tensor objects themselves are reused from step to step: a step with
 * the shapes of the last allocates nothing. Used by one thread at a time.
 */
public final class Scratch implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Region step;
    private final Region[] layers;
    private int layer;

    /** Scratch memory on a device; nothing is allocated yet. */
    public Scratch(Device device) {
        this(device::allocate);
    }

    private Scratch(LongFunction<Device.Allocation> source) {
        step = new Region(source);
        layers = new Region[] {new Region(source), new Region(source)};
    }

    /** Memory of this process from which the device's operations take integers. */
    public static Scratch inHostMemory(Device device) {
        return new Scratch(device::allocateHost);
    }

    /** Forgets every value. */
    public void beginStep() {
        step.reset();
        beginLayer();
        beginLayer();
    }

    /** Forgets the values of the layer before the last. */
    public void beginLayer() {
        layer = 1 - layer;
        layers[layer].reset();
    }

    /** A tensor that lasts until the next step. */
    public Tensor forStep(DType type, long rows, long width) {
        return step.take(type, rows, width);
    }

    /** A tensor that lasts until the layer after the next begins. */
    public Tensor forLayer(DType type, long rows, long width) {
        return layers[layer].take(type, rows, width);
    }

    /** Bytes held. */
    public long byteSize() {
        return step.byteSize() + layers[0].byteSize() + layers[1].byteSize();
    }

    @Override
    public void close() {
        step.close();
        layers[0].close();
        layers[1].close();
    }

    /** Chunks taken from front to back; more than one only until the next reset, which merges them. */
    private static final class Region implements AutoCloseable {
        private final LongFunction<Device.Allocation> source;
        private final List<Device.Allocation> chunks = new ArrayList<>();
        private final List<Tensor> tensors = new ArrayList<>();
        private long used; // of the last chunk
        private long taken; // since the last reset
        private int next; // tensor that take gives out

        Region(LongFunction<Device.Allocation> source) {
            this.source = source;
        }

        void reset() {
            if (chunks.size() > 1) {
                long needed = taken;
                close();
                chunks.add(source.apply(needed));
            }
            used = 0;
            taken = 0;
            next = 0;
        }

        Tensor take(DType type, long rows, long width) {
            long bytes = (Math.max(1, rows * type.bytes(width)) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            if (chunks.isEmpty() || used + bytes > chunks.getLast().buffer().byteSize()) {
                chunks.add(source.apply(bytes));
                used = 0;
            }
            Tensor tensor = tensorAt(used, type, rows, width);
            used += bytes;
            taken += bytes;
            next++;
            return tensor;
        }

        private Tensor tensorAt(long offset, DType type, long rows, long width) {
            var buffer = chunks.getLast().buffer();
            if (next < tensors.size()) {
                Tensor old = tensors.get(next);
                if (old.buffer().equals(buffer)
                        && old.offsetBytes() == offset
                        && old.type() == type
                        && old.rows() == rows
                        && old.width() == width) {
                    return old;
                }
            }
            Tensor tensor = new Tensor(buffer, offset, type, Shape.of(rows, width), width);
            if (next < tensors.size()) {
                tensors.set(next, tensor);
            } else {
                tensors.add(tensor);
            }
            return tensor;
        }

        long byteSize() {
            long bytes = 0;
            for (Device.Allocation chunk : chunks) {
                bytes += chunk.buffer().byteSize();
            }
            return bytes;
        }

        @Override
        public void close() {
            chunks.forEach(Device.Allocation::close);
            chunks.clear();
            tensors.clear();
        }
    }
}
