package dev.hearth.cpu;

import dev.hearth.ffi.LinuxSystem;
import dev.hearth.ffi.PosixMemory;
import dev.hearth.spi.host.HostAllocator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory for keys, values and scratch in pages of 2 MiB where Linux allows them to be asked for, else in the usual ones. */
final class HugePages implements HostAllocator {
    private static final Logger LOG = LoggerFactory.getLogger(HugePages.class);
    private static final Path ENABLED = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final long LEAST_BYTES = 4 << 20; // two pages

    private final LinuxSystem linux;
    private final boolean allowed;

    private HugePages(LinuxSystem linux, boolean allowed) {
        this.linux = linux;
        this.allowed = allowed;
    }

    static HostAllocator allocator() {
        Optional<LinuxSystem> system = LinuxSystem.open();
        boolean allowed = system.isPresent() && allowed();
        LOG.debug("cpu: huge pages: {}", allowed ? "asked for" : "not to be had");
        return system.<HostAllocator>map(linux -> new HugePages(linux, allowed))
                .or(() -> PosixMemory.open().map(GrowingSpace::new))
                .orElse(Arena::allocate); // Windows: a cache that grows is copied
    }

    @Override
    public MemorySegment allocate(Arena arena, long bytes, long alignment) {
        return allowed && bytes >= LEAST_BYTES ? linux.allocateHuge(bytes, arena) : arena.allocate(bytes, alignment);
    }

    @Override
    public Optional<MemorySegment> reserve(Arena arena, long bytes) {
        return GrowingSpace.reserve(linux::reserve, arena, bytes);
    }

    @Override
    public void expect(MemorySegment space, long offset, long bytes) {
        if (allowed) {
            linux.adviseHuge(space, offset, bytes);
        }
    }

    private static boolean allowed() {
        try {
            return allows(Files.readString(ENABLED));
        } catch (IOException e) { // a kernel without them
            return false;
        }
    }

    /** Whether the choice in brackets, as in {@code always [madvise] never}, lets a process ask. */
    static boolean allows(String choice) {
        return choice.contains("[always]") || choice.contains("[madvise]");
    }
}
