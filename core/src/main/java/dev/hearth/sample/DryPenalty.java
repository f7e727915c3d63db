package dev.hearth.sample;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@link Dry} for one sequence. Not thread-safe. */
/*
 * How far each place up the text agrees with the end is the Z function of the tokens read backwards (Gusfield 1997, section 1.3):
 * linear in the range, whatever repeats.
 */
final class DryPenalty {
    private final Dry dry;
    private final TokenHistory history;
    private final BitSet singles = new BitSet(); // breakers of one token
    private final Map<Integer, List<int[]>> breakers; // of two tokens or more, by their first
    private final Map<Integer, Integer> longest = new HashMap<>();
    private int[] agreement = {}; // by distance from the end

    DryPenalty(Dry dry, TokenHistory history, List<int[]> breakers) {
        this.dry = dry;
        this.history = history;
        this.breakers = breakers.stream().filter(b -> b.length > 1).collect(Collectors.groupingBy(b -> b[0]));
        breakers.stream().filter(b -> b.length == 1).forEach(b -> singles.set(b[0]));
    }

    /** Lowers the logits of tokens that would go on with a repetition. */
    void apply(LogitBlocks row) {
        int size = dry.range() == 0 ? history.size() : Math.min(dry.range(), history.size());
        int limit = sinceBreaker(size);
        if (size <= dry.allowedLength() || limit < dry.allowedLength()) {
            return;
        }
        agree(size);
        longest.clear();
        for (int distance = 1; distance < size; distance++) {
            int repeated = Math.min(agreement[distance], limit);
            if (repeated >= dry.allowedLength()) {
                longest.merge(history.back(distance - 1), repeated, Math::max);
            }
        }
        longest.forEach((token, repeated) -> {
            if (!singles.get(token)) {
                double penalty = dry.multiplier() * StrictMath.pow(dry.base(), repeated - dry.allowedLength());
                row.set(token, lowered(row.logit(token), penalty));
            }
        });
    }

    private static float lowered(float logit, double penalty) {
        return logit < -Float.MAX_VALUE ? logit : (float) Math.max(logit - penalty, -Float.MAX_VALUE);
    }

    /** How many tokens follow the last breaker, at most {@code size}. */
    private int sinceBreaker(int size) {
        for (int distance = 0; distance < size; distance++) {
            int token = history.back(distance);
            int tail = singles.get(token) ? 0 : -1;
            for (int[] breaker : breakers.getOrDefault(token, List.of())) {
                tail = Math.max(tail, tail(breaker, distance));
            }
            if (tail >= 0) {
                return distance - tail;
            }
        }
        return size;
    }

    /** How many tokens of a breaker follow its first, if it stands at a distance from the end; else negative. */
    private int tail(int[] breaker, int distance) {
        if (breaker.length > distance + 1) {
            return -1;
        }
        for (int i = 0; i < breaker.length; i++) {
            if (history.back(distance - i) != breaker[i]) {
                return -1;
            }
        }
        return breaker.length - 1;
    }

    /** For each distance below {@code size}, how many tokens before it are the same as before the end, within the last {@code size}. */
    private void agree(int size) {
        if (agreement.length < size) {
            agreement = Arrays.copyOf(agreement, Math.max(size, 2 * agreement.length));
        }
        int start = 0;
        int end = 0; // [start, end) is known to agree with [0, end - start)
        for (int distance = 1; distance < size; distance++) {
            int same = distance < end ? Math.min(agreement[distance - start], end - distance) : 0;
            while (distance + same < size && history.back(same) == history.back(distance + same)) {
                same++;
            }
            agreement[distance] = same;
            if (distance + same > end) {
                start = distance;
                end = distance + same;
            }
        }
    }
}
