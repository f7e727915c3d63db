package dev.hearth;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A finished answer.
 *
 * @param text the answer without thoughts and tool calls
 * @param thinking the thoughts before it; empty if there were none
 * @param ids the generated tokens, without the one that ended the turn; those of the prompt before them if the request wants an echo
 * @param logprobs one a token of {@code ids} if the request wants them, else none
 * @param score of an answer that beam search found, by which they are ordered; else empty
 * @param promptLogprobs one a token of the prompt if the request wants them, as far as it was computed; of several choices the first
 *     one's alone
 */
public record Completion(
        String text,
        String thinking,
        List<Event.ToolCall> toolCalls,
        List<Integer> ids,
        List<TokenScore> logprobs,
        List<TokenScore> promptLogprobs,
        OptionalDouble score,
        FinishReason finish,
        Usage usage) {
    /** Copies the lists. */
    public Completion {
        toolCalls = List.copyOf(toolCalls);
        ids = List.copyOf(ids);
        logprobs = List.copyOf(logprobs);
        promptLogprobs = List.copyOf(promptLogprobs);
    }

    Completion withoutLogprobs() {
        return new Completion(text, thinking, toolCalls, ids, List.of(), promptLogprobs, score, finish, usage);
    }

    Completion withPromptLogprobs(List<TokenScore> scores) {
        return new Completion(text, thinking, toolCalls, ids, logprobs, scores, score, finish, usage);
    }

    Completion withScore(OptionalDouble value) {
        return new Completion(text, thinking, toolCalls, ids, logprobs, promptLogprobs, value, finish, usage);
    }
}
