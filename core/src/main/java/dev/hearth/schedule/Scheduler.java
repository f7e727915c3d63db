package dev.hearth.schedule;

import dev.hearth.state.PrefixWalk;
import dev.hearth.state.SequenceState;
import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the next step computes: a budget of tokens, spent on sequences that generate first, then on chunks of prompts, for
 * those that run and then for those that wait, by priority and arrival. A sequence takes pages as it grows; where none is left, the
 * last in rank gives up its own and waits in its old place, to be computed again. It reads no clock and starts no thread. One thread.
 */
/*
 * One budget for everything and chunks of prompts beside generated tokens as in vLLM's V1 scheduler and Sarathi-Serve (Agrawal and
 * others 2024, arXiv:2403.02310). The first in rank can take every other's pages, so it always gets on, and so does whoever is first after it.
 */
final class Scheduler {
    /* Pages that stay free when a sequence is let in, for each that runs: else it would be sent back at once. */
    private static final int SPARE_PAGES = 1;
    private static final Comparator<Sequence> RANK = Comparator.<Sequence>comparingInt(s -> -s.terms.priority())
            .thenComparingLong(s -> s.arrival)
            .thenComparingInt(s -> s.branch);

    /**
     * Limits of a step.
     *
     * @param tokens most tokens, but for one sequence that a network takes whole
     * @param sequences most sequences that hold state at a time
     */
    record Limits(int tokens, int sequences) {}

    private final StateCache cache;
    private final Limits limits;
    private final boolean wholeSequences;
    private final List<Sequence> running = new ArrayList<>(); // in rank
    final WaitingLine waiting = new WaitingLine();
    private final List<Sequence> resting = new ArrayList<>(); // wait for a reader, or for pages from below the cache
    private long arrivals;
    private long preemptions;
    private long earliestDeadline = Terms.NEVER;
    private @Nullable Sequence stuck;
    private int left; // of the budget of the step that is planned
    private IntUnaryOperator mixed; // most tokens of a step in which so many sequences generate

    /** Over the state of a network that takes {@code wholeSequences}, or chunks of them. */
    Scheduler(StateCache cache, Limits limits, boolean wholeSequences) {
        this.cache = cache;
        this.limits = limits;
        this.wholeSequences = wholeSequences;
        this.mixed = generating -> limits.tokens;
    }

    /** Has a step in which so many sequences generate take at most so many tokens, beside what its limits say. */
    void mix(IntUnaryOperator mostTokens) {
        mixed = mostTokens;
    }

    /** Lets a sequence wait for its turn. */
    void add(Sequence sequence) {
        sequence.arrival = arrivals++;
        waiting.arrived(sequence);
        waiting.add(sequence);
        noteDeadline(sequence);
    }

    private void noteDeadline(Sequence sequence) {
        earliestDeadline = Math.min(earliestDeadline, sequence.deadline());
    }

    /**
     * Has a sequence, which may be new here, drop what was computed of it and go on from where another is, all of whose tokens are
     * computed: on a copy of its state if there is room, else it waits to be computed again.
     */
    void follow(Sequence sequence, Sequence other) {
        if (!takeOut(sequence)) {
            waiting.arrived(sequence);
            noteDeadline(sequence);
        }
        giveBack(sequence);
        sequence.forgetWalk();
        sequence.planned = 0;
        sequence.computed = 0;
        sequence.reached = other.reached;
        Optional<SequenceState> copy = other.state == null || running.size() >= limits.sequences
                ? Optional.empty()
                : cache.forkIfRoom(other.state, other.computed, sequence.tokens::get);
        if (copy.isPresent()) {
            sequence.state = copy.get();
            sequence.computed = other.computed;
            run(sequence);
        } else {
            waiting.add(sequence);
        }
    }

    private void run(Sequence sequence) {
        running.add(-Collections.binarySearch(running, sequence, RANK) - 1, sequence);
    }

    private boolean takeOut(Sequence sequence) {
        return running.remove(sequence) || waiting.remove(sequence) || resting.remove(sequence);
    }

    /** Forgets a sequence, wherever it is, and gives back its pages; false if it is not here. */
    boolean remove(Sequence sequence) {
        if (!takeOut(sequence)) {
            return false;
        }
        waiting.gone(sequence);
        giveBack(sequence);
        return true;
    }

