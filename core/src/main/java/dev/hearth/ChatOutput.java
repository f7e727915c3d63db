package dev.hearth;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sorts a model's text into answer, thoughts and tool calls by the marks that Qwen3's and Hermes' templates use. A call that
 * isn't a JSON object with a name stays text, marks and all. One thread at a time.
 */
final class ChatOutput {
    private static final String THINK = "<think>";
    private static final String THINK_END = "</think>";
    private static final String CALL = "<tool_call>";
    private static final String CALL_END = "</tool_call>";

    private enum Mode {
        TEXT,
        THINKING,
        CALL
    }

    private final List<String> openers = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private Mode mode;
    private boolean skipSpace; // white space after a mark belongs to the mark

    private ChatOutput(Mode mode) {
        this.mode = mode;
        this.skipSpace = mode == Mode.THINKING;
    }

    /** For answers to a rendered prompt; only marks that the template mentions count. */
    static ChatOutput of(String template, String prompt) {
        ChatOutput output = new ChatOutput(prompt.stripTrailing().endsWith(THINK) ? Mode.THINKING : Mode.TEXT);
        if (template.contains(THINK) || template.contains(THINK_END)) {
            output.openers.add(THINK);
        }
        if (template.contains(CALL)) {
            output.openers.add(CALL);
        }
        return output;
    }

    /** For text without marks. */
    static ChatOutput plain() {
        return new ChatOutput(Mode.TEXT);
    }

    /** More text; appends the events that are now certain. */
    void push(String text, List<Event> events) {
        held.append(text);
        while (advance(events)) {}
    }

    /** The rest, when no more text comes. */
    void finish(List<Event> events) {
        if (mode == Mode.CALL) {
            emit(CALL + held, Mode.TEXT, events);
        } else {
            emit(held.toString(), mode, events);
        }
        held.setLength(0);
    }

    /** Takes one step; false if more text is needed. */
    private boolean advance(List<Event> events) {
        if (skipSpace) {
            int content = 0;
            while (content < held.length() && Character.isWhitespace(held.charAt(content))) {
                content++;
            }
            held.delete(0, content);
            if (held.isEmpty()) {
                return false;
            }
            skipSpace = false;
        }
        return switch (mode) {
            case TEXT -> untilOpener(events);
            case THINKING -> untilEnd(THINK_END, events);
            case CALL -> untilEnd(CALL_END, events);
        };
    }

    private boolean untilOpener(List<Event> events) {
        Optional<Marks.Found> first = Marks.first(held, openers);
        if (first.isEmpty()) {
            release(openers, events);
            return false;
        }
        emit(held.substring(0, first.get().at()), Mode.TEXT, events);
        held.delete(0, first.get().at() + first.get().mark().length());
        mode = first.get().mark().equals(THINK) ? Mode.THINKING : Mode.CALL;
        skipSpace = mode == Mode.THINKING;
        return true;
    }

    private boolean untilEnd(String end, List<Event> events) {
        int at = held.indexOf(end);
        if (at < 0) {
            if (mode == Mode.THINKING) {
                release(List.of(end), events);
            }
            return false;
        }
        String content = held.substring(0, at);
        held.delete(0, at + end.length());
        if (mode == Mode.CALL) {
            events.add(call(content));
        } else {
            emit(content.stripTrailing(), Mode.THINKING, events);
        }
        mode = Mode.TEXT;
        skipSpace = true;
        return true;
    }

    /** Emits what can no longer be the beginning of a mark; a thought also holds back its trailing white space. */
    private void release(List<String> marks, List<Event> events) {
        int end = held.length() - Marks.openEnd(held, marks);
        while (end > 0 && !openers.isEmpty() && Character.isWhitespace(held.charAt(end - 1))) {
            end--;
        }
        emit(held.substring(0, end), mode, events);
        held.delete(0, end);
    }

    private static void emit(String text, Mode mode, List<Event> events) {
        if (!text.isEmpty()) {
            events.add(mode == Mode.THINKING ? new Event.Thinking(text) : new Event.Text(text, List.of()));
        }
    }

    private static Event call(String content) {
        try {
            Fields call = Fields.of("tool call", Json.parse("tool call", content));
            String name = call.string("name").orElseThrow(() -> new ModelFormatException("tool call", "no name"));
            Json arguments = call.get("arguments").orElse(new Json.Obj(Map.of()));
            if (arguments instanceof Json.Str text) { // some models write the object as a string
                arguments = Json.parse("tool call", text.value());
            }
            return new Event.ToolCall(
                    name, JsonWriter.write(Fields.of("tool call", arguments).object()));
        } catch (ModelFormatException e) {
            return new Event.Text(CALL + content + CALL_END, List.of());
        }
    }
}
