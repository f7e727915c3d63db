package dev.hearth.gpu;

import dev.hearth.ffi.DriverLibrary;
import dev.hearth.ffi.GraphCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Graphs by the calls of CUDA or HIP. */
public final class DriverGraphs implements GpuGraphs {
    private final GraphCalls calls;
    private final long stream;
    private final Guard guard;

    /** What a driver does before and after each of its calls. */
    public interface Guard {
        /** Makes the device the calling thread's. */
        void enter();

        /**
         * Throws if a status isn't success.
         *
         * @param what the call, and what it was about
         */
        void check(int status, String what);
    }

    private DriverGraphs(GraphCalls calls, long stream, Guard guard) {
        this.calls = calls;
        this.stream = stream;
        this.guard = guard;
    }

    /**
     * The graphs of a driver; empty for an old one that hasn't got them.
     *
     * @param stream the queue's handle
     * @param arena lives as long as the driver
     */
    public static Optional<GpuGraphs> find(
            DriverLibrary library, GraphCalls.Dialect dialect, long stream, Arena arena, Guard guard) {
        return GraphCalls.find(library, dialect, GpuDriver.THREADS, arena)
                .map(calls -> new DriverGraphs(calls, stream, guard));
    }

    @Override
    public long create() {
        guard.enter();
        return made(calls.create(), "Create");
    }

    @Override
    public long add(long graph, long before, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        guard.enter();
        int status = calls.addKernel(graph, before, kernel.handle(), gridX, gridY, parameters.address());
        check(status, "AddKernelNode", kernel);
        return calls.made();
    }

    @Override
    public long instantiate(long graph) {
        guard.enter();
        return made(calls.instantiate(graph), "InstantiateWithFlags");
    }

    @Override
    public void set(long executable, long node, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters) {
        guard.enter();
        int status = calls.setKernel(executable, node, kernel.handle(), gridX, gridY, parameters.address());
        check(status, "ExecKernelNodeSetParams", kernel);
    }

    @Override
    public void launch(long executable) {
        guard.enter();
        guard.check(calls.launch(executable, stream), calls.dialect().call("Launch"));
    }

    @Override
    public void destroyExecutable(long executable) {
        guard.enter();
        calls.destroyExecutable(executable);
    }

    @Override
    public void destroy(long graph) {
        guard.enter();
        calls.destroy(graph);
    }

    private long made(int status, String call) {
        guard.check(status, calls.dialect().call(call));
        return calls.made();
    }

    private void check(int status, String call, GpuKernel kernel) {
        if (status != 0) {
            guard.check(status, calls.dialect().call(call) + " of " + kernel.name());
        }
    }
}
