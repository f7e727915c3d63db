package dev.hearth;

import java.util.List;

/**
 * A finished answer.
 *
 * @param text the answer without thoughts and tool calls
 * @param thinking the thoughts before it; empty if there were none
 * @param ids the generated tokens, without the one that ended the turn
 * @param logprobs one a token of {@code ids} if the request wants them, else none
 */
public record Completion(
        String text,
        String thinking,
        List<Event.ToolCall> toolCalls,
        List<Integer> ids,
        List<TokenScore> logprobs,
        FinishReason finish,
        Usage usage) {
    /** Copies the lists. */
    public Completion {
        toolCalls = List.copyOf(toolCalls);
        ids = List.copyOf(ids);
        logprobs = List.copyOf(logprobs);
    }

    Completion withoutLogprobs() {
        return new Completion(text, thinking, toolCalls, ids, List.of(), finish, usage);
    }
}
