package dev.hearth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What ends an answer, beside its limit of tokens.
 *
 * @param strings end it before they appear
 * @param patterns end it before a match
 * @param cut what is left of a text that has a stop in it
 * @param tokens end it
 * @param turn whether the end of the model's turn does
 */
record Stops(List<String> strings, List<Pattern> patterns, StopMatcher.Cut cut, List<Integer> tokens, Turn turn) {
    /** What the end of the model's turn means. */
    enum Turn {
        ENDS,
        GOES_ON
    }

    /** The end of the model's turn alone. */
    static final Stops TURN = new Stops(List.of(), List.of(), StopMatcher.Cut.BEFORE_STOP, List.of(), Turn.ENDS);

    /** Copies the lists. */
    Stops {
        strings = List.copyOf(strings);
        patterns = List.copyOf(patterns);
        tokens = List.copyOf(tokens);
    }

    /** These strings too. @throws IllegalArgumentException if one is empty */
    Stops withStrings(String... more) {
        if (List.of(more).contains("")) {
            throw new IllegalArgumentException("request: stop: expected text, found an empty string");
        }
        return new Stops(joined(strings, List.of(more)), patterns, cut, tokens, turn);
    }

    /** These expressions too. @throws IllegalArgumentException if one looks ahead or matches an empty text */
    Stops withPatterns(Pattern... more) {
        Arrays.stream(more).forEach(StopPattern::check);
        return new Stops(strings, joined(patterns, List.of(more)), cut, tokens, turn);
    }

    /** These tokens too. */
    Stops withTokens(int... more) {
        List<Integer> added = Arrays.stream(more).boxed().toList();
        return new Stops(strings, patterns, cut, joined(tokens, added), turn);
    }

    Stops withCut(StopMatcher.Cut value) {
        return new Stops(strings, patterns, value, tokens, turn);
    }

    Stops withTurn(Turn value) {
        return new Stops(strings, patterns, cut, tokens, value);
    }

    private static <T> List<T> joined(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    /** Whether text can end an answer. */
    boolean readText() {
        return !strings.isEmpty() || !patterns.isEmpty();
    }

    /** A new matcher for one answer. */
    StopMatcher matcher() {
        return new StopMatcher(strings, patterns, cut);
    }
}
