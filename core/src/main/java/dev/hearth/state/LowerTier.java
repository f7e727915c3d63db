package dev.hearth.state;

import dev.hearth.state.LowerPieces.Kind;
import dev.hearth.state.LowerPieces.Name;
import dev.hearth.state.LowerPieces.Piece;
import dev.hearth.tensor.HostBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went from a cache because pages ran short, kept below the device's memory, to be read back for sequences that begin alike where
 * that is quicker than computing it again. Another thread writes and reads, through a few buffers: what finds none free isn't kept.
 * After an error of the store nothing is kept or read any more. Used by the thread that runs the steps.
 */
/*
 * A sequence that gives up its pages leaves them to the tree of prefixes, from where they come here, so this is also where preempted sequences wait. Simpler than
 * vLLM's offloading connector and SGLang's HiCache: written only when it goes from above, and brought back into the tree before its sequence is let in.
 */
public final class LowerTier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LowerTier.class);
    private static final long BUFFER_BYTES = 64 << 20; // of all together, but for the least number
    private static final int LEAST_BUFFERS = 2;
    private static final int MOST_BUFFERS = 256;

    private final StateCache cache;
    private final LowerStore store;
    private final Executor worker;
    private final LowerPieces pieces;
    private final LoadCosts costs;
    private final Arena arena = Arena.ofShared();
    private final Deque<HostBuffer> buffers = new ArrayDeque<>(); // free ones
    private final Queue<Runnable> done =
            new ConcurrentLinkedQueue<>(); // what is left of work to the thread of the steps
    private final List<Load> loads = new ArrayList<>();
    private volatile Runnable wake = () -> {};
    private boolean broken;
    private long pendingBytes;
    private long storedBytes;
    private long loadedBytes;
    private long loadedTokens;

    /** Over a store, which it closes, that {@code worker} writes and reads: one task after the other, in order. */
    LowerTier(StateCache cache, LowerStore store, Executor worker, LoadCosts costs) {
        this.cache = cache;
        this.store = store;
        this.worker = worker;
        this.costs = costs;
        this.pieces = new LowerPieces(store.byteSize());
        long largest = Math.max(1, Math.max(cache.prefixBytes(), cache.stateBytes()));
        long count = Math.clamp(BUFFER_BYTES / largest, LEAST_BUFFERS, MOST_BUFFERS);
        for (int i = 0; i < count; i++) {
            buffers.add(new HostBuffer(arena.allocate(largest, 64)));
        }
    }

    /**
     * A look at a tier; counts are since it began.
     *
     * @param heldBytes what it holds
     * @param storedBytes what was written
     * @param loadedBytes what was read
     * @param loadedTokens tokens that need not be computed again for that
     */
    public record Counts(long heldBytes, long storedBytes, long loadedBytes, long loadedTokens) {
        /** Of a cache with nothing below it. */
        public static final Counts NONE = new Counts(0, 0, 0, 0);
    }

    /** What it did so far. */
    public Counts counts() {
        return new Counts(pieces.heldBytes(), storedBytes, loadedBytes, loadedTokens);
    }

    /** What reading and computing take. */
    public LoadCosts costs() {
        return costs;
    }

    /** Has somebody called, by another thread, when {@link #settle} has something to do. */
    public void onProgress(Runnable listener) {
        wake = listener;
    }

    /** Takes what a node has, before it goes. */
    void keep(PrefixNode node) {
        if (cache.prefixBytes() > 0) {
            keep(node, Kind.PAGES);
        }
        keepState(node);
    }

    /** Takes a node's state of fixed size, before that goes. */
    void keepState(PrefixNode node) {
        if (cache.snapshots().areNeeded() && cache.snapshots().at(node)) {
            keep(node, Kind.STATE);
        }
    }

    private void keep(PrefixNode node, Kind kind) {
        Name name = new Name(node.digest(), kind);
        if (broken || buffers.isEmpty() || pieces.has(name)) {
            return;
        }
        Piece piece = pieces.add(name, node.key, bytes(kind));
        if (piece == null) {
            return;
        }
        HostBuffer buffer = buffers.remove();
        NodeCopy.read(cache, node, kind, buffer, 0);
        MemorySegment bytes = buffer.segment().asSlice(0, piece.bytes);
        work(piece.bytes, () -> {
            int sum = checkSum(bytes);
            store.write(piece.offset, bytes);
            return () -> {
                buffers.add(buffer);
                piece.checkSum = sum;
                piece.written = true;
                storedBytes += piece.bytes;
            };
        });
    }

    long bytes(Kind kind) {
        return kind == Kind.PAGES ? cache.prefixBytes() : cache.stateBytes();
    }

    private static int checkSum(MemorySegment bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.asByteBuffer());
        return (int) sum.getValue();
    }

    /** Work of the other thread; what it gives is left to the thread of the steps. */
    private interface Work {
        Runnable run() throws IOException;
    }

    private void work(long bytes, Work work) {
        pendingBytes += bytes;
        worker.execute(() -> {
            Runnable rest;
            try {
                rest = work.run();
            } catch (IOException | RuntimeException e) {
                rest = () -> fail(e);
            }
            Runnable last = rest;
            done.add(() -> {
                pendingBytes -= bytes;
                last.run();
            });
            wake.run();
        });
    }

    private void fail(Exception e) {
        if (!broken) {
            broken = true; // buffers in use don't come back: nobody asks for one any more
            LOG.warn("prefixes below the cache are given up, what they held is computed again: {}", e.toString());
            LOG.debug("below the cache", e);
            pieces.clear();
            List.copyOf(loads).forEach(Load::end);
        }
    }

    /** Reads a piece for a load; false if it is gone or no buffer is free. */
    boolean read(Piece piece, Load load) {
        if (broken || buffers.isEmpty() || !pieces.holds(piece)) {
            return false;
        }
        HostBuffer buffer = buffers.remove();
        MemorySegment bytes = buffer.segment().asSlice(0, piece.bytes);
        work(piece.bytes, () -> {
            long begin = System.nanoTime();
            store.read(piece.offset, bytes);
            if (checkSum(bytes) != piece.checkSum) {
                throw new IOException("expected what was written, found other bytes");
            }
            long nanos = System.nanoTime() - begin;
            return () -> {
                long from = System.nanoTime();
                loadedBytes += piece.bytes;
                load.arrived(piece.name.kind(), buffer);
                costs.read(piece.bytes, nanos + System.nanoTime() - from);
                buffers.add(buffer);
            };
        });
        return true;
    }

    boolean holds(Piece piece) {
        return pieces.holds(piece);
    }

    /** Takes note of what the other thread has done, and gives it more to do; bounded by the number of buffers. */
    public void settle() {
        for (Runnable next = done.poll(); next != null; next = done.poll()) {
            next.run();
        }
        List.copyOf(loads).forEach(Load::advance);
    }

    /**
     * Begins to bring back what a sequence can go on from, if that is quicker than computing it.
     *
     * @param walk as it has just reached what the cache itself has
     * @param limit most positions
     * @return null if there is nothing, or computing is quicker
     */
    public @Nullable Load load(PrefixWalk walk, int limit) {
        if (broken || pieces.heldBytes() == 0) {
            return null;
        }
        Load load = Load.of(cache, this, walk, limit);
        if (load == null || !costs.favourReading(load.bytes() + pendingBytes, load.tokens())) {
            return null;
        }
        loads.add(load);
        load.begin();
        return load;
    }

    @Nullable
    Piece find(PrefixDigest digest, Kind kind) {
        return pieces.find(digest, kind);
    }

    /** A load has ended, with so many tokens there that were not before. */
    void ended(Load load, int tokens) {
        loads.remove(load);
        loadedTokens += tokens;
    }

    /** Whether anything is on its way back. */
    public boolean isLoading() {
        return !loads.isEmpty();
    }

    /** Gives up bringing anything back, for others to have the pages; false if nothing was on its way. */
    public boolean stopLoading() {
        boolean any = isLoading();
        List.copyOf(loads).forEach(Load::end);
        return any;
    }

    /** Forgets what a key has. */
    void drop(String key) {
        pieces.drop(key);
    }

    /** Forgets everything. */
    void clear() {
        pieces.clear();
    }

    /** Gives the store back, once the other thread has ended what it was doing. */
    @Override
    public void close() {
        if (worker instanceof AutoCloseable thread) {
            closeQuietly(thread);
        }
        closeQuietly(store);
        arena.close();
    }

    private static void closeQuietly(AutoCloseable owner) {
        try {
            owner.close();
        } catch (Exception e) {
            LOG.warn("prefixes below the cache are not given back", e);
        }
    }
}
