package dev.hearth.spi.host;

import com.sun.management.OperatingSystemMXBean;
import dev.hearth.spi.MemoryInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Memory of the machine or, in a container, of its limit. Free is what can be had without swapping: on Linux {@code MemAvailable}, which
 * counts the page cache that the kernel gives back, where "free" alone would call a machine full that merely has read files.
 */
final class HostMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private HostMemory() {}

    static MemoryInfo info() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize();
        long free = system.getFreeMemorySize();
        try {
            OptionalLong available = available(Files.readString(MEMINFO));
            return new MemoryInfo(total, Math.min(total, available.orElse(free)));
        } catch (IOException e) { // not Linux: caches count as used there, so take a quarter of the whole at least
            return new MemoryInfo(total, Math.max(free, total / 4));
        }
    }

    /** {@code MemAvailable} in bytes, if the text has it. */
    static OptionalLong available(String meminfo) {
        return meminfo.lines()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .filter(digits -> !digits.isEmpty() && digits.length() < 16)
                .mapToLong(digits -> Long.parseLong(digits) * 1024)
                .findFirst();
    }
}
