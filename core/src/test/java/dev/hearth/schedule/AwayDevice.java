package dev.hearth.schedule;

import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.reflect.Proxy;

/** A device over the host's whose memory can only be reached by its operations and copies. */
final class AwayDevice implements Device {
    private final Device host;

    AwayDevice(Device host) {
        this.host = host;
    }

    private record Away(HostBuffer memory) implements Buffer {
        @Override
        public long byteSize() {
            return memory.byteSize();
        }
    }

    private static Buffer memory(Buffer buffer) {
        return buffer instanceof Away away ? away.memory : buffer;
    }

    @Override
    public Allocation allocate(long bytes) {
        Allocation memory = host.allocate(bytes);
        Buffer away = new Away((HostBuffer) memory.buffer());
        return new Allocation() {
            @Override
            public Buffer buffer() {
                return away;
            }

            @Override
            public void close() {
                memory.close();
            }
        };
    }

    @Override
    public Allocation allocateHost(long bytes) {
        return host.allocate(bytes);
    }

    @Override
    public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
        host.copy(memory(to), toOffset, memory(from), fromOffset, bytes);
    }

    @Override
    public Ops ops() {
        return (Ops) Proxy.newProxyInstance(
                Ops.class.getClassLoader(), new Class<?>[] {Ops.class}, (proxy, method, args) -> {
                    Object[] own = args == null ? new Object[0] : args.clone();
                    for (int i = 0; i < own.length; i++) {
                        if (own[i] instanceof Tensor t) {
                            own[i] =
                                    new Tensor(memory(t.buffer()), t.offsetBytes(), t.type(), t.shape(), t.rowStride());
                        }
                    }
                    return method.invoke(host.ops(), own);
                });
    }

    @Override
    public String name() {
        return "away";
    }

    @Override
    public Weight load(WeightSource source) {
        return host.load(source);
    }

    @Override
    public ScratchMeter scratchMeter(int positions) {
        return host.scratchMeter(positions);
    }

    @Override
    public MemoryInfo memory() {
        return host.memory();
    }
}
