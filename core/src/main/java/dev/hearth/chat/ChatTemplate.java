package dev.hearth.chat;

import dev.hearth.chat.jinja.Failure;
import dev.hearth.chat.jinja.Program;
import dev.hearth.chat.jinja.Str;
import dev.hearth.chat.jinja.SyntaxFailure;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.TextSpan;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model's chat template: turns messages and tools into the prompt, character for character as transformers 5 does with
 * jinja2 3.1 in its immutable sandbox. Immutable and thread-safe.
 *
 * <p>A template is foreign code: it reaches nothing but its input, and its time, memory and depth are bounded.
 */
public final class ChatTemplate {
    private static final Set<String> SPECIAL_TOKENS = Set.of(
            "bos_token",
            "eos_token",
            "unk_token",
            "sep_token",
            "pad_token",
            "cls_token",
            "mask_token",
            "additional_special_tokens");
    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");
    private static final String NOW = "strftime_now";

    private final String place;
    private final String source;
    private final Program program;

    private ChatTemplate(String place, String source, Program program) {
        this.place = place;
        this.source = source;
        this.program = program;
    }

    /**
     * A prompt.
     *
     * @param literal the ranges that came from the input, in UTF-16 units, ascending and disjoint: text of a user, in which
     *     nothing is a control token
     */
    public record Rendered(String text, List<TextSpan> literal) {}

    /**
     * Compiles a template.
     *
     * @param place what errors name, as in {@code "tokenizer_config.json: chat_template"}
     * @throws ModelFormatException if it isn't a template, or uses what a chat template cannot have
     */
    public static ChatTemplate parse(String place, String source) {
        try {
            return new ChatTemplate(place, source, Program.compile(source));
        } catch (SyntaxFailure e) {
            throw new ModelFormatException(place + ": line " + e.line(), e.problem(), e);
        }
    }

    /** The template's source. */
    public String source() {
        return source;
    }

    /**
     * Renders a conversation.
     *
     * @param input {@code messages}, and optionally {@code tools}, {@code documents}, {@code add_generation_prompt}, the
     *     special tokens ({@code bos_token}, …) and any other variable of the template. {@code strftime_now} pins the time
     *     that the template sees, as in {@code "2025-06-15T13:45:30"}; without it that is the local time
     * @throws TemplateException if the template raises an exception or fails, or goes past the bounds of the sandbox
     * @throws IllegalArgumentException if {@code strftime_now} isn't a time
     */
    public Rendered render(Json.Obj input) {
        Map<String, Json> variables = new LinkedHashMap<>(input.members());
        LocalDateTime now = time(variables.remove(NOW));
        variables.putIfAbsent("tools", Json.Null.NULL);
        variables.putIfAbsent("documents", Json.Null.NULL);
        variables.putIfAbsent("add_generation_prompt", new Json.Bool(false));
        variables.compute("messages", (name, messages) -> withReasoning(messages == null ? Json.Null.NULL : messages));
        requireObjects("documents", variables);
        requireObjects("tools", variables);
        try {
            Str text = program.render(variables, SPECIAL_TOKENS, now);
            return new Rendered(text.text(), spans(text.runs()));
        } catch (Failure e) {
            throw new TemplateException(place + ": line " + e.line(), e.reason());
        }
    }

    private static LocalDateTime time(@org.jspecify.annotations.Nullable Json pinned) {
        if (pinned == null || pinned == Json.Null.NULL) {
            return LocalDateTime.now(java.time.ZoneId.systemDefault());
        }
        try {
            return LocalDateTime.parse(pinned instanceof Json.Str s ? s.value() : "");
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    NOW + ": expected a time such as 2025-06-15T13:45:30, found " + pinned.kind(), e);
        }
    }

    private void requireObjects(String name, Map<String, Json> variables) {
        if (variables.get(name) instanceof Json.Arr list
                && list.elements().stream().anyMatch(e -> !(e instanceof Json.Obj))) {
            throw new TemplateException(place, name + ": expected objects only");
        }
    }

    /** transformers shows a message's reasoning under the names that templates ask for, whichever it came by. */
    private Json withReasoning(Json messages) {
        if (!(messages instanceof Json.Arr list)) {
            throw new TemplateException(place, "messages: expected an array, found " + messages.kind());
        }
        List<Json> aliased = new ArrayList<>();
        for (Json message : list.elements()) {
            if (!(message instanceof Json.Obj object)) {
                throw new TemplateException(place, "messages: expected objects, found " + message.kind());
            }
            aliased.add(withReasoning(object));
        }
        return new Json.Arr(aliased);
    }

    private static Json withReasoning(Json.Obj message) {
        for (String name : REASONING) {
            Json reasoning = message.members().get(name);
            if (reasoning != null && reasoning != Json.Null.NULL) {
                Map<String, Json> members = new LinkedHashMap<>();
                members.put("thinking", reasoning);
                members.putAll(message.members());
                members.put("reasoning_content", reasoning);
                return new Json.Obj(members);
            }
        }
        return message;
    }

    private static List<TextSpan> spans(int[] runs) {
        List<TextSpan> spans = new ArrayList<>(runs.length / 2);
        for (int i = 0; i < runs.length; i += 2) {
            spans.add(new TextSpan(runs[i], runs[i + 1]));
        }
        return List.copyOf(spans);
    }
}
