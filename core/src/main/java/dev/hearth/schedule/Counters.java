package dev.hearth.schedule;

import dev.hearth.state.LowerTier;
import dev.hearth.state.StateCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a loop has done so far and how long it took; the loop's thread, {@link #latencies} any. */
final class Counters {
    private static final Logger LOG = LoggerFactory.getLogger(Counters.class);

    long requests;
    private long steps;
    private long stepTokens;
    private long promptTokens;
    private long cachedTokens;
    private long outputTokens;
    private EngineStats.Ends ends = EngineStats.Ends.NONE;
    private final Histogram queue = new Histogram();
    private final Histogram firstToken = new Histogram();
    private final Histogram interToken = new Histogram();
    private final Histogram perToken = new Histogram();
    private final Histogram request = new Histogram();
    private final Histogram step = new Histogram();
    private final List<RequestTimes> listeners = new CopyOnWriteArrayList<>();

    /** Has somebody hear of every request from now on; any thread. */
    void tell(RequestTimes listener) {
        listeners.add(listener);
    }

    private void tell(Consumer<RequestTimes> what) {
        listeners.forEach(listener -> {
            try {
                what.accept(listener);
            } catch (RuntimeException e) { // no request is to suffer for it
                LOG.warn("a listener to times of requests failed and hears no more", e);
                listeners.remove(listener);
            }
        });
    }

    /** A sequence gets its first step. */
    void started(Sequence sequence, long now) {
        Course course = sequence.course;
        course.started = now;
        course.promptTokens = sequence.tokens.size();
        course.cachedTokens = sequence.computed;
        promptTokens += course.promptTokens;
        cachedTokens += course.cachedTokens;
        queue.record(now - course.submitted);
    }

    /** These were computed, before the scheduler notes it. */
    void stepped(List<Sequence> chosen, long nanos, StateCache cache) {
        steps++;
        int tokens = 0;
        for (Sequence sequence : chosen) {
            tokens += sequence.planned;
        }
        stepTokens += tokens;
        step.record(nanos);
        if (tokens >= StateCache.PAGE_SIZE && cache.lower().isPresent()) { // as prompts go: few tokens cost more each
            cache.lower().get().costs().computed(tokens, nanos);
        }
    }

    /** A sequence was given a token. */
    void token(Sequence sequence, long now) {
        Course course = sequence.course;
        outputTokens++;
        if (course.outputTokens++ == 0) {
            course.firstToken = now;
            firstToken.record(now - course.submitted);
            tell(listener -> listener.firstToken(Duration.ofNanos(now - course.submitted)));
        } else {
            interToken.record(now - course.lastToken);
        }
        course.lastToken = now;
    }

    /** A sequence has ended. */
    void ended(Sequence sequence, Sequence.End end, long now) {
        Course course = sequence.course;
        ends = ends.plus(end);
        if (end == Sequence.End.DONE) {
            request.record(now - course.submitted);
            Optional<Duration> mean = Optional.empty();
            if (course.outputTokens > 1) {
                long nanos = (course.lastToken - course.firstToken) / (course.outputTokens - 1);
                perToken.record(nanos);
                mean = Optional.of(Duration.ofNanos(nanos));
            }
            Optional<Duration> told = mean;
            tell(listener -> listener.ended(Duration.ofNanos(now - course.submitted), told));
        }
    }

    EngineStats look(Scheduler scheduler, StateCache cache, long refused) {
        return new EngineStats(
                scheduler.running().size(),
                scheduler.waitingCount(),
                cache.usedPages(),
                cache.pageCount(),
                cache.prefixCount(),
                steps,
                stepTokens,
                requests,
                refused,
                ends,
                scheduler.preemptions(),
                cache.evictions(),
                promptTokens,
                cachedTokens,
                outputTokens,
                cache.lower().map(LowerTier::counts).orElse(LowerTier.Counts.NONE));
    }

    Latencies latencies() {
        return new Latencies(
                queue.look(), firstToken.look(), interToken.look(), perToken.look(), request.look(), step.look());
    }
}
