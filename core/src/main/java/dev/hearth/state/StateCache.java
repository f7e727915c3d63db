package dev.hearth.state;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of all sequences: one {@link PagePool} a state group of the network, within a budget of bytes. A sequence is admitted
 * with the most positions it may reach, so that it never lacks a page later. State of fixed size takes one slot a sequence; of a
 * network that has both kinds, slots get a quarter of the budget at most, and leave pages for one sequence of full length. Used by
 * the thread that runs the steps.
 */
public final class StateCache implements AutoCloseable {
    /** Positions of a page. */
    public static final int PAGE_SIZE = 32;

    private static final int MOST_SLOTS = 256;

    private final List<PagePool> pools = new ArrayList<>();
    private final List<StateSpec> specs;
    private final int pageLimit;
    private final int slotLimit;
    private int promisedPages;
    private int promisedSlots;

    /**
     * Pools for a network's state; the budget is shared so that each group that grows holds the same number of positions.
     *
     * @param contextLength positions of a sequence of full length
     */
    public StateCache(Device device, List<StateSpec> specs, CacheType type, int contextLength, long budgetBytes) {
        this.specs = List.copyOf(specs);
        long pageBytes = pageBytes(specs, type);
        long slotBytes = slotBytes(specs);
        slotLimit = slotBytes == 0
                ? Integer.MAX_VALUE
                : (int) slots(budgetBytes, pages(contextLength) * pageBytes, slotBytes);
        long forPages = Math.max(0, budgetBytes - slotLimit * slotBytes);
        pageLimit = pageBytes == 0
                ? Integer.MAX_VALUE / PAGE_SIZE
                : (int) Math.min(Integer.MAX_VALUE / PAGE_SIZE, forPages / pageBytes);
        for (StateSpec spec : specs) {
            pools.add(
                    switch (spec) {
                        case StateSpec.Kv kv ->
                            new PagePool(
                                    device,
                                    pageLimit,
                                    kv.layout(PAGE_SIZE, type).pieceBytes());
                        case StateSpec.Recurrent r ->
                            new PagePool(device, slotLimit, r.layout().slotBytes());
                    });
        }
    }

    private static long slots(long budget, long pagesOfOne, long slotBytes) {
        long share = pagesOfOne == 0 ? budget : Math.min(budget / 4, budget - pagesOfOne);
        return Math.clamp(share / slotBytes, budget < slotBytes ? 0 : 1, MOST_SLOTS);
    }

    /** Bytes that a sequence of so many positions needs at most; the greatest long if they are more. */
    public static long bytes(List<StateSpec> specs, CacheType type, long positions) {
        long pages = (positions + PAGE_SIZE - 1) / PAGE_SIZE;
        long bytes = pageBytes(specs, type);
        long slot = slotBytes(specs);
        return bytes > 0 && pages > (Long.MAX_VALUE - slot) / bytes ? Long.MAX_VALUE : pages * bytes + slot;
    }

    private static long pageBytes(List<StateSpec> specs, CacheType type) {
        long bytes = 0;
        for (StateSpec spec : specs) {
            bytes +=
                    spec instanceof StateSpec.Kv kv ? kv.layout(PAGE_SIZE, type).pageBytes() : 0;
        }
        return bytes;
    }

    /** Bytes of a sequence's state of fixed size. */
    public static long slotBytes(List<StateSpec> specs) {
        long bytes = 0;
        for (StateSpec spec : specs) {
            bytes += spec instanceof StateSpec.Recurrent r ? r.layout().slotBytes() : 0;
        }
        return bytes;
    }

    /** Positions that one sequence can reach when it is alone. */
    public int positionLimit() {
        return slotLimit == 0 ? 0 : pageLimit * PAGE_SIZE;
    }

    /** Pages and slots in use, of all groups. */
    public int usedPages() {
        return pools.stream().mapToInt(PagePool::usedCount).sum();
    }

    /** Whether a sequence of up to so many positions can be admitted now. */
    public boolean canAdmit(int positions) {
        return promisedSlots < slotLimit && promisedPages <= pageLimit - pages(positions);
    }

    /** Admits a sequence. @throws IllegalStateException if {@link #canAdmit} says no */
    public SequenceState admit(int positions) {
        if (!canAdmit(positions)) {
            throw new IllegalStateException("state cache: no room for " + positions + " positions");
        }
        promise(pages(positions), 1);
        return new SequenceState(this, pages(positions));
    }

    /**
     * Admits a sequence that goes on from where {@code other} is, with a copy of all that it holds; both then go on apart.
     *
     * @param positions the most that the copy may reach
     * @throws IllegalStateException if {@link #canAdmit} says no
     */
    public SequenceState fork(SequenceState other, int positions) {
        SequenceState copy = admit(positions);
        copy.copyOf(other);
        return copy;
    }

    void promise(int pages, int slots) {
        promisedPages += pages;
        promisedSlots += slots;
    }

    /** The pools, one a group. */
    public List<PagePool> pools() {
        return pools;
    }

    /** What the groups hold. */
    public List<StateSpec> specs() {
        return specs;
    }

    /** Whether a group takes pages as a sequence grows. */
    boolean grows(int group) {
        return specs.get(group) instanceof StateSpec.Kv;
    }

    /** How far back a group looks. */
    int window(int group) {
        return specs.get(group) instanceof StateSpec.Kv kv ? kv.window() : 0;
    }

    static int pages(int positions) {
        return (int) (((long) positions + PAGE_SIZE - 1) / PAGE_SIZE);
    }

    @Override
    public void close() {
        pools.forEach(PagePool::close);
    }
}
