package dev.hearth;

import dev.hearth.schedule.Terms;
import java.time.Duration;
import java.util.Optional;

/**
 * How a request stands to others.
 *
 * @param isolation empty for the tenant's own
 * @param firstToken from the start; empty for as long as it takes
 * @param total from the start; empty for as long as it takes
 */
record Standing(
        int priority,
        String tenant,
        Optional<String> isolation,
        Optional<Duration> firstToken,
        Optional<Duration> total) {
    static final Standing DEFAULT = new Standing(0, "", Optional.empty(), Optional.empty(), Optional.empty());

    /** For a request that starts now, by {@link System#nanoTime()}. */
    Terms terms() {
        long now = System.nanoTime();
        return new Terms(priority, tenant, isolation.orElse(tenant), deadline(now, firstToken), deadline(now, total));
    }

    private static long deadline(long now, Optional<Duration> limit) {
        return limit.map(d -> now + d.toNanos()).orElse(Terms.NEVER);
    }
}
