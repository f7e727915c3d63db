package dev.hearth.schedule;

import dev.hearth.state.StateCache;

/** What a loop has done so far; the loop's thread, {@link #refused} under its lock. */
final class Counters {
    long steps;
    long requests;
    long refused;
    long promptTokens;
    long cachedTokens;
    long outputTokens;

    EngineStats look(Scheduler scheduler, StateCache cache) {
        return new EngineStats(
                scheduler.running().size(),
                scheduler.waitingCount(),
                cache.usedPages(),
                cache.prefixCount(),
                steps,
                requests,
                refused,
                scheduler.preemptions(),
                cache.evictions(),
                promptTokens,
                cachedTokens,
                outputTokens);
    }
}
