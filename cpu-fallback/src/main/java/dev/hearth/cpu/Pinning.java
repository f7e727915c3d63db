package dev.hearth.cpu;

import dev.hearth.ffi.LinuxSystem;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.host.Workers;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A processor for each thread of one engine, on a core of its own; thread-safe. {@link #close()} leaves the cores to others. */
final class Pinning implements Workers.Seats {
    /* Cores belong to the process: engines have to know of one another to keep apart. Core to the engines that are on it. */
    private static final Map<Integer, Integer> TAKEN = new ConcurrentHashMap<>();

    private final LinuxSystem system;
    private final List<Integer> processors;

    private Pinning(LinuxSystem system, List<Integer> processors) {
        this.system = system;
        this.processors = processors;
    }

    /**
     * Takes the cores that the fewest engines are on.
     *
     * @throws BackendUnavailableException if this isn't Linux or the process may use fewer cores
     */
    static Pinning of(int threads) {
        LinuxSystem system = LinuxSystem.open()
                .orElseThrow(() -> new BackendUnavailableException(
                        "cpu: pinned threads: expected Linux and leave to call native code, found "
                                + System.getProperty("os.name") + "; leave threads unpinned"));
        return new Pinning(system, take(threads, Cores.usable()));
    }

    /** So many of these, the least used first. */
    static List<Integer> take(int threads, List<Integer> usable) {
        if (threads > usable.size()) {
            throw new BackendUnavailableException("cpu: pinned threads: expected a core for each of " + threads
                    + " threads, found " + usable.size() + " that this process may use " + usable
                    + "; ask for fewer threads, or leave them unpinned");
        }
        synchronized (TAKEN) {
            List<Integer> chosen = usable.stream()
                    .sorted(Comparator.comparing(core -> TAKEN.getOrDefault(core, 0)))
                    .limit(threads)
                    .sorted()
                    .toList();
            chosen.forEach(core -> TAKEN.merge(core, 1, Integer::sum));
            return chosen;
        }
    }

    /** Leaves cores to others. */
    static void giveBack(List<Integer> cores) {
        synchronized (TAKEN) {
            cores.forEach(core -> TAKEN.computeIfPresent(core, (c, engines) -> engines == 1 ? null : engines - 1));
        }
    }

    /** Keeps the calling thread on the processor of a thread, until it may run where it could before. */
    @Override
    public Runnable take(int thread) {
        BitSet before = system.affinity();
        BitSet one = new BitSet();
        one.set(processors.get(thread));
        system.setAffinity(one); // a system that refuses now leaves the thread where it was, which is no less right
        return () -> {
            if (!before.isEmpty()) {
                system.setAffinity(before);
            }
        };
    }

    @Override
    public void close() {
        giveBack(processors);
    }

    @Override
    public String toString() {
        return processors.toString();
    }
}
