package dev.hearth;

import dev.hearth.sample.ScratchPool;
import dev.hearth.schedule.Chunk;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What all answers to a request have in common.
 *
 * @param endTokens those that end an answer
 * @param promptScores of the prompt, if anybody wants them
 * @param echo what answers begin with
 * @param scores whether answers come with log probabilities
 * @param scratches of the engine
 */
record GenerationPlan(
        int maxTokens,
        Set<Integer> endTokens,
        Optional<TextScores> promptScores,
        Optional<Echo> echo,
        boolean scores,
        ScratchPool scratches) {
    private static final int PROMPT_CHUNK = 256;

    /** A prompt that is said again, as the text that was given, or as what its tokens spell. */
    record Echo(String text) {}

    /** Whether logits of the prompt are wanted still. */
    boolean scoresPrompt() {
        return promptScores.map(scores -> !scores.complete()).orElse(false);
    }

    /** Most tokens of a step for who computes the prompt. */
    int chunkLimit() {
        return scoresPrompt() ? TextScores.CHUNK : PROMPT_CHUNK;
    }

    /** Which logits who computes the prompt wants of it. */
    Chunk.Logits wanted(boolean last) {
        return scoresPrompt() ? Chunk.Logits.ALL : last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
    }

    /** Begins an answer with the prompt, if it is wanted. */
    void echo(Answer answer, int[] prompt, List<Event> events) {
        echo.ifPresent(told -> answer.echo(prompt, told.text, scores ? told() : List.of(), events));
    }

    /** Log probabilities of the prompt, as far as they are there. */
    List<TokenScore> told() {
        return promptScores.map(TextScores::scores).orElse(List.of());
    }
}
