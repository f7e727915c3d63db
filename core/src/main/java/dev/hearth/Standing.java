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
    private static final Duration MOST = Duration.ofDays(365);

    static final Standing DEFAULT = new Standing(0, "", Optional.empty(), Optional.empty(), Optional.empty());

    Standing withPriority(int value) {
        return new Standing(value, tenant, isolation, firstToken, total);
    }

    Standing withTenant(String name) {
        return new Standing(priority, name, isolation, firstToken, total);
    }

    Standing withIsolation(String key) {
        return new Standing(priority, tenant, Optional.of(key), firstToken, total);
    }

    Standing withFirstToken(Duration limit) {
        return new Standing(priority, tenant, isolation, Optional.of(positive(limit)), total);
    }

    Standing withTotal(Duration limit) {
        return new Standing(priority, tenant, isolation, firstToken, Optional.of(positive(limit)));
    }

    private static Duration positive(Duration limit) {
        if (!limit.isPositive() || limit.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "request: deadline: expected more than 0 and at most " + MOST + ", found " + limit);
        }
        return limit;
    }

    /** For a request that starts now, by {@link System#nanoTime()}. */
    Terms terms() {
        long now = System.nanoTime();
        return new Terms(priority, tenant, isolation.orElse(tenant), deadline(now, firstToken), deadline(now, total));
    }

    private static long deadline(long now, Optional<Duration> limit) {
        return limit.map(d -> now + d.toNanos()).orElse(Terms.NEVER);
    }
}
