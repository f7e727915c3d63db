package dev.hearth.spi;

/** A point in a queue: everything enqueued before it is done once {@link #await()} returns. */
public interface Fence {
    /** Waits. @throws DeviceException if an operation before this point failed */
    void await();
}
