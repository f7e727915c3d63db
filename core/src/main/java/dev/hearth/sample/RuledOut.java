package dev.hearth.sample;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Tokens that may not come next in one sequence. Not thread-safe. */
final class RuledOut {
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

    /** Notes the blocks that {@link #apply} changes whatever was said. */
    void note(BitSet blocks) {
        for (int token : allowed) {
            blocks.set(token / LogitRow.BLOCK);
        }
        for (int token : banned) {
            blocks.set(token / LogitRow.BLOCK);
        }
    }

    /** @param outputs how many tokens the output has */
    void apply(LogitBlocks row, int outputs) {
        if (allowed.length > 0) {
            row.ruleOutAllBut(allowed);
        }
        ruleOut(row, banned);
        if (outputs < minTokens) {
            ruleOut(row, ends);
        }
        for (int[] word : words) {
            if (history.endsWith(word, word.length - 1)) {
                row.ruleOut(word[word.length - 1]);
            }
        }
        if (ngramSize > 0) {
            for (int next = ngramSize - 1; next < history.size(); next++) {
                if (history.repeatsBefore(next, ngramSize - 1)) {
                    row.ruleOut(history.at(next));
                }
            }
        }
    }

    private static void ruleOut(LogitBlocks row, int[] tokens) {
        for (int token : tokens) {
            row.ruleOut(token);
        }
    }
}
