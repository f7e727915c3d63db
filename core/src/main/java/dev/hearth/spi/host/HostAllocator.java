package dev.hearth.spi.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Where host memory comes from. Thread-safe. */
@FunctionalInterface
public interface HostAllocator {
    /** Zeroed memory that is freed with the arena, at a multiple of {@code alignment}, at most 4096. */
    MemorySegment allocate(Arena arena, long bytes, long alignment);

    /** Zeroed address space that takes memory as it is written and is freed with the arena; empty if there is none to be had. */
    default Optional<MemorySegment> reserve(Arena arena, long bytes) {
        return Optional.empty();
    }

    /** These bytes of such space are going to be written soon. */
    default void expect(MemorySegment space, long offset, long bytes) {}
}
