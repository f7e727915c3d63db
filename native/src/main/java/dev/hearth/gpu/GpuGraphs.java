package dev.hearth.gpu;

import java.lang.foreign.MemorySegment;

/**
 * A driver's graphs: kernels that one call enqueues, each once the one before it is done. Handles are the driver's. Calls that fail throw a
 * {@link dev.hearth.spi.DeviceException} that names them, the device, the driver's error and the kernel if it was about one; what frees
 * doesn't fail. Used by one thread at a time.
 */
public interface GpuGraphs {
    /** A graph without kernels. */
    long create();

    /**
     * Adds a kernel with a copy of its parameters.
     *
     * @param before the node that has to be done first, 0 for none
     * @return the kernel's node
     */
    long add(long graph, long before, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters);

    /** What can be launched of a graph, which has to stay as long. */
    long instantiate(long graph);

    /** Gives a node of what was instantiated other parameters from its next launch on; the kernel and its blocks stay. */
    void set(long executable, long node, GpuKernel kernel, int gridX, int gridY, MemorySegment parameters);

    /** Enqueues what was instantiated. */
    void launch(long executable);

    /** Frees what was instantiated, once the queue is done with it. */
    void destroyExecutable(long executable);

    /** Frees a graph and its nodes. */
    void destroy(long graph);
}
