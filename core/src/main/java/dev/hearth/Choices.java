package dev.hearth;

import dev.hearth.sample.BeamSearch;
import java.util.Optional;

/**
 * How many answers are computed and given, and how they are found.
 *
 * @param wanted how many are given
 * @param tried how many are computed, if those are more
 * @param search finds them together; empty if each chooses its own tokens
 */
record Choices(int wanted, int tried, Optional<BeamSearch> search) {
    private static final int MOST = 128;

    static final Choices ONE = new Choices(1, 1, Optional.empty());

    Choices withWanted(int count) {
        return new Choices(checked("choices", count), tried, search);
    }

    Choices withTried(int count) {
        return new Choices(wanted, checked("bestOf", count), search);
    }

    Choices withSearch(BeamSearch how) {
        return new Choices(wanted, tried, Optional.of(how));
    }

    private static int checked(String what, int count) {
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("request: " + what + ": expected 1 to " + MOST + ", found " + count);
        }
        return count;
    }

    /** How many are computed. */
    int computed() {
        return Math.max(wanted, tried);
    }

    /** Whether the best of those that are computed are given. */
    boolean ranks() {
        return tried > wanted;
    }

    /** This, if a search can find answers that end like that. @throws IllegalArgumentException if not */
    Choices requireEndedBy(Stops stops) {
        search.ifPresent(s -> {
            if (ranks() || wanted > s.width()) {
                throw new IllegalArgumentException("request: beams: expected choices of at most the " + s.width()
                        + " beams and no bestOf, found " + wanted + " of " + computed());
            }
            if (stops.readText()) {
                throw new IllegalArgumentException("request: beams: expected answers that end by tokens, found stop"
                        + " strings or expressions; use stopTokens");
            }
        });
        return this;
    }
}
