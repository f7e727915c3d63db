package dev.hearth.schedule;

import java.time.Duration;
import java.util.stream.LongStream;

/** How long something took each time, since the engine began. Percentiles are up to 12.5 % too long. */
public final class Latency {
    private final long[] counts; // of each bucket of a Histogram
    private final long count;
    private final long totalNanos;
    private final long maxNanos;

    Latency(long[] counts, long totalNanos, long maxNanos) {
        this.counts = counts;
        this.count = LongStream.of(counts).sum();
        this.totalNanos = totalNanos;
        this.maxNanos = maxNanos;
    }

    /** How many times. */
    public long count() {
        return count;
    }

    /** All of them together. */
    public Duration total() {
        return Duration.ofNanos(totalNanos);
    }

    /** Their mean; zero if there were none. */
    public Duration mean() {
        return Duration.ofNanos(count == 0 ? 0 : totalNanos / count);
    }

    /** The longest; zero if there were none. */
    public Duration max() {
        return Duration.ofNanos(maxNanos);
    }

    /** What so many in a hundred took at most, above 0 and up to 100; zero if there were none. */
    public Duration percentile(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException("percentile: expected more than 0 and at most 100, found " + percent);
        }
        long rank = (long) Math.ceil(percent / 100 * count);
        long below = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            below += counts[bucket];
            if (below >= rank) {
                return Duration.ofNanos(Math.min(Histogram.lastNanos(bucket), maxNanos));
            }
        }
        return max();
    }

    @Override
    public String toString() {
        return count + " times, mean " + mean() + ", 50 % " + percentile(50) + ", 99 % " + percentile(99) + ", max "
                + max();
    }
}
