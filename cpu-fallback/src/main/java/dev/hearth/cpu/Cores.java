package dev.hearth.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The physical cores that this process may use: one thread on each is worth having, for two on one core share the units that they
 * would both fill.
 */
final class Cores {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");
    private static final int MOST_PROCESSORS = 1 << 13;

    private Cores() {}

    /**
     * Physical cores, or where that can't be found out the processors; at most the processors that the system grants this
     * process (affinity and a container's quota of time included).
     */
    static int count() {
        int processors = Runtime.getRuntime().availableProcessors();
        int cores = usable().size();
        return cores == 0 ? processors : Math.min(cores, processors);
    }

    /** A processor of each core, by Linux's numbers, in their order; empty on another system. */
    static List<Integer> usable() {
        try {
            return usable(Files.readString(STATUS), PROCESSORS);
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * A processor of each core among those that are allowed.
     *
     * @param status as proc_pid_status(5) has it, {@code Cpus_allowed_list} in it
     * @param processors folder with {@code cpuN/topology/thread_siblings_list}; a processor without it is a core of its own
     */
    static List<Integer> usable(String status, Path processors) {
        BitSet allowed = status.lines()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> list(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElse(new BitSet());
        Set<String> seen = new HashSet<>();
        List<Integer> cores = new ArrayList<>();
        for (int cpu = allowed.nextSetBit(0); cpu >= 0; cpu = allowed.nextSetBit(cpu + 1)) {
            if (seen.add(siblings(processors.resolve("cpu" + cpu).resolve("topology/thread_siblings_list"), cpu))) {
                cores.add(cpu);
            }
        }
        return List.copyOf(cores);
    }

    private static String siblings(Path file, int cpu) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return Integer.toString(cpu);
        }
    }

    /** The numbers of {@code 0-3,8}; none of a text that is no such list. */
    private static BitSet list(String text) {
        BitSet numbers = new BitSet();
        for (String part : text.strip().split(",", -1)) {
            if (!part.matches("\\d{1,4}(-\\d{1,4})?")) {
                return new BitSet();
            }
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = Integer.parseInt(part.substring(dash + 1));
            numbers.set(first, Math.max(first, Math.min(last, MOST_PROCESSORS)) + 1);
        }
        return numbers;
    }
}
