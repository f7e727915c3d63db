package dev.hearth.schedule;

import java.time.Duration;
import java.util.List;

/**
 * How many tokens a step may have in which sequences generate, so that it takes about as long as it is meant to at most: by what tokens
 * took of late. It reads no clock. One thread.
 */
/*
 * Sarathi-Serve (arXiv:2403.02310, section 4.2) finds such a budget by measuring beforehand; here steps that run anyway are the measurement. What a step costs whatever its
 * size is part of the mean, so it settles where a step of so many tokens takes that long.
 */
final class Pace {
    /** Tokens of prompts that a step takes in any case: fewer cost about as much, as weights are read all the same. */
    static final int LEAST = 16;

    private static final double KEPT = 0.9; // of what was measured before

    private final double targetNanos;
    private final int most;
    private double tokens;
    private double nanos;

    /** For steps of at most so many tokens. */
    Pace(Duration target, int most) {
        this.targetNanos = target.toNanos();
        this.most = most;
    }

    /** These were computed, before the scheduler notes it. */
    void computed(List<Sequence> chosen, long stepNanos) {
        int generating = 0;
        int ofPrompts = 0;
        for (Sequence sequence : chosen) {
            if (sequence.generates()) {
                generating++;
            } else {
                ofPrompts += sequence.planned;
            }
        }
        computed(generating, ofPrompts, stepNanos);
    }

    /** A step had so many tokens of each kind, and took so long. */
    void computed(int generating, int ofPrompts, long stepNanos) {
        if (ofPrompts >= LEAST) { // fewer cost more each
            int stepTokens = generating + ofPrompts;
            tokens = KEPT * tokens + stepTokens;
            nanos = KEPT * nanos + stepNanos;
        }
    }

    /** Most tokens of a step, beside those that sequences generate at least {@link #LEAST} of prompts if {@code most} allows. */
    int mostTokens(int generating) {
        double fit = nanos == 0 ? most : targetNanos / nanos * tokens;
        return (int) Math.min(most, Math.max(fit, (double) generating + LEAST));
    }
}
