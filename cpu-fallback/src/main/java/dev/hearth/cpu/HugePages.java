package dev.hearth.cpu;

import dev.hearth.ffi.LinuxSystem;
import dev.hearth.spi.host.HostAllocator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory for keys, values and scratch in pages of 2 MiB where Linux allows them to be asked for, else in the usual ones. */
final class HugePages {
    private static final Logger LOG = LoggerFactory.getLogger(HugePages.class);
    private static final Path ENABLED = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final long LEAST_BYTES = 4 << 20; // two pages

    private HugePages() {}

    static HostAllocator allocator() {
        Optional<LinuxSystem> system = allowed() ? LinuxSystem.open() : Optional.empty();
        LOG.debug("cpu: huge pages: {}", system.isPresent() ? "asked for" : "not to be had");
        return system.<HostAllocator>map(linux -> (arena, bytes, alignment) ->
                        bytes < LEAST_BYTES ? arena.allocate(bytes, alignment) : linux.allocateHuge(bytes, arena))
                .orElse(Arena::allocate);
    }

    private static boolean allowed() {
        try {
            return allows(Files.readString(ENABLED));
        } catch (IOException e) { // another system
            return false;
        }
    }

    /** Whether the choice in brackets, as in {@code always [madvise] never}, lets a process ask. */
    static boolean allows(String choice) {
        return choice.contains("[always]") || choice.contains("[madvise]");
    }
}
