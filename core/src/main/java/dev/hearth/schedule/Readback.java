package dev.hearth.schedule;

import dev.hearth.model.Scratch;
import dev.hearth.spi.Device;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/** Brings values between a device and this process. Used by one thread at a time. */
final class Readback implements AutoCloseable {
    private final Device device;
    private final Scratch host;
    private final Scratch there;

    Readback(Device device) {
        this.device = device;
        this.there = new Scratch(device);
        this.host = Scratch.inHostMemory(device);
    }

    /** What the queue makes of a step's results, where they can be read, or brought from; valid until the next call. */
    Results of(Results results) {
        host.beginStep();
        there.beginStep();
        Optional<Tensor> maxima = results.maxima().map(this::copy);
        device.ops().fence().await();
        return results.rows().buffer() instanceof HostBuffer
                ? results.read(maxima)
                : results.read(maxima, new RemoteRows(device, results.rows(), host, there));
    }

    /** The same of one tensor. */
    Tensor of(Tensor x) {
        host.beginStep();
        Tensor read = copy(x);
        device.ops().fence().await();
        return read;
    }

    /** The tensor itself if it is host memory, else a copy. */
    private Tensor copy(Tensor x) {
        if (x.buffer() instanceof HostBuffer) {
            return x;
        }
        Tensor copy = host.forStep(x.type(), x.rows(), x.width());
        device.copy(copy, x);
        return copy;
    }

    /** Fills the first row of a tensor F32. */
    void write(Tensor x, float[] row) {
        host.beginStep();
        Tensor copy = host.forStep(DType.F32, 1, row.length);
        for (int i = 0; i < row.length; i++) {
            copy.setFloat(0, i, row[i]);
        }
        device.copy(x, copy);
    }

    /** Bytes held now. */
    long byteSize() {
        return host.byteSize() + there.byteSize();
    }

    @Override
    public void close() {
        host.close();
        there.close();
    }
}
