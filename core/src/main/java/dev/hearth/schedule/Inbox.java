package dev.hearth.schedule;

import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What others leave for the loop's thread, and where it sleeps until there is something. Thread-safe. */
final class Inbox {
    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

    private final LongSupplier clock;
    private final List<Sequence> arrived = new ArrayList<>();
    private final List<Sequence> cancelled = new ArrayList<>();
    private final List<CacheTask<?>> tasks = new ArrayList<>();
    private int waiting; // in the scheduler's line when it was last told
    private long refused;
    private boolean woken;
    private boolean closing;

    /** By a clock of nanoseconds. */
    Inbox(LongSupplier clock) {
        this.clock = clock;
    }

    /** What was left since the last time. */
    record Mail(List<Sequence> arrived, List<Sequence> cancelled, List<CacheTask<?>> tasks) {}

    /**
     * Leaves a sequence; null if the loop is closing.
     *
     * @throws QueueFullException if too many wait already
     */
    synchronized @Nullable Sequence add(Sequence sequence, int mostWaiting) {
        if (closing) {
            return null;
        }
        int queued = waiting + arrived.size();
        if (queued >= mostWaiting) {
            refused++;
            throw new QueueFullException(queued, mostWaiting);
        }
        arrived.add(sequence);
        wake();
        return sequence;
    }

    /** Leaves work with the cache; its future is cancelled if the loop is closing. */
    <T> CompletableFuture<T> add(Function<StateCache, T> work) {
        var task = new CacheTask<T>(work, new CompletableFuture<>());
        synchronized (this) {
            if (!closing) {
                tasks.add(task);
                wake();
                return task.result();
            }
        }
        task.result().cancel(false);
        return task.result();
    }

    /** Has a sequence end. */
    synchronized void cancel(Sequence sequence) {
        cancelled.add(sequence);
        wake();
    }

    /** Has the loop's thread look around. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /** Empties it. */
    synchronized Mail take() {
        woken = false;
        Mail mail = new Mail(List.copyOf(arrived), List.copyOf(cancelled), List.copyOf(tasks));
        waiting += arrived.size();
        arrived.clear();
        cancelled.clear();
        tasks.clear();
        return mail;
    }

    /** So many wait in the scheduler's line now. */
    synchronized void waiting(int count) {
        waiting = count;
    }

    /** Sequences that were not taken because too many waited. */
    synchronized long refused() {
        return refused;
    }

    /** Takes nothing any more, and has the loop's thread end. */
    synchronized void close() {
        closing = true;
        notifyAll();
    }

    synchronized boolean isClosing() {
        return closing;
    }

    /** Sleeps until somebody leaves something, or a time of the clock has come. */
    synchronized void await(long deadline) {
        while (!closing && !woken && deadline > clock.getAsLong()) {
            try {
                wait(millisTo(deadline));
            } catch (InterruptedException e) { // nobody else has this thread: only close() ends the loop
                LOG.debug("interrupted while idle", e);
            }
        }
    }

    /** 0 for no deadline, as wait() has it. */
    private long millisTo(long deadline) {
        return deadline == Terms.NEVER
                ? 0
                : 1 + TimeUnit.NANOSECONDS.toMillis(Math.max(0, deadline - clock.getAsLong()));
    }
}
