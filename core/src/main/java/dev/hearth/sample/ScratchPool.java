package dev.hearth.sample;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Working memory for as many threads as sample at a time, kept for the next ones. Thread-safe. */
public final class ScratchPool {
    private final Queue<SampleScratch> free = new ConcurrentLinkedQueue<>();

    /** Empty. */
    public ScratchPool() {}

    /** What is made with working memory that nobody else has meanwhile. */
    public <R> R use(Function<SampleScratch, R> work) {
        SampleScratch scratch = free.poll();
        scratch = scratch == null ? new SampleScratch() : scratch;
        try {
            return work.apply(scratch);
        } finally {
            free.add(scratch);
        }
    }
}
