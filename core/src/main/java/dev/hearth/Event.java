package dev.hearth;

import java.util.List;

/** Something that happens while a request runs, in order; {@link Finished} is always the last. */
public sealed interface Event {
    /**
     * More of the answer.
     *
     * @param text whole characters; never empty unless it carries log probabilities
     * @param logprobs of the tokens decided since the last event, if the request wants them
     */
    record Text(String text, List<TokenScore> logprobs) implements Event {}

    /** More of the thoughts before the answer. */
    record Thinking(String text) implements Event {}

    /**
     * The model asks for a tool.
     *
     * @param arguments a JSON object
     */
    record ToolCall(String name, String arguments) implements Event {}

    /** The end. */
    record Finished(FinishReason reason, Usage usage) implements Event {}
}
