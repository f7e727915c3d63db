package dev.hearth.cpu;

import dev.hearth.ffi.PosixMemory;
import dev.hearth.spi.host.HostAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Java's own memory, and address space that takes memory as it is written, so that a cache grows in place: macOS and the BSDs. */
record GrowingSpace(PosixMemory posix) implements HostAllocator {
    private static final Logger LOG = LoggerFactory.getLogger(GrowingSpace.class);
    private static final long MOST_RESERVED =
            1L << 46; // half of the address space that x86-64 and aarch64 give a process

    /** A system's call for such space. */
    interface Source {
        MemorySegment reserve(long bytes, Arena arena);
    }

    static Optional<MemorySegment> reserve(Source source, Arena arena, long bytes) {
        try {
            return bytes > MOST_RESERVED ? Optional.empty() : Optional.of(source.reserve(bytes, arena));
        } catch (OutOfMemoryError e) { // a limit of the process: what is needed may fit all the same
            LOG.debug("cpu: {}; memory is allocated as it is needed", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public MemorySegment allocate(Arena arena, long bytes, long alignment) {
        return arena.allocate(bytes, alignment);
    }

    @Override
    public Optional<MemorySegment> reserve(Arena arena, long bytes) {
        return reserve(posix::reserve, arena, bytes);
    }
}