    /** Those whose deadline has passed. */
    List<Sequence> late(long now) {
        if (now < earliestDeadline) {
            return List.of();
        }
        List<Sequence> all = all();
        earliestDeadline = Terms.NEVER;
        all.stream().filter(s -> s.deadline() > now).forEach(this::noteDeadline);
        return all.stream().filter(s -> s.deadline() <= now).toList();
    }

    /** When {@link #late} has to be asked again; {@link Terms#NEVER} if nobody has a deadline. */
    long nextDeadline() {
        return earliestDeadline;
    }

    /** Every sequence that is here. */
    List<Sequence> all() {
        List<Sequence> all = new ArrayList<>(running);
        all.addAll(resting);
        all.addAll(waiting.all());
        return all;
    }

    /** Sequences that hold state, in rank. */
    List<Sequence> running() {
        return Collections.unmodifiableList(running);
    }

    /** How many requests wait for their turn; forks don't count. */
    int waitingCount() {
        int count = waiting.size();
        for (int i = 0; i < resting.size(); i++) {
            count += resting.get(i).isFork() ? 0 : 1;
        }
        return count;
    }

    /** How often a sequence had to give up its pages. */
    long preemptions() {
        return preemptions;
    }

    /**
     * What the next step computes of sequences that want this of the network, with their pages taken: {@link Sequence#planned} tokens
     * of each. Empty if there is nothing to do, or those who could do something wait for a reader.
     */
    List<Sequence> plan(Sequence.Output output) {
        if (cache.lower().isPresent()) {
            cache.lower().get().settle();
        }
        wakeResting();
        Sequence[] ranked = running.toArray(Sequence[]::new);
        left = limits.tokens;
        stuck = null;
        for (Sequence sequence : ranked) {
            sequence.planned = 0;
        }
        for (Sequence sequence : ranked) {
            if (left > 0 && sequence.generates() && goes(sequence, output)) {
                reserve(sequence, 1);
            }
        }
        int generating = limits.tokens - left;
        if (generating > 0) {
            left = Math.min(left, mixed.applyAsInt(generating) - generating);
        }
        prompts(ranked, output);
        List<Sequence> chosen =
                new ArrayList<>(running.size()); // at last: some may have given up their pages for others
        for (Sequence sequence : running) {
            if (sequence.planned > 0) {
                chosen.add(sequence);
            }
        }
        return chosen;
    }

    /** Who could have gone on in the last plan and got no pages; null if nobody, or pages are still on their way. */
    @Nullable
    Sequence stuck() {
        return isLoading() ? null : stuck;
    }

    /** Whether pages are on their way from below the cache. */
    boolean isLoading() {
        return cache.lower().isPresent() && cache.lower().get().isLoading();
    }

    private void wakeResting() {
        for (Iterator<Sequence> it = resting.iterator(); it.hasNext(); ) {
            Sequence sequence = it.next();
            if (!sequence.rests()) {
                it.remove();
                waiting.add(sequence);
            }
        }
    }

    /** Whose turn it is of those who wait; those who wait for a reader, or for pages from below the cache, step aside. */
    private @Nullable Sequence firstInLine() {
        Sequence first = waiting.first();
        while (first != null && (first.rests() || beginsToLoad(first))) {
            waiting.remove(first);
            resting.add(first);
            first = waiting.first();
        }
        return first;
    }

    /** Has pages brought back for a sequence that could be let in, once each time that it waits. */
    private boolean beginsToLoad(Sequence first) {
        if (cache.lower().isPresent()
                && first.load == null
                && first.listener.leavesPrefix()
                && running.size() < limits.sequences
                && hasPages(first)) {
            first.load = cache.lower().get().load(first.walk(cache), first.sharedLimit());
        }
        return first.rests();
    }

    private static boolean goes(Sequence sequence, Sequence.Output output) {
        return sequence.state != null && sequence.listener.output() == output && sequence.listener.ready();
    }

    /** Spends what is left on prompts: of those that run, and before those with less priority, of those that wait. */
    private void prompts(Sequence[] ranked, Sequence.Output output) {
        int at = 0;
        boolean lineMoves = true;
        while (left > 0) {
            while (at < ranked.length && (ranked[at].generates() || !goes(ranked[at], output))) {
                at++;
            }
            Sequence next = lineMoves ? firstInLine() : null;
            if (next != null && (at == ranked.length || next.terms.priority() > ranked[at].terms.priority())) {
                lineMoves = next.listener.output() == output && admit(next);
                if (!lineMoves) {
                    continue;
                }
            } else if (at < ranked.length) {
                next = ranked[at++];
            } else {
                return;
            }
            int portion = portion(next);
            if (portion > 0) {
                reserve(next, portion);
            }
        }
    }

