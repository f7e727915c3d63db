package dev.hearth.spi.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where host memory comes from. Thread-safe. */
@FunctionalInterface
public interface HostAllocator {
    /** Zeroed memory that is freed with the arena, at a multiple of {@code alignment}, at most 4096. */
    MemorySegment allocate(Arena arena, long bytes, long alignment);
}
