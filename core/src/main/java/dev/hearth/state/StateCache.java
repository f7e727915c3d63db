package dev.hearth.state;

import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;

/**
 * The state of all sequences: one {@link PagePool} a state group of the network, within a budget of bytes, and the pages that former
 * sequences left for later ones. State of fixed size takes one slot a sequence, and one for each copy that is kept of it; of a network
 * that has both kinds, slots get a quarter of the budget at most, and leave pages for one sequence of full length. Used by the thread that runs the steps.
 */
public final class StateCache implements AutoCloseable {
    /** Positions of a page. */
    public static final int PAGE_SIZE = 32;

    private static final int MOST_SLOTS = 1024; // of sequences and of states that are kept
    private static final int MOST_BARE_NODES = 1 << 14; // prefixes of networks without pages, some MiB of heap

    private final List<PagePool> pools = new ArrayList<>();
    private final List<StateSpec> specs;
    private final int pageLimit;
    private final int slotLimit;
    private final int pageCount;
    private final int growingGroups;
    private final Snapshots snapshots = new Snapshots();
    private final PrefixCache prefixes = new PrefixCache(pools, snapshots);
    private final int contextLength;
    private Optional<LowerTier> lower = Optional.empty();
    private boolean keepsPrefixes;
    private int pinnedPages;

    /**
     * Pools for a network's state; the budget is shared so that each group that grows holds the same number of positions.
     *
     * @param contextLength positions of a sequence of full length
     */
    public StateCache(Device device, List<StateSpec> specs, CacheType type, int contextLength, long budgetBytes) {
        this(List.of(device), specs, type, contextLength, budgetBytes);
    }

    /** The same, each group on the device of its stage; the budget is for all of them. */
    public StateCache(
            List<Device> devices, List<StateSpec> specs, CacheType type, int contextLength, long budgetBytes) {
        this.specs = List.copyOf(specs);
        this.contextLength = contextLength;
        this.keepsPrefixes = !specs.isEmpty();
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
            Device device = devices.get(spec.stage());
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
        for (int group = 0; group < specs.size(); group++) {
            if (!grows(group)) {
                snapshots.addGroup(group, pools.get(group));
            }
        }
        growingGroups =
                (int) specs.stream().filter(StateSpec.Kv.class::isInstance).count();
        pageCount = (int) Math.min(
                Integer.MAX_VALUE, pools.stream().mapToLong(PagePool::limit).sum());
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

    /** Pages and slots in use, of all groups; those of prefixes that could go at once don't count. */
    public int usedPages() {
        int taken = pools.stream().mapToInt(PagePool::usedCount).sum();
        return taken - prefixes.unusedCount() * growingGroups - snapshots.slotCount();
    }

    /** Pages and slots that could be in use, of all groups. */
    public int pageCount() {
        return pageCount;
    }

    /** Whether there is state of fixed size for one more sequence. */
    public boolean canAdmit() {
        return snapshots.hasFreeSlot() || snapshots.count() > 0;
    }

    /** Admits a sequence, without pages yet. @throws IllegalStateException if {@link #canAdmit} says no */
    public SequenceState admit() {
        if (!snapshots.makeRoom()) {
            throw new IllegalStateException("state cache: all " + slotLimit + " slots are taken");
        }
        return new SequenceState(this);
    }

    /**
     * Admits a sequence that goes on from where {@code other} is; both then go on apart. Whole pages are shared, the rest is copied; what
     * follows is left to nobody.
     *
     * @param positions what {@code other} has computed
     * @throws IllegalStateException if there is no room for the copies
     */
    public SequenceState fork(SequenceState other, int positions) {
        return forkIfRoom(other, positions)
                .orElseThrow(() -> new IllegalStateException(
                        "state cache: no room is free for a copy of " + positions + " positions"));
    }

    /**
     * As {@link #fork}; empty if there is no room for the copies. If {@code other} leaves its whole pages to those that come later, so
     * does this one.
     *
     * @param tokens the token at each position, of all that will be known
     */
    public Optional<SequenceState> forkIfRoom(SequenceState other, int positions, IntUnaryOperator tokens) {
        Optional<SequenceState> copy = forkIfRoom(other, positions);
        copy.ifPresent(c -> c.leaveAs(other, tokens));
        return copy;
    }

    private Optional<SequenceState> forkIfRoom(SequenceState other, int positions) {
        if (!canAdmit()) {
            return Optional.empty();
        }
        SequenceState copy = admit();
        if (copy.follow(other, positions)) {
            return Optional.of(copy);
        }
        copy.close();
        return Optional.empty();
    }

    /** Lets go of unused prefixes until so many pages are free in every group that grows; false if they cannot be. */
    boolean makeRoom(int wanted) {
        int evicted = 0;
        for (PrefixNode oldest = prefixes.oldest();
                oldest != null && freePages() < wanted;
                oldest = prefixes.oldest()) {
            keepBelow(oldest);
            prefixes.evict();
            evicted++;
        }
        if (evicted > 0) {
            EvictionEvent.happened(evicted, prefixes.nodeCount());
        }
        return freePages() >= wanted;
    }

    private void keepBelow(PrefixNode node) {
        if (lower.isPresent()) {
            lower.get().keep(node);
        }
    }

    /**
     * What goes because pages run short is kept in a store from here on, and read back where that takes less time than computing it.
     *
     * @param store closed with the cache
     */
    public void keepBelow(LowerStore store) {
        keepBelow(
                store,
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("hearth-pages").factory()),
                new LoadCosts());
    }

