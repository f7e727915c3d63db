package dev.hearth;

import java.time.Duration;

/** Measures what a request takes, from its construction on. The loop's thread. */
final class UsageMeter {
    private final int promptTokens;
    private final long startNanos = System.nanoTime();
    private int cachedTokens;
    private long queuedNanos;
    private long firstTokenNanos;

    UsageMeter(int promptTokens) {
        this.promptTokens = promptTokens;
    }

    /** It runs from here on. */
    void started(int cached) {
        cachedTokens = cached;
        queuedNanos = System.nanoTime() - startNanos;
    }

    /** Its first token is there. */
    void firstToken() {
        firstTokenNanos = System.nanoTime() - startNanos;
    }

    /** What it took so far. */
    Usage usage(int outputTokens) {
        return new Usage(
                promptTokens,
                cachedTokens,
                outputTokens,
                Duration.ofNanos(queuedNanos),
                Duration.ofNanos(firstTokenNanos),
                Duration.ofNanos(System.nanoTime() - startNanos));
    }
}
