package dev.hearth.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Published templates against what transformers rendered; with the shared data all of them, else the copies here. */
class ChatTemplateReferenceTest {
    static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.list(References.chatTemplates().resolve("templates"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void render_equalsTransformers(Path file) throws IOException {
        String name = file.getFileName().toString().replace(".jinja", "");
        ChatTemplate template = ChatTemplate.parse(name, Files.readString(file));
        Map<String, Json> expected =
                References.object(References.chatTemplates().resolve("expected/" + name + ".json"));
        assertThat(expected).isNotEmpty();
        Map<String, Json.Obj> conversations = References.conversations();
        expected.forEach((conversation, want) -> {
            Json.Obj input = Objects.requireNonNull(conversations.get(conversation), conversation);
            Map<String, Json> members = ((Json.Obj) want).members();
            if (members.get("output") instanceof Json.Str output) {
                assertThat(template.render(input).text()).as(conversation).isEqualTo(output.value());
            } else {
                String reason = References.text(want, "message");
                assertThatThrownBy(() -> template.render(input))
                        .as(conversation)
                        .isInstanceOfSatisfying(
                                TemplateException.class,
                                e -> assertThat(e.reason()).isEqualTo(reason));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("templates")
    void render_marksUserTextAndNothingOfTheTemplate(Path file) throws IOException {
        ChatTemplate template = ChatTemplate.parse("t", Files.readString(file));
        for (Json.Obj conversation : References.conversations().values()) {
            String text;
            List<dev.hearth.tokenizer.TextSpan> literal;
            try {
                var rendered = template.render(withMarkers(conversation));
                text = rendered.text();
                literal = rendered.literal();
            } catch (TemplateException e) {
                continue; // what this template refuses is the other test's matter
            }
            int end = 0;
            for (var span : literal) {
                assertThat(span.start()).isGreaterThanOrEqualTo(end).isLessThan(span.end());
                end = span.end();
            }
            assertThat(end).isLessThanOrEqualTo(text.length());
            for (int i = text.indexOf('\ue123'); i >= 0; i = text.indexOf('\ue123', i + 1)) {
                int at = i;
                assertThat(literal).as(text).anyMatch(s -> s.start() <= at && at < s.end());
            }
        }
    }

    /** The conversation with a character at the end of each content that no template has. */
    private static Json.Obj withMarkers(Json.Obj conversation) {
        Map<String, Json> members = new LinkedHashMap<>(conversation.members());
        List<Json> messages = ((Json.Arr) References.member(conversation, "messages"))
                .elements().stream().map(ChatTemplateReferenceTest::marked).toList();
        members.put("messages", new Json.Arr(messages));
        return new Json.Obj(members);
    }

    private static Json marked(Json message) {
        Map<String, Json> members = new LinkedHashMap<>(((Json.Obj) message).members());
        members.computeIfPresent(
                "content", (k, v) -> v instanceof Json.Str s ? new Json.Str("\ue123" + s.value() + "\ue123") : v);
        return new Json.Obj(members);
    }
}
