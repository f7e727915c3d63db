package dev.hearth;

import java.util.List;

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
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            stopped = true;
            held.setLength(first);
            return release(0);
        }
        return release(possiblePrefix());
    }

    /** Whether a stop string was found. */
    boolean stopped() {
        return stopped;
    }

    /** What was held back, when no more text comes. */
    String finish() {
        return release(0);
    }

    /** Length of the longest end of the text that some stop string begins with. */
    private int possiblePrefix() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                    break;
                }
            }
        }
        return longest;
    }

    private String release(int keep) {
        String text = held.substring(0, held.length() - keep);
        held.delete(0, text.length());
        return text;
    }
}