    /** How many tokens of a prompt the step takes. */
    private int portion(Sequence sequence) {
        if (wholeSequences) { // one that no step has room for gets its own
            return sequence.pending() <= left || left == limits.tokens ? sequence.pending() : 0;
        }
        boolean splits = sequence.again() > 0 && !sequence.wantsLastAlone(); // results come of what is new alone
        int most = Math.min(
                Math.min(left, sequence.listener.chunkLimit()), splits ? sequence.again() : sequence.pending());
        int end = sequence.heldState().chunkEnd(sequence.computed, sequence.computed + most, sequence.tokens.size());
        return end - sequence.computed;
    }

    /** Plans so many more tokens if there are pages for them, those of others if need be. */
    private void reserve(Sequence sequence, int tokens) {
        SequenceState state = sequence.heldState();
        while (!state.reserve(sequence.computed + tokens)) {
            Sequence last = lastBehind(sequence);
            if (last != null) {
                preempt(last);
            } else if (!stopLoading()) {
                stuck = sequence;
                return;
            }
        }
        sequence.planned = tokens;
        left -= tokens;
    }

    private boolean stopLoading() {
        return cache.lower().isPresent() && cache.lower().get().stopLoading();
    }

    /** Who has to give up its pages first: one that waits for its reader, else the last in rank; null if nobody is behind. */
    private @Nullable Sequence lastBehind(Sequence sequence) {
        Sequence idle = idle();
        Sequence last = running.getLast();
        return idle != null && idle != sequence ? idle : last == sequence ? null : last;
    }

    /** The last in rank that holds pages and waits for its reader; null if there is none. */
    private @Nullable Sequence idle() {
        for (int i = running.size() - 1; i >= 0; i--) {
            if (!running.get(i).listener.ready()) {
                return running.get(i);
            }
        }
        return null;
    }

    private void preempt(Sequence sequence) {
        PreemptionEvent.happened(sequence);
        sequence.course.preemptions++;
        running.remove(sequence);
        giveBack(sequence);
        left += sequence.planned;
        sequence.planned = 0;
        sequence.computed = 0;
        preemptions++;
        if (sequence.listener.ready()) {
            waiting.add(sequence);
        } else {
            resting.add(sequence);
        }
    }

    private static void giveBack(Sequence sequence) {
        if (sequence.load != null) {
            sequence.load.cancel();
            sequence.load = null;
        }
        if (sequence.state != null) {
            sequence.state.close();
            sequence.state = null;
        }
    }

    /** Lets one run that waited, if there is room; whoever waits for a reader or has less priority makes some. */
    private boolean admit(Sequence next) {
        while (running.size() >= limits.sequences || !cache.canAdmit() || !takesState(next)) {
            Sequence last = idle();
            if (last == null && !running.isEmpty() && running.getLast().terms.priority() < next.terms.priority()) {
                last = running.getLast();
            }
            if (last == null) {
                stuck = next;
                return false;
            }
            preempt(last);
        }
        waiting.remove(next);
        run(next);
        return true;
    }

    private boolean takesState(Sequence next) {
        if (!hasPages(next)) {
            return false;
        }
        next.load = null;
        next.state = cache.admit();
        next.computed = next.listener.leavesPrefix() ? next.state.share(next.walk(cache), next.sharedLimit()) : 0;
        return true;
    }

    /** Whether there are pages for all tokens of a sequence that are not kept, beside some for those that run. */
    private boolean hasPages(Sequence next) {
        PrefixWalk walk = next.walk(cache);
        int shared = next.listener.leavesPrefix() ? walk.reach(next.sharedLimit()) : 0;
        int needed = wholeSequences ? 0 : StateCache.pages(next.tokens.size()) - StateCache.pages(shared);
        int available = cache.availablePages() - walk.unusedPages();
        return needed + SPARE_PAGES * running.size() <= available || running.isEmpty() && needed <= available;
    }

    /** Notes that a step computed what was planned. */
    void done(List<Sequence> chosen) {
        for (Sequence sequence : chosen) {
            int fresh =
                    Math.max(0, sequence.computed + sequence.planned - Math.max(sequence.reached, sequence.computed));
            boolean generates = sequence.generates();
            waiting.served(sequence, generates ? 0 : fresh, generates ? fresh : 0);
            sequence.computed += sequence.planned;
            sequence.reached = Math.max(sequence.reached, sequence.computed);
            sequence.planned = 0;
        }
    }
}
