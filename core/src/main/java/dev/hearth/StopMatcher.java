package dev.hearth;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds stop strings and expressions in text that arrives in pieces, and holds back what may yet become one. One thread at a time.
 */
final class StopMatcher {
    /** What is left of a text that has a stop in it. */
    enum Cut {
        BEFORE_STOP,
        AFTER_STOP
    }

    private final List<String> stops;
    private final List<StopPattern> patterns;
    private final Cut cut;
    private final StringBuilder held = new StringBuilder();
    private final StringBuilder whole = new StringBuilder(); // only for patterns, which may look back
    private boolean stopped;

    StopMatcher(List<String> stops, List<Pattern> patterns, Cut cut) {
        this.stops = stops;
        this.patterns = patterns.stream().map(StopPattern::new).toList();
        this.cut = cut;
    }

    /** Text that ends nothing, before any that may; returns it. */
    String pass(String text) {
        remember(text);
        return text;
    }

    /** More text; returns what certainly comes before any stop, and the stop's own text if that is kept. */
    String push(String text) {
        held.append(text);
        remember(text);
        Optional<StopPattern.Match> first = Marks.first(held, stops)
                .map(f -> new StopPattern.Match(f.at(), f.at() + f.mark().length()));
        int keep = Marks.openEnd(held, stops);
        int released = whole.length() - held.length();
        for (StopPattern pattern : patterns) {
            Optional<StopPattern.Match> match = pattern.certain(whole, released);
            first = earlier(first, match.map(m -> new StopPattern.Match(m.start() - released, m.end() - released)));
            keep = Math.max(keep, Math.min(whole.length() - pattern.open(), StopPattern.LONGEST));
        }
        return first.isPresent() ? stop(first.get()) : release(Math.min(keep, held.length()));
    }

    private void remember(String text) {
        if (!patterns.isEmpty()) {
            whole.append(text);
        }
    }

    private static Optional<StopPattern.Match> earlier(
            Optional<StopPattern.Match> one, Optional<StopPattern.Match> other) {
        return one.isEmpty()
                        || other.isPresent() && other.get().start() < one.get().start()
                ? other
                : one;
    }

    private String stop(StopPattern.Match match) {
        stopped = true;
        held.setLength(cut == Cut.AFTER_STOP ? match.end() : match.start());
        return release(0);
    }

    /** Whether a stop was found. */
    boolean stopped() {
        return stopped;
    }

    /** What was held back, when no more text comes: up to a match that needed the end. */
    String finish() {
        int released = whole.length() - held.length();
        Optional<StopPattern.Match> first = Optional.empty();
        for (StopPattern pattern : patterns) {
            Optional<StopPattern.Match> match = stopped ? Optional.empty() : pattern.any(whole, released);
            first = earlier(first, match.map(m -> new StopPattern.Match(m.start() - released, m.end() - released)));
        }
        return first.isPresent() ? stop(first.get()) : release(0);
    }

    private String release(int keep) {
        String text = held.substring(0, held.length() - keep);
        held.delete(0, text.length());
        return text;
    }
}
