package dev.hearth.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Memory of this process, of up to so many bytes; it is taken as it is written, a part at a time. */
public final class HostStore implements LowerStore {
    private static final long PART = 64 << 20;

    private final long byteSize;
    private final long partBytes;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> parts = new ArrayList<>();

    /** Nothing is taken yet. */
    public HostStore(long byteSize) {
        this(byteSize, PART);
    }

    HostStore(long byteSize, long partBytes) {
        this.byteSize = byteSize;
        this.partBytes = partBytes;
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        try {
            while (parts.size() * partBytes < offset + from.byteSize()) {
                parts.add(arena.allocate(Math.min(partBytes, byteSize - parts.size() * partBytes), 64));
            }
        } catch (OutOfMemoryError e) {
            throw new IOException("the process has no memory left for what goes from the cache", e);
        }
        copy(offset, from, Way.IN);
    }

    @Override
    public void read(long offset, MemorySegment to) {
        copy(offset, to, Way.OUT);
    }

    private enum Way {
        IN,
        OUT
    }

    private void copy(long offset, MemorySegment other, Way way) {
        for (long at = 0; at < other.byteSize(); ) {
            MemorySegment part = parts.get((int) ((offset + at) / partBytes));
            long within = (offset + at) % partBytes;
            long bytes = Math.min(part.byteSize() - within, other.byteSize() - at);
            if (way == Way.IN) {
                MemorySegment.copy(other, at, part, within, bytes);
            } else {
                MemorySegment.copy(part, within, other, at, bytes);
            }
            at += bytes;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
