package dev.hearth.chat;

import dev.hearth.format.Json;
import dev.hearth.tokenizer.TextSpan;
import java.util.List;

/** Placeholder until the engine for templates is merged. */
public final class ChatTemplate {
    private final String source;

    private ChatTemplate(String source) {
        this.source = source;
    }

    public static ChatTemplate parse(String place, String source) {
        return new ChatTemplate(source);
    }

    public Rendered render(Json.Obj input) {
        return new Rendered(source, List.of());
    }

    public String source() {
        return source;
    }

    public record Rendered(String text, List<TextSpan> literal) {}
}
