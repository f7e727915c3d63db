package dev.hearth.state;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Bytes below the memory of a device: a file, or memory of the process where the device has its own. Written and read by one thread, closed by another when that has ended. */
public interface LowerStore extends AutoCloseable {
    /** How many bytes there are. */
    long byteSize();

    /** Writes all of a segment at an offset. */
    void write(long offset, MemorySegment from) throws IOException;

    /** Reads from an offset until a segment is full. */
    void read(long offset, MemorySegment to) throws IOException;

    /** Gives the bytes back. */
    @Override
    void close() throws IOException;
}
