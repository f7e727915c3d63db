package dev.hearth.rocm;

import dev.hearth.ffi.DriverLibrary;
import dev.hearth.ffi.GraphCalls;
import dev.hearth.ffi.LaunchCall;
import dev.hearth.gpu.DriverGraphs;
import dev.hearth.gpu.GpuDriver;
import dev.hearth.gpu.GpuGraphs;
import dev.hearth.gpu.GpuKernel;
import dev.hearth.gpu.GpuMark;
import dev.hearth.spi.DeviceException;
import dev.hearth.spi.MemoryInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** A device of HIP: one stream, one module. The one owner of their handles. */
final class HipDriver implements GpuDriver {
    private static final int NAME_BYTES = 256;
    private static final int TO_DEVICE = 1; // hipMemcpyHostToDevice, as the next two
    private static final int TO_HOST = 2;
    private static final int WITHIN_DEVICE = 3;
    private static final long END = 3; // HIP_LAUNCH_PARAM_END
    private static final int WITHOUT_TIME = 2; // hipEventDisableTiming

    private static final ThreadLocal<HipDriver> ENTERED = new ThreadLocal<>(); // whose device is the thread's

    private final int index;
    private final String name;
    private final HipCalls hip;
    private final Arena arena = Arena.ofShared();
    private final LaunchCall launch;
    private final Optional<GpuGraphs> graphs;
    private final String description;
    private final long stream;
    private final long module;

    /**
     * Opens the device.
     *
     * @param index as the driver counts, from 0
     * @param image a code object or a bundle of them
     * @throws DeviceException if the driver refuses
     */
    HipDriver(DriverLibrary library, HipCalls hip, int index, int version, byte[] image) {
        this.hip = hip;
        this.index = index;
        this.name = "rocm:" + index;
        long opened = 0;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ValueLayout.JAVA_LONG);
            run("hipStreamCreate", () -> (int) hip.createStream.invokeExact(out));
            opened = out.get(ValueLayout.JAVA_LONG, 0);
            MemorySegment bytes = arena.allocate(image.length, 4096).copyFrom(MemorySegment.ofArray(image));
            run("hipModuleLoadData", () -> (int) hip.loadModule.invokeExact(out, bytes));
            stream = opened;
            module = out.get(ValueLayout.JAVA_LONG, 0);
            launch = new LaunchCall(library, "hipModuleLaunchKernel", END, arena);
            graphs = DriverGraphs.find(library, GraphCalls.Dialect.HIP, stream, arena, new Guard());
            description = deviceName(call) + ", HIP " + version / 10_000_000 + "." + version % 10_000_000 / 100_000;
        } catch (RuntimeException | Error e) {
            if (opened != 0) {
                long left = opened;
                HipCalls.status(() -> (int) hip.destroyStream.invokeExact(left));
            }
            arena.close();
            throw e;
        }
    }

    private String deviceName(Arena call) {
        MemorySegment text = call.allocate(NAME_BYTES);
        run("hipDeviceGetName", () -> (int) hip.deviceName.invokeExact(text, NAME_BYTES, index));
        return text.getString(0);
    }

    /** Makes the device the calling thread's. A virtual thread may have changed its carrier since. */
    private void enter() {
        boolean virtual = Thread.currentThread().isVirtual();
        if (virtual || ENTERED.get() != this) {
            hip.check(HipCalls.status(() -> (int) hip.setDevice.invokeExact(index)), "hipSetDevice", name);
            if (!virtual) {
                ENTERED.set(this);
            }
        }
    }

    private final class Guard implements DriverGraphs.Guard {
        @Override
        public void enter() {
            HipDriver.this.enter();
        }

        @Override
        public void check(int status, String what) {
            hip.check(status, what, name);
        }
    }

    private void run(String what, HipCalls.Call call) {
        enter();
        hip.check(HipCalls.status(call), what, name);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public MemoryInfo memory() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment free = call.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = call.allocate(ValueLayout.JAVA_LONG);
            run("hipMemGetInfo", () -> (int) hip.memoryInfo.invokeExact(free, total));
            return new MemoryInfo(total.get(ValueLayout.JAVA_LONG, 0), free.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Override
    public long allocate(long bytes) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ValueLayout.JAVA_LONG);
            run("hipMalloc of " + bytes + " bytes", () -> (int) hip.allocate.invokeExact(out, bytes));
            return out.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public void free(long address) {
        enter();
        HipCalls.status(() -> (int) hip.free.invokeExact(address));
    }

    @Override
    public void pin(MemorySegment memory) {
        run("hipHostRegister", () -> (int) hip.hostRegister.invokeExact(memory.address(), memory.byteSize(), 0));
    }

    @Override
    public void unpin(MemorySegment memory) {
        enter();
        HipCalls.status(() -> (int) hip.hostUnregister.invokeExact(memory.address()));
    }

    @Override
    public void zero(long address, long bytes) {
        run("hipMemsetAsync", () -> (int) hip.fill.invokeExact(address, 0, bytes, stream));
    }

    @Override
    public void upload(long to, MemorySegment from) {
        move(to, from.address(), from.byteSize(), TO_DEVICE);
    }

    @Override
    public void download(MemorySegment to, long from) {
        move(to.address(), from, to.byteSize(), TO_HOST);
    }

    @Override
    public void copy(long to, long from, long bytes) {
        move(to, from, bytes, WITHIN_DEVICE);
    }

    private void move(long to, long from, long bytes, int kind) {
        if (bytes > 0) {
            run("hipMemcpyAsync", () -> (int) hip.copy.invokeExact(to, from, bytes, kind, stream));
        }
    }

    @Override
    public long kernel(String kernel) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ValueLayout.JAVA_LONG);
            MemorySegment text = call.allocateFrom(kernel);
            run(kernel, () -> (int) hip.function.invokeExact(out, module, text));
            return out.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public void launch(GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        enter();
        hip.check(launch.launch(kernel.handle(), gridX, gridY, THREADS, stream, parameters), kernel.name(), name);
    }

    @Override
    public Optional<GpuGraphs> graphs() {
        return graphs;
    }

    @Override
    public GpuMark mark() {
        return new Mark();
    }

    /** An event without a time. */
    private final class Mark implements GpuMark {
        private final long event;

        Mark() {
            try (Arena call = Arena.ofConfined()) {
                MemorySegment out = call.allocate(ValueLayout.JAVA_LONG);
                run("hipEventCreateWithFlags", () -> (int) hip.createEvent.invokeExact(out, WITHOUT_TIME));
                event = out.get(ValueLayout.JAVA_LONG, 0);
            }
        }

        @Override
        public void set() {
            run("hipEventRecord", () -> (int) hip.recordEvent.invokeExact(event, stream));
        }

        @Override
        public void await() {
            run("hipEventSynchronize", () -> (int) hip.awaitEvent.invokeExact(event));
        }

        @Override
        public void close() {
            enter();
            HipCalls.status(() -> (int) hip.destroyEvent.invokeExact(event));
        }
    }

    @Override
    public void synchronize() {
        run("hipStreamSynchronize", () -> (int) hip.synchronize.invokeExact(stream));
    }

    /** After an error that stays, the driver refuses these calls too: then the process's end frees what is left. */
    @Override
    public void close() {
        enter();
        HipCalls.status(() -> (int) hip.synchronize.invokeExact(stream));
        HipCalls.status(() -> (int) hip.unloadModule.invokeExact(module));
        HipCalls.status(() -> (int) hip.destroyStream.invokeExact(stream));
        ENTERED.remove();
        arena.close();
    }
}
