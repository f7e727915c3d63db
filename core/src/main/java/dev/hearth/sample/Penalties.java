package dev.hearth.sample;

import java.util.BitSet;

/** Repetition, frequency and presence penalties of one sequence. Not thread-safe. */
final class Penalties {
    private final SamplingParams params;
    private final TokenHistory history;
    private final TokenCounts counts = new TokenCounts();
    private int promptSize;

    /** @param history where each token stands before it is noted here */
    Penalties(SamplingParams params, TokenHistory history) {
        this.params = params;
        this.history = history;
    }

    /** Notes the last token of the history, one of the prompt. */
    void notePrompt() {
        promptSize++;
        counts.addPrompt(history.back(0));
        slide();
    }

    /** Notes the last token of the history, one of the output. */
    void noteOutput() {
        counts.addOutput(history.back(0));
        slide();
    }

    /** Forgets the token that leaves the window. */
    private void slide() {
        int left = history.size() - 1 - params.penaltyWindow();
        if (params.penaltyWindow() == 0 || left < 0) {
            return;
        }
        if (left < promptSize) {
            counts.removePrompt(history.at(left));
        } else {
            counts.removeOutput(history.at(left));
        }
    }

    /** Notes the blocks that {@link #apply} changes. */
    void note(BitSet blocks) {
        for (int entry = 0; entry < counts.size(); entry++) {
            if (counts.count(entry) > 0) {
                blocks.set(counts.token(entry) / LogitRow.BLOCK);
            }
        }
    }

    /** Changes the logits of what was said. */
    void apply(LogitBlocks row) {
        double repetition = params.repetitionPenalty();
        for (int entry = 0; entry < counts.size(); entry++) {
            if (counts.count(entry) == 0) {
                continue;
            }
            int token = counts.token(entry);
            int times = counts.outputCount(entry);
            float own = row.logit(token);
            double logit = own > 0 ? own / repetition : own * repetition;
            logit -= params.frequencyPenalty() * times;
            logit -= times > 0 ? params.presencePenalty() : 0;
            row.set(token, (float) logit);
        }
    }
}
