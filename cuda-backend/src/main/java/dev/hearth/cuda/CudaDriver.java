package dev.hearth.cuda;

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
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntSupplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A CUDA device: its primary context, one stream, one module. The one owner of their handles. */
final class CudaDriver implements GpuDriver {
    private static final long MOST_COPIED = 1L << 30; // at once
    private static final int NAME_BYTES = 256;

    private static final ThreadLocal<CudaDriver> ENTERED = new ThreadLocal<>(); // whose context is the thread's

    private final String name;
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final Handles.Stream stream = new Handles.Stream();
    private final CUmodule module = new CUmodule();
    private final Arena arena = Arena.ofShared();
    private final LaunchCall launch;
    private final Optional<GpuGraphs> graphs;
    private final String description;

    /**
     * Opens the device.
     *
     * @param index as the driver counts, from 0
     * @param image a cubin, a fat binary, or what else the driver loads
     * @throws DeviceException if the driver refuses
     */
    CudaDriver(DriverLibrary library, int index, int version, byte[] image) {
        name = "cuda:" + index;
        check(JCudaDriver.cuDeviceGet(device, index), "cuDeviceGet");
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        boolean streaming = false;
        try {
            run("cuStreamCreate", () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
            streaming = true;
            run("cuModuleLoadData", () -> JCudaDriver.cuModuleLoadData(module, image));
            launch = new LaunchCall(library, "cuLaunchKernel", 0, arena);
            graphs = DriverGraphs.find(library, GraphCalls.Dialect.CUDA, stream.handle(), arena, new Guard());
            description = deviceName() + ", driver " + version / 1000 + "." + version % 1000 / 10;
        } catch (RuntimeException | Error e) {
            if (streaming) {
                JCudaDriver.cuStreamDestroy(stream);
            }
            JCudaDriver.cuDevicePrimaryCtxRelease(device);
            arena.close();
            throw e;
        }
    }

    private String deviceName() {
        byte[] bytes = new byte[NAME_BYTES];
        run("cuDeviceGetName", () -> JCudaDriver.cuDeviceGetName(bytes, NAME_BYTES, device));
        return new String(bytes, StandardCharsets.UTF_8).split("\0", 2)[0];
    }

    /** Makes the context the calling thread's. A virtual thread may have changed its carrier since. */
    private void enter() {
        boolean virtual = Thread.currentThread().isVirtual();
        if (virtual || ENTERED.get() != this) {
            check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
            if (!virtual) {
                ENTERED.set(this);
            }
        }
    }

    private final class Guard implements DriverGraphs.Guard {
        @Override
        public void enter() {
            CudaDriver.this.enter();
        }

        @Override
        public void check(int status, String what) {
            CudaDriver.this.check(status, what);
        }
    }

    private void run(String call, IntSupplier status) {
        enter();
        check(status.getAsInt(), call);
    }

    private void check(int status, String what) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw new DeviceException(what + " on " + name + ": " + text(status) + " (" + status + ")");
        }
    }

    /** What the driver calls a status, with its explanation. */
    static String text(int status) {
        String[] error = {null};
        String[] explanation = {null};
        JCudaDriver.cuGetErrorName(status, error);
        JCudaDriver.cuGetErrorString(status, explanation);
        return error[0] + ": " + explanation[0];
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
        long[] free = {0};
        long[] total = {0};
        run("cuMemGetInfo", () -> JCudaDriver.cuMemGetInfo(free, total));
        return new MemoryInfo(total[0], free[0]);
    }

    @Override
    public long allocate(long bytes) {
        Handles.Memory memory = new Handles.Memory();
        run("cuMemAlloc of " + bytes + " bytes", () -> JCudaDriver.cuMemAlloc(memory, bytes));
        return memory.address();
    }

    @Override
    public void free(long address) {
        enter();
        JCudaDriver.cuMemFree(Handles.device(address));
    }

    @Override
    public void pin(MemorySegment memory) {
        run("cuMemHostRegister", () -> JCudaDriver.cuMemHostRegister(host(memory), memory.byteSize(), 0));
    }

    @Override
    public void unpin(MemorySegment memory) {
        enter();
        JCudaDriver.cuMemHostUnregister(host(memory));
    }

    private static Handles.Host host(MemorySegment memory) {
        return new Handles.Host(memory.address());
    }

    @Override
    public void zero(long address, long bytes) {
        run("cuMemsetD8Async", () -> JCudaDriver.cuMemsetD8Async(Handles.device(address), (byte) 0, bytes, stream));
    }

    @Override
    public void upload(long to, MemorySegment from) {
        for (long at = 0; at < from.byteSize(); at += MOST_COPIED) {
            MemorySegment part = from.asSlice(at, Math.min(MOST_COPIED, from.byteSize() - at));
            var there = Handles.device(to + at);
            run("cuMemcpyHtoDAsync", () -> JCudaDriver.cuMemcpyHtoDAsync(there, host(part), part.byteSize(), stream));
        }
    }

    @Override
    public void download(MemorySegment to, long from) {
        if (to.byteSize() > 0) {
            run(
                    "cuMemcpyDtoHAsync",
                    () -> JCudaDriver.cuMemcpyDtoHAsync(host(to), Handles.device(from), to.byteSize(), stream));
        }
    }

    @Override
    public void copy(long to, long from, long bytes) {
        if (bytes > 0) {
            run(
                    "cuMemcpyDtoDAsync",
                    () -> JCudaDriver.cuMemcpyDtoDAsync(Handles.device(to), Handles.device(from), bytes, stream));
        }
    }

    @Override
    public long kernel(String kernel) {
        Handles.Function function = new Handles.Function();
        run(kernel, () -> JCudaDriver.cuModuleGetFunction(function, module, kernel));
        return function.handle();
    }

    @Override
    public void launch(GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        enter();
        check(launch.launch(kernel.handle(), gridX, gridY, THREADS, stream.handle(), parameters), kernel.name());
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
        private final CUevent event = new CUevent();

        Mark() {
            run("cuEventCreate", () -> JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        }

        @Override
        public void set() {
            run("cuEventRecord", () -> JCudaDriver.cuEventRecord(event, stream));
        }

        @Override
        public void await() {
            run("cuEventSynchronize", () -> JCudaDriver.cuEventSynchronize(event));
        }

        @Override
        public void close() {
            enter();
            JCudaDriver.cuEventDestroy(event);
        }
    }

    @Override
    public void synchronize() {
        run("cuStreamSynchronize", () -> JCudaDriver.cuStreamSynchronize(stream));
    }

    /** After an error that stays, the driver refuses these calls too: then the process's end frees what is left. */
    @Override
    public void close() {
        enter();
        JCudaDriver.cuStreamSynchronize(stream);
        JCudaDriver.cuModuleUnload(module);
        JCudaDriver.cuStreamDestroy(stream);
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
        ENTERED.remove();
        arena.close();
    }
}