    /** As the other one, with a thread that runs one task after the other, and what is known of costs. */
    public void keepBelow(LowerStore store, Executor worker, LoadCosts costs) {
        LowerTier tier = new LowerTier(this, store, worker, costs);
        lower = Optional.of(tier);
        snapshots.beforeLeaving(tier::keepState);
    }

    /** What is kept below, if anything is to be. */
    public Optional<LowerTier> lower() {
        return lower;
    }

    /** Has the oldest prefix go where too many are kept that have no pages. */
    void makeRoomForNode() {
        if (growingGroups == 0 && prefixes.nodeCount() >= MOST_BARE_NODES) {
            prefixes.evict();
        }
    }

    /** Whether a page of every group is free without letting go of anything. */
    boolean hasFreePage() {
        return growingGroups == 0 ? prefixes.nodeCount() < MOST_BARE_NODES : freePages() > 0;
    }

    /** Bytes of a page of every group that grows. */
    public long prefixBytes() {
        long bytes = 0;
        for (int group = 0; group < specs.size(); group++) {
            bytes += grows(group) ? pools.get(group).pageBytes() : 0;
        }
        return bytes;
    }

    /** Bytes of a slot of every group whose state has a fixed size. */
    public long stateBytes() {
        return slotBytes(specs);
    }

    private int freePages() {
        int free = Integer.MAX_VALUE;
        for (int group = 0; group < specs.size(); group++) {
            free = grows(group) ? Math.min(free, pools.get(group).freeCount()) : free;
        }
        return free;
    }

    /** Pages that a sequence could still get: those that are free, and those that only prefixes hold which nobody uses. */
    public int availablePages() {
        return (int) Math.min(Integer.MAX_VALUE, (long) freePages() + prefixes.unusedCount());
    }

    /** Pages that hold so many positions. */
    public static int pages(int positions) {
        return (int) (((long) positions + PAGE_SIZE - 1) / PAGE_SIZE);
    }

    /** Keeps nothing of former sequences from here on. */
    public void forgetPrefixes() {
        keepsPrefixes = false;
        while (prefixes.evict()) {}
        lower.ifPresent(LowerTier::clear);
    }

    /** Whether former sequences leave their pages. */
    public boolean keepsPrefixes() {
        return keepsPrefixes;
    }

    PrefixCache prefixes() {
        return prefixes;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    /**
     * How far the tokens of a sequence lead into what is kept.
     *
     * @param key sequences of other keys share nothing with it
     * @param tokens the token at each position, of all that are known
     */
    public PrefixWalk walk(String key, IntUnaryOperator tokens) {
        return new PrefixWalk(this, key, tokens);
    }

    /**
     * Holds what is kept of these tokens, in whole pages, until {@link PinnedPrefix#close}. Pins leave room for one sequence of full
     * length.
     *
     * @param tokens the token at each position, of {@code count}
     * @throws IllegalArgumentException if pins would take that room
     */
    public PinnedPrefix pin(String key, IntUnaryOperator tokens, int count) {
        PrefixWalk walk = walk(key, tokens);
        int blocks = walk.reach(count) / PAGE_SIZE;
        if (blocks > pageLimit - pages(contextLength) - pinnedPages) {
            throw new IllegalArgumentException(
                    "pin: " + blocks + " pages beside " + pinnedPages + " that are pinned leave less than the "
                            + pages(contextLength) + " of " + pageLimit
                            + " that a sequence of full length needs; pin less, or load the engine"
                            + " with a larger cache");
        }
        PrefixNode last = walk.joint();
        if (last == null) {
            last = prefixes.root(key);
        } else {
            prefixes.join(last);
        }
        snapshots.pin(last);
        pinnedPages += blocks;
        return new PinnedPrefix(this, last, blocks);
    }

    void unpin(PrefixNode last, int blocks) {
        snapshots.unpin(last);
        prefixes.leave(last);
        pinnedPages -= blocks;
    }

    /** Lets go of all prefixes of a key that no sequence uses; how many pages' worth of tokens they had. */
    public int dropPrefixes(String key) {
        lower.ifPresent(tier -> tier.drop(key));
        return prefixes.drop(key);
    }

    /** Pages' worth of tokens that are kept as prefixes, used or not. */
    public int prefixCount() {
        return prefixes.nodeCount();
    }

    /** Of them, those that no sequence uses: they go when pages run short. */
    public int unusedPrefixCount() {
        return prefixes.unusedCount();
    }

    /** How many went so far because pages ran short. */
    public long evictions() {
        return prefixes.evictions();
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

    @Override
    public void close() {
        lower.ifPresent(LowerTier::close);
        pools.forEach(PagePool::close);
    }
}
