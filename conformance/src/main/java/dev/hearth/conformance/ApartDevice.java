package dev.hearth.conformance;

import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device of the host's memory that behaves as if its memory were its own: nobody else can read its buffers and weights, and its
 * operations take none but these, and integers of the host. Whoever mixes devices up finds an IllegalArgumentException.
 */
public final class ApartDevice implements Device {
    private final Device host;
    private final Ops ops;

    /** Over a device whose buffers are the host's. */
    public ApartDevice(Device host) {
        this.host = host;
        this.ops = (Ops) Proxy.newProxyInstance(
                Ops.class.getClassLoader(),
                new Class<?>[] {Ops.class},
                (proxy, method, args) -> call(method, args == null ? new Object[0] : args));
    }

    private @Nullable Object call(Method method, Object[] args) throws Throwable {
        Object[] own = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            own[i] = inside(args[i]);
        }
        try {
            return method.invoke(host.ops(), own);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private @Nullable Object inside(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Tensor t -> tensor(t);
            case Buffer b -> buffer(b);
            case Weight w -> weight(w);
            case List<?> list -> list.stream().map(this::inside).toList();
            case Optional<?> optional -> optional.map(this::inside);
            case Record r -> record(r);
            default -> value;
        };
    }

    private Tensor tensor(Tensor t) {
        if (t.buffer() instanceof HostBuffer && t.type() != DType.I32) {
            throw new IllegalArgumentException(name() + ": expected values of this device, found the host's: " + t);
        }
        return new Tensor(buffer(t.buffer()), t.offsetBytes(), t.type(), t.shape(), t.rowStride());
    }

    private Buffer buffer(Buffer buffer) {
        if (buffer instanceof HostBuffer) {
            return buffer;
        }
        if (buffer instanceof ApartBuffer apart && apart.owner == this) {
            return apart.memory;
        }
        throw new IllegalArgumentException(name() + ": expected a buffer of this device, found another's");
    }

    private Weight weight(Weight weight) {
        if (weight instanceof ApartWeight apart && apart.owner == this) {
            return apart.weight;
        }
        throw new IllegalArgumentException(name() + ": expected a weight of this device, found another's");
    }

    private Record record(Record old) {
        RecordComponent[] components = old.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                values[i] = inside(components[i].getAccessor().invoke(old));
            }
            Constructor<?> constructor = old.getClass().getDeclaredConstructor(types);
            return (Record) constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    name() + ": " + old.getClass().getSimpleName() + " cannot be rebuilt", e);
        }
    }

    @Override
    public String name() {
        return "apart";
    }

    @Override
    public Weight load(WeightSource source) {
        return new ApartWeight(this, host.load(source));
    }

    @Override
    public boolean copiesWeights() {
        return true;
    }

    @Override
    public Allocation allocate(long bytes) {
        Allocation memory = host.allocate(bytes);
        return new ApartAllocation(new ApartBuffer(this, (HostBuffer) memory.buffer()), memory);
    }

    @Override
    public Allocation allocateHost(long bytes) {
        return host.allocate(bytes);
    }

    @Override
    public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
        host.copy(buffer(to), toOffset, buffer(from), fromOffset, bytes);
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public ScratchMeter scratchMeter(int positions) {
        return host.scratchMeter(positions);
    }

    @Override
    public Turn turn() {
        return host.turn();
    }

    @Override
    public MemoryInfo memory() {
        return host.memory();
    }

    private record ApartBuffer(ApartDevice owner, HostBuffer memory) implements Buffer {
        @Override
        public long byteSize() {
            return memory.byteSize();
        }
    }

    private record ApartWeight(ApartDevice owner, Weight weight) implements Weight {
        @Override
        public DType type() {
            return weight.type();
        }

        @Override
        public Shape shape() {
            return weight.shape();
        }

        @Override
        public void close() {
            weight.close();
        }
    }

    private record ApartAllocation(ApartBuffer buffer, Allocation memory) implements Allocation {
        @Override
        public void close() {
            memory.close();
        }
    }
}
