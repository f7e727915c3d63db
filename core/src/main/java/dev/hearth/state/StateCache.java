package dev.hearth.state;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.Device;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of all sequences: one {@link PagePool} a state group of the network, within a budget of bytes. A sequence is admitted
 * with the most positions it may reach, so that it never lacks a page later. Used by the thread that runs the steps.
 */
public final class StateCache implements AutoCloseable {
    /** Positions of a page. */
    public static final int PAGE_SIZE = 16;

    private final List<PagePool> pools = new ArrayList<>();
    private final List<StateSpec.Kv> specs;
    private final int[] promised;

    /** Pools for a network's state; the budget is shared so that each group holds the same number of positions. */
    public StateCache(Device device, List<StateSpec.Kv> specs, DType type, long budgetBytes) {
        this.specs = List.copyOf(specs);
        this.promised = new int[specs.size()];
        long bytesOfAll = pageBytes(specs, type);
        int pages = (int) Math.min(Integer.MAX_VALUE / PAGE_SIZE, budgetBytes / bytesOfAll);
        for (StateSpec.Kv spec : specs) {
            pools.add(new PagePool(device, spec.layout(PAGE_SIZE, type), pages));
        }
    }

    /** Bytes that a sequence of so many positions needs at most; the greatest long if they are more. */
    public static long bytes(List<StateSpec.Kv> specs, DType type, long positions) {
        long pages = (positions + PAGE_SIZE - 1) / PAGE_SIZE;
        long bytes = pageBytes(specs, type);
        return pages > Long.MAX_VALUE / bytes ? Long.MAX_VALUE : pages * bytes;
    }

    private static long pageBytes(List<StateSpec.Kv> specs, DType type) {
        return specs.stream()
                .mapToLong(s -> s.layout(PAGE_SIZE, type).pageBytes())
                .sum();
    }

    /** Positions that one sequence can reach when it is alone. */
    public int positionLimit() {
        return pools.stream().mapToInt(PagePool::limit).min().orElse(0) * PAGE_SIZE;
    }

    /** Pages in use, of all groups. */
    public int usedPages() {
        return pools.stream().mapToInt(PagePool::usedCount).sum();
    }

    /** Whether a sequence of up to so many positions can be admitted now. */
    public boolean canAdmit(int positions) {
        int pages = pages(positions);
        for (int group = 0; group < pools.size(); group++) {
            if (promised[group] + pages > pools.get(group).limit()) {
                return false;
            }
        }
        return true;
    }

    /** Admits a sequence. @throws IllegalStateException if {@link #canAdmit} says no */
    public SequenceState admit(int positions) {
        if (!canAdmit(positions)) {
            throw new IllegalStateException("state cache: no room for " + positions + " positions");
        }
        promise(pages(positions));
        return new SequenceState(this, pages(positions));
    }

    void promise(int pages) {
        for (int group = 0; group < promised.length; group++) {
            promised[group] += pages;
        }
    }

    /** The pools, one a group. */
    public List<PagePool> pools() {
        return pools;
    }

    /** How far back a group looks. */
    int window(int group) {
        return specs.get(group).window();
    }

    static int pages(int positions) {
        return (positions + PAGE_SIZE - 1) / PAGE_SIZE;
    }

    @Override
    public void close() {
        pools.forEach(PagePool::close);
    }
}
