package dev.hearth.schedule;

import dev.hearth.spi.Device;
import dev.hearth.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon thread that runs every sequence of an engine: first come, first served, all running ones batched in each step,
 * prompts in chunks but for networks that take sequences whole. A sequence is admitted once pages for the most it may need are free.
 */
public final class EngineLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

    /** Most tokens of a step, but for one sequence that a network takes whole. */
    public static final int STEP_TOKENS = 256;

    /**
     * A look at the loop between two steps.
     *
     * @param running sequences that have pages
     * @param waiting sequences that wait for some
     * @param usedPages pages in use
     * @param steps steps run so far
     */
    public record Stats(int running, int waiting, int usedPages, long steps) {}

    private final Runner runner;
    private final Thread thread;
    private final Object lock = new Object();
    private final List<Sequence> arrived = new ArrayList<>();
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();
    private long steps;
    private boolean woken;
    private boolean closing;
    private volatile Stats stats = new Stats(0, 0, 0, 0);

    /** Starts the loop; it owns the runner from here on. */
    public EngineLoop(Runner runner, String name) {
        this.runner = runner;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** The last published look. */
    public Stats stats() {
        return stats;
    }

    /** Most positions that a sequence can have. */
    public int positionLimit() {
        return runner.cache().positionLimit();
    }

    /**
     * Queues a sequence.
     *
     * @param tokens what is known of it, at least one; only the loop's thread touches them from here on
     * @param maxPositions most tokens that will have to be computed
     * @return null if the loop is closing
     */
    public @Nullable Sequence submit(TokenList tokens, int maxPositions, Sequence.Listener listener) {
        Sequence sequence = new Sequence(tokens, maxPositions, listener, this::wake);
        synchronized (lock) {
            if (closing) {
                return null;
            }
            arrived.add(sequence);
            woken = true;
            lock.notifyAll();
        }
        return sequence;
    }

    private void wake() {
        synchronized (lock) {
            woken = true;
            lock.notifyAll();
        }
    }

    private void run() {
        try {
            while (takeArrivals()) {
                dropCancelled();
                admit();
                step(Sequence.Output.LOGITS);
                step(Sequence.Output.HIDDEN);
                publish();
            }
        } catch (Throwable t) { // a bug: nobody may wait for ever
            LOG.error("the engine's loop failed", t);
            synchronized (lock) {
                closing = true;
                waiting.addAll(arrived);
                arrived.clear();
            }
            List.copyOf(running).forEach(s -> end(s, Sequence.End.FAILED, t));
            waiting.forEach(s -> end(s, Sequence.End.FAILED, t));
            waiting.clear();
        } finally {
            List.copyOf(running).forEach(s -> end(s, Sequence.End.CLOSED, null));
            waiting.forEach(s -> end(s, Sequence.End.CLOSED, null));
            waiting.clear();
            publish();
            runner.close();
        }
    }

    /** Waits for something to do; false once the loop is to close. */
    private boolean takeArrivals() {
        synchronized (lock) {
            while (!closing && !woken && running.isEmpty() && waiting.isEmpty()) {
                try {
                    lock.wait();
                } catch (InterruptedException e) { // nobody else has this thread: only close() ends the loop
                    LOG.debug("interrupted while idle", e);
                }
            }
            woken = false;
            waiting.addAll(arrived);
            arrived.clear();
            return !closing;
        }
    }

    private void dropCancelled() {
        for (Sequence sequence : List.copyOf(running)) {
            if (sequence.cancelled) {
                end(sequence, Sequence.End.CANCELLED, null);
            }
        }
        for (Iterator<Sequence> it = waiting.iterator(); it.hasNext(); ) {
            Sequence sequence = it.next();
            if (sequence.cancelled) {
                it.remove();
                end(sequence, Sequence.End.CANCELLED, null);
            }
        }
    }

    private void admit() {
        while (!waiting.isEmpty() && runner.cache().canAdmit(waiting.getFirst().maxPositions)) {
            Sequence sequence = waiting.removeFirst();
            sequence.state = runner.cache().admit(sequence.maxPositions);
            running.add(sequence);
        }
        if (running.isEmpty() && !waiting.isEmpty()) { // nothing will ever be freed for it
            Sequence sequence = waiting.removeFirst();
            end(
                    sequence,
                    Sequence.End.FAILED,
                    new IllegalStateException(
                            sequence.maxPositions + " positions are more than the cache of " + positionLimit()));
        }
    }

    private void step(Sequence.Output output) {
        List<Sequence> chosen = new ArrayList<>();
        List<Chunk> chunks = new ArrayList<>();
        int budget = STEP_TOKENS;
        for (boolean decoding : new boolean[] {true, false}) {
            for (Sequence sequence : running) {
                if (budget > 0
                        && sequence.listener.output() == output
                        && (sequence.pending() == 1) == decoding
                        && fits(sequence, budget)) {
                    Chunk chunk = chunk(sequence, budget);
                    budget -= chunk.count();
                    chosen.add(sequence);
                    chunks.add(chunk);
                }
            }
        }
        if (!chunks.isEmpty()) {
            Tensor logits;
            try (Device.Turn _ = runner.turn()) {
                logits = output == Sequence.Output.LOGITS ? runner.forward(chunks) : runner.hidden(chunks);
                steps++;
            } catch (RuntimeException | OutOfMemoryError e) {
                LOG.error("a step of {} sequences failed", chunks.size(), e);
                chosen.forEach(s -> end(s, Sequence.End.FAILED, e));
                return;
            }
            deliver(chosen, chunks, logits);
        }
    }

    /** Whether a part of it may go into what is left of a step; a whole sequence that no step has room for gets one of its own. */
    private boolean fits(Sequence sequence, int budget) {
        return !runner.takesWholeSequences() || sequence.pending() <= budget || budget == STEP_TOKENS;
    }

    private Chunk chunk(Sequence sequence, int budget) {
        int count = runner.takesWholeSequences()
                ? sequence.pending()
                : Math.min(Math.min(budget, sequence.listener.chunkLimit()), sequence.pending());
        Chunk.Logits wanted = sequence.listener.wanted(count == sequence.pending());
        if (sequence.state == null) {
            throw new IllegalStateException("a running sequence has no pages");
        }
        return new Chunk(sequence.state, sequence.tokens, sequence.computed, count, wanted);
    }

    private void deliver(List<Sequence> chosen, List<Chunk> chunks, Tensor logits) {
        int row = 0;
        for (int i = 0; i < chosen.size(); i++) {
            Sequence sequence = chosen.get(i);
            Chunk chunk = chunks.get(i);
            sequence.computed += chunk.count();
            int wanted = chunk.logitCount();
            try {
                if (wanted > 0) {
                    sequence.listener.accept(logits, row, wanted, chunk.first() + chunk.count() - wanted);
                }
                if (sequence.pending() == 0) {
                    end(sequence, Sequence.End.DONE, null);
                } else if (sequence.tokens.size() > sequence.maxPositions) {
                    throw new IllegalStateException("a listener went beyond the positions it asked for");
                }
            } catch (RuntimeException | Error e) { // one request's mishap is its own
                end(sequence, Sequence.End.FAILED, e);
            }
            row += wanted;
        }
    }

    private void end(Sequence sequence, Sequence.End end, @Nullable Throwable failure) {
        if (sequence.state != null) {
            sequence.state.close();
        }
        running.remove(sequence);
        publish();
        try {
            sequence.listener.ended(end, failure);
        } catch (RuntimeException e) {
            LOG.warn("a listener failed at the end of its sequence", e);
        }
    }

    private void publish() {
        stats = new Stats(running.size(), waiting.size(), runner.cache().usedPages(), steps);
    }

    /** Ends every sequence with {@link Sequence.End#CLOSED}, waits for the thread and frees the runner. Any thread but the loop's own. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("engine loop: close() from the loop's own thread would wait for itself");
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // memory may be freed only after the thread has ended
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
