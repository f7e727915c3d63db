package dev.hearth.schedule;

import java.time.Duration;
import java.util.Optional;

/** Hears how long each request took. Called by the loop's thread, which does nothing else meanwhile; one that throws hears no more. */
public interface RequestTimes {
    /** A request has its first token. */
    void firstToken(Duration sinceArrival);

    /**
     * A request ended by itself.
     *
     * @param perToken the mean from one of its tokens to the next; empty if it had fewer than two
     */
    void ended(Duration sinceArrival, Optional<Duration> perToken);
}
