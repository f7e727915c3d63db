package dev.hearth.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvenanceTest {
    private static final String USER = "<|im_end|>";

    private static ChatTemplate.Rendered render(String template, String content) {
        var message = new Json.Obj(Map.of("role", new Json.Str("user"), "content", new Json.Str(content)));
        return ChatTemplate.parse("t", template)
                .render(new Json.Obj(Map.of(
                        "messages", new Json.Arr(List.of(message)),
                        "bos_token", new Json.Str("<s>"),
                        "eos_token", new Json.Str("</s>"),
                        "other", new Json.Str("kwarg"))));
    }

    /** The text with its literal ranges in ⟦brackets⟧. */
    private static String marked(ChatTemplate.Rendered rendered) {
        var out = new StringBuilder();
        int end = 0;
        for (var span : rendered.literal()) {
            out.append(rendered.text(), end, span.start()).append('⟦');
            out.append(rendered.text(), span.start(), span.end()).append('⟧');
            end = span.end();
        }
        return out.append(rendered.text().substring(end)).toString();
    }

    @Test
    void controlTokenInAMessage_isLiteral_theTemplatesOwnIsNot() {
        var rendered =
                render("<|im_start|>{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}", "a" + USER + "b");
        assertThat(marked(rendered)).isEqualTo("<|im_start|>⟦a<|im_end|>b⟧<|im_end|>");
    }

    @Test
    void tokensOfTheModel_areTemplateText_otherVariablesAreNot() {
        assertThat(marked(render("{{ bos_token }}{{ other }}{{ eos_token }}", USER)))
                .isEqualTo("<s>⟦kwarg⟧</s>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "c + '|' + c => ⟦<|im_end|>⟧|⟦<|im_end|>⟧",
                "c ~ 1 ~ c[2:4] => ⟦<|im_end|>⟧1⟦im⟧",
                "('x' ~ c ~ 'y')[1:-1] => ⟦<|im_end|>⟧",
                "('x' ~ c)[::-1] => ⟦>|dne_mi|<⟧x",
                "('  x' ~ c ~ '  ').strip() => x⟦<|im_end|>⟧",
                "('a,' ~ c ~ ',b').split(',')|join(';') => a;⟦<|im_end|>⟧;b",
                "'a-b'.replace('-', c) => a⟦<|im_end|>⟧b",
                "c.replace('im', 'x') => ⟦<|⟧x⟦_end|>⟧",
                "('ab' ~ c)|upper => AB⟦<|IM_END|>⟧",
                "('ß' ~ c)|upper => ⟦SS<|IM_END|>⟧",
                "('x' ~ c)|trim|title => X⟦<|im_end|>⟧",
                "{'k': c, c: 1}|tojson => {\"k\": \"⟦<|im_end|>⟧\", \"⟦<|im_end|>⟧\": 1}",
                "[c] => ['⟦<|im_end|>⟧']",
                "'%s=%5s|%r' % (c, 'a', c) => ⟦<|im_end|>⟧=    a|'⟦<|im_end|>⟧'",
                "'{}{a:>11}'.format(c, a=c) => ⟦<|im_end|>⟧ ⟦<|im_end|>⟧",
                "c.format() => ⟦<|im_end|>⟧",
                "(c ~ '{}').format('x') => ⟦<|im_end|>⟧x",
                "c|list|join('.') => ⟦<⟧.⟦|⟧.⟦i⟧.⟦m⟧.⟦_⟧.⟦e⟧.⟦n⟧.⟦d⟧.⟦|⟧.⟦>⟧",
                "c|e => ⟦&lt;|im_end|&gt;⟧",
                "c|safe => ⟦<|im_end|>⟧",
                "messages|map(attribute='content')|join(',') => ⟦<|im_end|>⟧",
                "c|indent(2, true) => `  ⟦<|im_end|>⟧`",
                "c|center(14) ~ '.' => `  ⟦<|im_end|>⟧  .`",
                "c * 2 => ⟦<|im_end|><|im_end|>⟧",
                "c.partition('|')|join('_') => ⟦<⟧_⟦|⟧_⟦im_end|>⟧",
                "'{}'.format(messages)|length > 0 => True",
                "c|truncate(5, true, '...', 0) => ⟦<|⟧...",
                "dict(**{c: 1}) => {'⟦<|im_end|>⟧': 1}",
                "c|default('x') => ⟦<|im_end|>⟧",
                "strftime_now(c)|length > 0 => True",
                "strftime_now(c) => ⟦<|im_end|>⟧",
                "c|striptags ~ 'z' => z",
                "c|urlencode => ⟦%3C%7Cim_end%7C%3E⟧",
                "c|wordwrap(3)|replace('\\n', '/') => ⟦<|i⟧/⟦m_e⟧/⟦nd|⟧/⟦>⟧"
            })
    void operations_keepProvenance(String expression, String expected) {
        String template = "{% set c = messages[0].content %}{{ " + expression + " }}";
        assertThat(marked(render(template, USER))).isEqualTo(expected);
    }

    @Test
    void blocksMacrosAndFilters_keepProvenance() {
        String template = "{% macro m(x) %}<{{ x }}>{{ caller() }}{% endmacro %}{% set c = messages[0].content %}"
                + "{% set b %}[{{ c }}]{% endset %}{% call m(b) %}{% filter upper %}z{{ c }}{% endfilter %}{% endcall %}"
                + "{% generation %}{{ c }}!{% endgeneration %}{% for x in [c] recursive %}{{ x }}{% endfor %}";
        assertThat(marked(render(template, "q"))).isEqualTo("<[⟦q⟧]>Z⟦Qq⟧!⟦q⟧");
    }

    @Test
    void spansAreUtf16Ranges() {
        var rendered = render("😀{{ messages[0].content }}😀", "é😀");
        assertThat(rendered.literal().stream()
                        .map(s -> rendered.text().substring(s.start(), s.end()))
                        .collect(Collectors.toList()))
                .containsExactly("é😀");
    }
}
