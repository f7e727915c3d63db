package dev.hearth;

import dev.hearth.format.Json;
import java.util.List;
import java.util.Map;

/** What comes before an answer. */
sealed interface Prompt {
    /** Messages that the model's chat template turns into a prompt. */
    record Chat(List<Message> messages, List<Tool> tools, Map<String, Json> variables) implements Prompt {}

    /** Text that is continued. */
    record Text(String text) implements Prompt {}

    /** Tokens that are continued. */
    record Ids(List<Integer> ids) implements Prompt {}
}
