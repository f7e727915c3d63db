package dev.hearth.tensor;

/** Memory that a device allocated: host memory is a {@link HostBuffer}; only its backend can look into any other. */
public interface Buffer {
    /** Size in bytes. */
    long byteSize();
}
