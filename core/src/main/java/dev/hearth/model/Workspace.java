package dev.hearth.model;

import dev.hearth.spi.Device;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The scratch memory of a step on each device of a pipeline, and the way between them. Used by one thread at a time. */
public final class Workspace implements AutoCloseable {
    private final Pipeline pipeline;
    private final List<Scratch> scratches = new ArrayList<>();
    private final List<Scratch> between = new ArrayList<>(); // host memory of each device

    /** Nothing is allocated yet. */
    public Workspace(Pipeline pipeline) {
        this.pipeline = pipeline;
        for (Device device : pipeline.devices()) {
            scratches.add(new Scratch(device));
            between.add(Scratch.inHostMemory(device));
        }
    }

    /** What runs where. */
    public Pipeline pipeline() {
        return pipeline;
    }

    /** Memory on one of the devices. */
    public Scratch scratch(int stage) {
        return scratches.get(stage);
    }

    /** Forgets every value. */
    public void beginStep() {
        scratches.forEach(Scratch::beginStep);
        between.forEach(Scratch::beginStep);
    }

    /** What one device has computed, on another, until the next step. */
    Tensor moved(Tensor x, int from, int to) {
        Device here = pipeline.devices().get(from);
        Device there = pipeline.devices().get(to);
        Tensor copy = scratches.get(to).forStep(x.type(), x.rows(), x.width());
        here.ops().fence().await();
        if (x.buffer() instanceof HostBuffer) {
            there.copy(copy, x);
        } else if (copy.buffer() instanceof HostBuffer) {
            here.copy(copy, x);
        } else {
            Tensor host = between.get(from).forStep(x.type(), x.rows(), x.width());
            here.copy(host, x);
            there.copy(copy, host);
        }
        return copy;
    }

    /** Bytes held. */
    public long byteSize() {
        return scratches.stream().mapToLong(Scratch::byteSize).sum()
                + between.stream().mapToLong(Scratch::byteSize).sum();
    }

    @Override
    public void close() {
        scratches.forEach(Scratch::close);
        between.forEach(Scratch::close);
    }
}
