package dev.hearth;

import java.util.List;
import java.util.Optional;

/** Finds stop strings in text that arrives in pieces, and holds back what may yet become one. One thread at a time. */
final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** More text; returns what certainly comes before any stop string. */
    String push(String text) {
        held.append(text);
        Optional<Marks.Found> first = Marks.first(held, stops);
        if (first.isPresent()) {
            stopped = true;
            held.setLength(first.get().at());
            return release(0);
        }
        return release(Marks.openEnd(held, stops));
    }

    /** Whether a stop string was found. */
    boolean stopped() {
        return stopped;
    }

    /** What was held back, when no more text comes. */
    String finish() {
        return release(0);
    }

    private String release(int keep) {
        String text = held.substring(0, held.length() - keep);
        held.delete(0, text.length());
        return text;
    }
}
