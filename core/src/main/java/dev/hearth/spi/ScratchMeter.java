package dev.hearth.spi;

/** Adds up what a device's operations take beside the tensors that they are given. Used by one thread. */
public interface ScratchMeter {
    /** Operations that compute nothing and touch no memory. */
    Ops ops();

    /** Bytes that the device will hold at most once it has run the operations that {@link #ops} were asked for. */
    long bytes();
}
