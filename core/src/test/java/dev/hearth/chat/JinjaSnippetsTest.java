package dev.hearth.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small templates against what jinja2 gave for them: src/test/python/make_jinja_snippets.py. */
class JinjaSnippetsTest {
    private static final Json FILE = new Json.Obj(References.object(References.resource("jinja-snippets.json")));

    static List<Json> cases() {
        return ((Json.Arr) References.member(FILE, "cases")).elements();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void render_equalsJinja2(Json.Obj snippet) {
        Map<String, Json> input = new LinkedHashMap<>(((Json.Obj) References.member(FILE, "variables")).members());
        input.put("strftime_now", new Json.Str("2025-06-15T13:45:30"));
        String source = References.text(snippet, "template");
        if (snippet.members().get("output") instanceof Json.Str output) {
            assertThat(ChatTemplate.parse("snippet", source)
                            .render(new Json.Obj(input))
                            .text())
                    .isEqualTo(output.value());
        } else if (References.text(snippet, "error").equals("compile")) {
            assertThatThrownBy(() -> ChatTemplate.parse("snippet", source)).isInstanceOf(ModelFormatException.class);
        } else {
            ChatTemplate template = ChatTemplate.parse("snippet", source);
            assertThatThrownBy(() -> template.render(new Json.Obj(input))).isInstanceOf(TemplateException.class);
        }
    }
}
