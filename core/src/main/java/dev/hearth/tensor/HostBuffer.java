package dev.hearth.tensor;

import java.lang.foreign.MemorySegment;

/** Memory of this process, native or mapped; it lives as long as the arena of its segment. */
public record HostBuffer(MemorySegment segment) implements Buffer {
    /** A buffer over native memory. @throws IllegalArgumentException for a heap segment, which C cannot read */
    public HostBuffer {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("buffer: expected native memory, found a heap segment");
        }
    }

    @Override
    public long byteSize() {
        return segment.byteSize();
    }
}
