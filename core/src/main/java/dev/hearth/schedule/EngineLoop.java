package dev.hearth.schedule;

import dev.hearth.spi.Device;
import dev.hearth.state.StateCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon thread that runs every sequence of an engine, step by step, as a {@link Scheduler} decides, and tells their listeners
 * what comes of it.
 */
public final class EngineLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

    /** Most tokens of a step, but for one sequence that a network takes whole. */
    public static final int STEP_TOKENS = 256;

    /**
     * What a loop allows.
     *
     * @param tokens most tokens of a step, at most {@link #STEP_TOKENS}
     * @param sequences most sequences that hold state at a time
     * @param waiting most sequences that may wait for their turn before more are refused
     * @param mixedStep how long a step is meant to take at most in which sequences generate beside prompts
     */
    public record Limits(int tokens, int sequences, int waiting, Duration mixedStep) {
        /** Of an engine that was not told otherwise. */
        public static final Limits DEFAULT = new Limits(STEP_TOKENS, STEP_TOKENS, 1024, Duration.ofMillis(200));
    }

    private final Runner runner;
    private final Limits limits;
    private final Scheduler scheduler;
    private final Pace pace;
    private final LongSupplier clock;
    private final Thread thread;
    private final Sequence.Owner owner = new Desk();
    private final Counters counters = new Counters();
    private final StepEvent event = new StepEvent(); // of the step under way
    private final Inbox inbox;
    private volatile EngineStats stats;

    /** Starts the loop, by a clock of nanoseconds that wakes a sequence if it is moved by hand; it owns the runner from here on. */
    public EngineLoop(Runner runner, Limits limits, String name, LongSupplier clock) {
        this.clock = clock;
        this.inbox = new Inbox(clock);
        this.pace = new Pace(limits.mixedStep, limits.tokens);
        this.runner = runner;
        this.limits = limits;
        this.scheduler = new Scheduler(
                runner.cache(), new Scheduler.Limits(limits.tokens, limits.sequences), runner.takesWholeSequences());
        this.scheduler.mix(pace::mostTokens);
        this.stats = counters.look(scheduler, runner.cache(), 0);
        runner.cache().lower().ifPresent(lower -> lower.onProgress(owner::wake));
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Where sequences report to, from any thread. */
    private final class Desk implements Sequence.Owner {
        @Override
        public void cancel(Sequence sequence) {
            inbox.cancel(sequence);
        }

        @Override
        public void wake() {
            inbox.wake();
        }

        @Override
        public void follow(Sequence sequence, Sequence other) {
            scheduler.follow(sequence, other);
        }
    }

    /** The last published look. */
    public EngineStats stats() {
        return stats;
    }

    /** How long things took so far. */
    public Latencies latencies() {
        return counters.latencies();
    }

    /** Has somebody hear how long each request takes from now on. */
    public void tell(RequestTimes listener) {
        counters.tell(listener);
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
     * @throws IllegalArgumentException if it could never fit
     * @throws QueueFullException if too many wait already
     */
    public @Nullable Sequence submit(TokenList tokens, int maxPositions, Terms terms, Sequence.Listener listener) {
        requireRoom(maxPositions);
        return inbox.add(new Sequence(tokens, maxPositions, terms, listener, owner, clock.getAsLong()), limits.waiting);
    }

    /** As {@link #submit}, however many wait already: for parts of a call whose caller waits for all of them. */
    public @Nullable Sequence submitPart(TokenList tokens, Sequence.Listener listener) {
        requireRoom(tokens.size());
        Sequence part = new Sequence(tokens, tokens.size(), Terms.DEFAULT, listener, owner, clock.getAsLong());
        return inbox.add(part, Integer.MAX_VALUE);
    }

    /**
     * Does something with the cache between two steps, on the loop's thread. The future ends with a {@link
     * java.util.concurrent.CancellationException} if the loop closes before.
     */
    public <T> CompletableFuture<T> withCache(Function<StateCache, T> work) {
        return inbox.add(work);
    }

    private void requireRoom(int maxPositions) {
        if (!runner.takesWholeSequences() && maxPositions > positionLimit()) {
            throw new IllegalArgumentException("request: " + maxPositions + " positions are more than the "
                    + positionLimit() + " that the cache holds; ask for fewer, or load the engine with a larger cache");
        }
    }

    private void run() {
        try {
            while (takeArrivals()) {
                scheduler.late(clock.getAsLong()).forEach(s -> end(s, Sequence.End.LATE, null));
                boolean idle = true;
                Sequence stuck = null;
                for (Sequence.Output output : Sequence.Output.values()) {
                    List<Sequence> chosen = scheduler.plan(output);
                    idle &= chosen.isEmpty();
                    stuck = stuck == null ? scheduler.stuck() : stuck;
                    step(chosen, output);
                }
                publish();
                if (idle && stuck != null) {
                    fail(stuck);
                } else if (idle) {
                    inbox.await(scheduler.nextDeadline());
                }
            }
        } catch (Throwable t) { // a bug: nobody may wait for ever
            LOG.error("the engine's loop failed", t);
            endAll(Sequence.End.FAILED, t);
        } finally {
            endAll(Sequence.End.CLOSED, null);
            runner.close();
        }
    }

    private void endAll(Sequence.End end, @Nullable Throwable failure) {
        inbox.close();
        Inbox.Mail last = inbox.take();
        last.arrived().forEach(scheduler::add);
        last.tasks().forEach(task -> task.result().cancel(false));
        scheduler.all().forEach(s -> end(s, end, failure));
    }

    /** False once the loop is to close. */
    private boolean takeArrivals() {
        Inbox.Mail mail = inbox.take();
        mail.arrived().forEach(scheduler::add);
        counters.requests += mail.arrived().size();
        if (inbox.isClosing()) {
            mail.tasks().forEach(task -> task.result().cancel(false));
            return false;
        }
        mail.cancelled().forEach(s -> end(s, Sequence.End.CANCELLED, null));
        var results =
                mail.tasks().stream().map(task -> task.run(runner.cache())).toList();
        if (!results.isEmpty()) {
            publish();
        }
        results.forEach(Runnable::run);
        return true;
    }

    private void step(List<Sequence> planned, Sequence.Output output) {
        long begin = clock.getAsLong();
        List<Sequence> chosen = new ArrayList<>(planned.size());
        for (Sequence sequence : planned) {
            if (start(sequence, begin)) {
                chosen.add(sequence);
            }
        }
        if (chosen.isEmpty()) {
            return;
        }
        List<Chunk> chunks = new ArrayList<>(chosen.size());
        chosen.forEach(s -> chunks.add(chunk(s)));
        event.begin();
        Results results;
        long nanos;
        try (Device.Turn _ = runner.turn()) {
            results = output == Sequence.Output.LOGITS ? runner.forward(chunks) : runner.hidden(chunks);
            nanos = clock.getAsLong() - begin;
            new Preparation(chosen, chunks, results).run(runner);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a step of {} sequences failed", chunks.size(), e);
            chosen.forEach(s -> end(s, Sequence.End.FAILED, e));
            return;
        }
        counters.stepped(chosen, nanos, runner.cache());
        pace.computed(chosen, nanos);
        event.computed(chosen, scheduler.waitingCount());
        scheduler.done(chosen);
        deliver(chosen, chunks, results);
    }

    /** Tells a listener that its sequence runs, the first time; false if it failed over that. */
    private boolean start(Sequence sequence, long now) {
        if (sequence.started) {
            return true;
        }
        sequence.started = true;
        counters.started(sequence, now);
        try {
            sequence.listener.started(sequence, sequence.computed);
            return true;
        } catch (RuntimeException | Error e) { // one request's mishap is its own
            end(sequence, Sequence.End.FAILED, e);
            return false;
        }
    }

    private static Chunk chunk(Sequence sequence) {
        boolean known = sequence.again() > 0 && !sequence.wantsLastAlone();
        Chunk.Logits wanted =
                known ? Chunk.Logits.NONE : sequence.listener.wanted(sequence.planned == sequence.pending());
        return new Chunk(sequence.heldState(), sequence.tokens, sequence.computed, sequence.planned, wanted);
    }

    private void deliver(List<Sequence> chosen, List<Chunk> chunks, Results results) {
        int row = 0;
        for (int i = 0; i < chosen.size(); i++) {
            Sequence sequence = chosen.get(i);
            Chunk chunk = chunks.get(i);
            int wanted = chunk.logitCount();
            row += wanted;
            if (sequence.mishap != null) {
                end(sequence, Sequence.End.FAILED, sequence.mishap);
                continue;
            }
            try {
                boolean last = sequence.pending() == 0;
                if (wanted > 0) {
                    sequence.answered |= last;
                    sequence.listener.accept(results, row - wanted, wanted, chunk.end() - wanted);
                    if (last && sequence.listener.choosesTokens()) {
                        counters.token(sequence, clock.getAsLong());
                    }
                }
                if (sequence.pending() == 0 && !sequence.listener.waits()) {
                    end(sequence, Sequence.End.DONE, null);
                } else if (sequence.tokens.size() > sequence.maxPositions) {
                    throw new IllegalStateException("a listener went beyond the positions it asked for");
                }
            } catch (RuntimeException | Error e) { // one request's mishap is its own
                end(sequence, Sequence.End.FAILED, e);
            }
        }
    }

    /** Ends a sequence that got no pages though nobody runs who could give any back. */
    private void fail(Sequence stuck) {
        end(
                stuck,
                Sequence.End.FAILED,
                new IllegalStateException("no page is free for a sequence of " + stuck.tokens.size()
                        + " positions: what it would need of the cache's " + positionLimit()
                        + " is held by pinned prefixes"));
    }

    /** Ends what was submitted, with all its forks. */
    private void end(Sequence part, Sequence.End end, @Nullable Throwable failure) {
        Sequence sequence = part.trunk();
        if (!scheduler.remove(sequence)) {
            return; // has ended before
        }
        sequence.forks.forEach(scheduler::remove);
        counters.ended(sequence, end, clock.getAsLong());
        RequestEvent.ended(sequence, end);
        publish();
        try {
            sequence.listener.ended(end, failure);
        } catch (RuntimeException e) {
            LOG.warn("a listener failed at the end of its sequence", e);
        }
    }

    private void publish() {
        inbox.waiting(scheduler.waitingCount());
        stats = counters.look(scheduler, runner.cache(), inbox.refused());
    }

    /** Ends every sequence with {@link Sequence.End#CLOSED}, waits for the thread and frees the runner. Any thread but the loop's own. */
    @Override
    public void close() {
        inbox.close();
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
