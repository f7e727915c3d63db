package dev.hearth.sample;

import java.util.List;
import java.util.stream.IntStream;

/** Tokens that may not come next in one sequence. Adds negative infinity, so that NaN and infinity stay to be found. Not thread-safe. */
final class RuledOut {
    private static final float NEVER = Float.NEGATIVE_INFINITY;

    private final int[] allowed; // ascending; empty for all
    private final int[] banned;
    private final List<int[]> words; // of two tokens or more
    private final int ngramSize; // 0 for none
    private final int minTokens;
    private final int[] ends;
    private final TokenHistory history;

    /** @param ends tokens that end the output */
    RuledOut(SamplingParams params, List<int[]> words, int[] ends, TokenHistory history) {
        this.allowed = params.allowedTokens().stream().mapToInt(t -> t).sorted().toArray();
        this.banned = IntStream.concat(
                        params.bannedTokens().stream().mapToInt(t -> t),
                        words.stream().filter(w -> w.length == 1).mapToInt(w -> w[0]))
                .distinct()
                .toArray();
        this.words = words.stream().filter(w -> w.length > 1).toList();
        this.ngramSize = params.noRepeatNgramSize();
        this.minTokens = params.minTokens();
        this.ends = ends;
        this.history = history;
    }

    /** @param outputs how many tokens the output has */
    void apply(float[] logits, int outputs) {
        if (allowed.length > 0) {
            allowOnly(logits);
        }
        add(logits, banned);
        if (outputs < minTokens) {
            add(logits, ends);
        }
        for (int[] word : words) {
            if (history.endsWith(word, word.length - 1)) {
                logits[word[word.length - 1]] += NEVER;
            }
        }
        if (ngramSize > 0) {
            for (int next = ngramSize - 1; next < history.size(); next++) {
                if (history.repeatsBefore(next, ngramSize - 1)) {
                    logits[history.at(next)] += NEVER;
                }
            }
        }
    }

    private void allowOnly(float[] logits) {
        int from = 0;
        for (int token : allowed) {
            add(logits, from, token);
            from = token + 1;
        }
        add(logits, from, logits.length);
    }

    private static void add(float[] logits, int from, int to) {
        for (int token = from; token < to; token++) {
            logits[token] += NEVER;
        }
    }

    private static void add(float[] logits, int[] tokens) {
        for (int token : tokens) {
            logits[token] += NEVER;
        }
    }
}
