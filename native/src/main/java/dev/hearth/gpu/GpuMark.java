package dev.hearth.gpu;

/** A place in a driver's queue: what was enqueued before it can be waited for. Used by one thread at a time. */
public interface GpuMark extends AutoCloseable {
    /** Enqueues the mark, over and over if need be. */
    void set();

    /** Waits until the queue is where the mark was set last; not at all if it never was. */
    void await();

    /** Frees it. */
    @Override
    void close();
}
