package dev.hearth.schedule;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts times by how long they are. One thread records; any may look meanwhile, and misses the latest at most. */
/*
 * Eight buckets to each power of two of nanoseconds, as an HdrHistogram of three bits has them: a bucket's end is at most 12.5 % above what is in it.
 */
final class Histogram {
    private static final int BITS = 3;
    private static final int WIDTH = 1 << BITS; // buckets of a power of two
    private static final int BUCKETS = (Long.SIZE - BITS) * WIDTH;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong totalNanos = new AtomicLong();
    private final AtomicLong maxNanos = new AtomicLong();

    /** Counts a time; one below zero, of a clock that went back, as zero. */
    void record(long nanos) {
        long time = Math.max(0, nanos);
        int bucket = bucket(time);
        maxNanos.setOpaque(Math.max(maxNanos.getPlain(), time));
        totalNanos.setOpaque(totalNanos.getPlain() + time);
        counts.setOpaque(bucket, counts.getPlain(bucket) + 1);
    }

    /** What was counted so far. */
    Latency look() {
        long[] copy = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            copy[i] = counts.getOpaque(i);
        }
        return new Latency(copy, totalNanos.getOpaque(), maxNanos.getOpaque());
    }

    private static int bucket(long nanos) {
        if (nanos < WIDTH) {
            return (int) nanos;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - BITS;
        return (shift + 1) * WIDTH + (int) (nanos >>> shift) % WIDTH;
    }

    /** The longest time that a bucket counts. */
    static long lastNanos(int bucket) {
        if (bucket < WIDTH) {
            return bucket;
        }
        int shift = bucket / WIDTH - 1;
        return ((long) (WIDTH + bucket % WIDTH + 1) << shift) - 1; // the last one's is Long.MAX_VALUE
    }
}
