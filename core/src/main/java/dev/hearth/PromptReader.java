package dev.hearth;

import dev.hearth.chat.ChatTemplate;
import dev.hearth.format.Json;
import dev.hearth.schedule.TokenList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Turns prompts into a model's tokens. Any thread. */
final class PromptReader {
    private final LoadedModel model;

    PromptReader(LoadedModel model) {
        this.model = model;
    }

    /**
     * A prompt in tokens, at least one.
     *
     * @param text as it was given, if it was text
     * @param output how an answer is to be read, anew for each
     */
    record Tokens(TokenList list, Optional<String> text, Supplier<ChatOutput> output) {}

    /** A prompt. @throws IllegalArgumentException if it has no token, or one that the vocabulary lacks */
    Tokens read(Prompt prompt) {
        Tokens read = tokens(prompt);
        if (read.list.size() == 0) {
            throw new IllegalArgumentException("request: expected a prompt of at least one token, found none");
        }
        return read;
    }

    private Tokens tokens(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Text text ->
                new Tokens(
                        checked(model.requiredTokenizer().encode(text.text())),
                        Optional.of(text.text()),
                        ChatOutput::plain);
            case Prompt.Ids ids ->
                new Tokens(
                        checked(ids.ids().stream().mapToInt(Integer::intValue).toArray()),
                        Optional.empty(),
                        ChatOutput::plain);
            case Prompt.Chat chat -> {
                ChatTemplate template = model.template()
                        .orElseThrow(() -> new IllegalArgumentException(model.source()
                                        .place() + " has no chat template; use Request.prompt for text to continue"));
                ChatTemplate.Rendered rendered = template.render(templateInput(chat));
                int[] ids = model.requiredTokenizer().encode(rendered.text(), rendered.literal());
                yield new Tokens(
                        checked(ids), Optional.empty(), () -> ChatOutput.of(template.source(), rendered.text()));
            }
        };
    }

    /** Tokens that the vocabulary has. */
    TokenList checked(int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= model.config().vocabSize()) {
                throw new IllegalArgumentException("request: token " + i + ": expected an id of 0 to "
                        + (model.config().vocabSize() - 1) + ", found " + ids[i]);
            }
        }
        return new TokenList(ids);
    }

    private Json.Obj templateInput(Prompt.Chat chat) {
        Map<String, Json> input = new LinkedHashMap<>(chat.variables());
        List<Json> messages = new ArrayList<>();
        chat.messages().forEach(m -> messages.add(m.json()));
        input.put("messages", new Json.Arr(messages));
        List<Json> tools = new ArrayList<>();
        chat.tools().forEach(t -> tools.add(t.json()));
        input.put("tools", tools.isEmpty() ? Json.Null.NULL : new Json.Arr(tools));
        input.put("add_generation_prompt", new Json.Bool(true));
        input.put(
                "bos_token",
                model.source().specialToken(model.requiredTokenizer().bosId()));
        input.put(
                "eos_token",
                model.source().specialToken(model.requiredTokenizer().eosId()));
        return new Json.Obj(input);
    }
}
