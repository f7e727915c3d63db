package dev.hearth.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that mean harm end in an exception, soon and in little memory; what is merely broken too. */
@Timeout(60)
class HostileTemplateTest {
    private static final Json.Obj EMPTY = new Json.Obj(Map.of("messages", new Json.Arr(List.of())));
    private static final String NESTED = "{% set ns = namespace(s=('a',), t=('a',)) %}";

    private static String render(String template) {
        return ChatTemplate.parse("hostile", template).render(EMPTY).text();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{{ range(100001) }}",
                "{{ range(10**30) }}",
                "{{ 'x' * 10**9 }}",
                "{{ ['a'] * 10**9 }}",
                "{{ 10**(10**18) }}",
                "{{ 2**65000 * 2**65000 }}",
                "{{ (2**65000)|string }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(a=m()) %}{% endmacro %}{{ m() }}",
                "{% macro m() %}{% if 1 %}{% for x in [1] %}{{ [(m() ~ 'x')|upper]|join }}{% endfor %}{% endif %}{% endmacro %}{{ m() }}",
                "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
                "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s=['ab']) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s=[]) %}{% for i in range(100000) %}{% set ns.s = ns.s + [i] %}{% endfor %}",
                "{% set ns = namespace(s='') %}{% for i in range(100000) %}{% set ns.s = ns.s ~ 'abcdefgh' %}{% endfor %}",
                NESTED + "{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
                NESTED + "{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }}",
                NESTED + "{% for i in range(9999) %}{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s: 1} }}",
                NESTED
                        + "{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% set ns.t = [ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
                NESTED + "{% for i in range(9999) %}{% set ns.s = ns.s|map('upper') %}{% endfor %}{{ ns.s|list }}",
                NESTED + "{% for i in range(90) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ ns.s }}",
                NESTED + "{% for i in range(90) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ {ns.s: 1} }}",
                NESTED + "{% for i in range(90) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ {}[ns.s] }}",
                NESTED
                        + "{% for i in range(90) %}{% set ns.s = (ns.s, ns.s) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ ns.s == ns.t }}",
                "{% set a = namespace() %}{% set a.a = a %}{{ a }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '%.1000000000f' % 1.5 }}",
                "{{ '%*d' % (999999999, 1) }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ '{:.100000000f}'.format(1.5) }}",
                "{{ '{:>{}}'.format(1, 999999999) }}",
                "{{ '{:0999999999,}'.format(1) }}",
                "{{ 'a'|center(10**9) }}",
                "{{ 'a'.zfill(10**9) }}",
                "{{ ('\\t' * 1000).expandtabs(10**6) }}",
                "{{ 'a\\na'|indent(10**9) }}",
                "{{ [1]|batch(10**9, 'x')|list }}",
                "{{ [1]|slice(10**9)|list }}",
                "{{ [[[1]]]|tojson(indent='x' * 4000000) }}",
                "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}",
                "{{ ('a' * 1000).join('b' * 1000000) }}",
                "{{ ('a' * 8000000)|list|length }}",
                "{% set s = 'a' * 8000000 %}{% for i in range(99999) %}{{ s.count('ab') }}{% endfor %}",
                "{% set s = ['a' * 1000000, 'a' * 1000000 ~ ''] * 99999 %}{{ s|sort|length }}",
                "{% for i in range(99999) %}{% set x = (3**41000) / (3**40990) %}{% endfor %}",
                "{{ strftime_now('%c' * 4000000) }}",
                "{{ 1|nofilter }}",
                "{{ raise_exception('no') }}"
            })
    void render_isRefused(String template) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOfAny(TemplateException.class, ModelFormatException.class)
                .hasMessageStartingWith("hostile: line 1: ");
    }

    static List<String> deep() {
        return List.of(
                "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                "{{ " + "[".repeat(100_000) + " }}",
                "{{ " + "{1:".repeat(100_000) + " }}",
                "{{ " + "-".repeat(100_000) + "1 }}",
                "{{ " + "not ".repeat(100_000) + "1 }}",
                "{{ 1" + " if 1 else 1".repeat(100_000) + " }}",
                "{{ 'a'" + "|upper".repeat(100_000) + " }}",
                "{{ 1" + "+1".repeat(100_000) + " }}",
                "{{ x" + ".a".repeat(100_000) + " }}",
                "{{ x" + "(1)".repeat(100_000) + " }}",
                "{% if 1 %}".repeat(10_000) + "{% endif %}".repeat(10_000),
                "{% macro m() %}".repeat(10_000),
                "{#".repeat(100_000),
                "{% raw %}" + "{% ".repeat(100_000),
                "{{".repeat(100_000),
                "x".repeat(2_000_000));
    }

    @ParameterizedTest
    @MethodSource("deep")
    void parse_isRefused(String template) {
        assertThatThrownBy(() -> ChatTemplate.parse("hostile", template)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void render_atTheBoundsOfDepth_runsOnAnOrdinaryStack() throws InterruptedException {
        String chain = "{{ 'a'" + "|upper".repeat(280) + " }}{{ 1" + "+1".repeat(280) + " }}";
        String loops = "{% for x in [1] %}".repeat(90) + "y" + "{% endfor %}".repeat(90);
        String macros = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% endif %}{{ n }}{% endmacro %}{{ m(100) }}";
        var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
        Thread thread = new Thread(
                null, () -> List.of(chain, loops, macros).forEach(HostileTemplateTest::render), "1 MiB", 1 << 20);
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.start();
        thread.join(Duration.ofSeconds(30));
        assertThat(failure.get()).isNull();
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void render_ofALongConversation_isWithinTheBounds() {
        var message = new Json.Obj(Map.of("role", new Json.Str("user"), "content", new Json.Str("word ".repeat(200))));
        var input = new Json.Obj(Map.of("messages", new Json.Arr(java.util.Collections.nCopies(5000, message))));
        String template = "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m.content|length %}"
                + "{{ m.role ~ ':' ~ (m.content|trim).split('w')|join('w') }}{% endfor %}{{ ns.n }}";
        assertThat(ChatTemplate.parse("long", template).render(input).text()).endsWith("5000000");
    }

    static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.list(References.chatTemplates().resolve("templates"))) {
            return files.sorted().toList();
        }
    }

    /** Flips, cuts, doubles and swaps parts of real templates; the seed is the file's name. */
    @ParameterizedTest
    @MethodSource("templates")
    void mutations_endInTextOrAnException(Path file) throws IOException {
        String source = Files.readString(file);
        var random = new Random(file.getFileName().toString().hashCode());
        List<Json.Obj> inputs = List.copyOf(References.conversations().values());
        for (int i = 0; i < 40; i++) {
            String mutant = mutate(source, random);
            Json.Obj input = inputs.get(random.nextInt(inputs.size()));
            assertThatCode(() -> attempt(mutant, input))
                    .as("mutant %d of %s", i, file)
                    .doesNotThrowAnyException();
        }
    }

    private static void attempt(String template, Json.Obj input) {
        try {
            var rendered = ChatTemplate.parse("mutant", template).render(input);
            rendered.literal()
                    .forEach(s -> assertThat(rendered.text().substring(s.start(), s.end()))
                            .isNotEmpty());
        } catch (ModelFormatException | TemplateException e) {
            assertThat(e).hasMessageStartingWith("mutant");
        }
    }

    private static String mutate(String source, Random random) {
        var text = new StringBuilder(source);
        int edits = 1 + random.nextInt(4);
        for (int i = 0; i < edits && !text.isEmpty(); i++) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + 1 + random.nextInt(40));
            switch (random.nextInt(5)) {
                case 0 -> text.setCharAt(at, (char) (text.charAt(at) ^ (1 << random.nextInt(7))));
                case 1 -> text.setLength(at);
                case 2 -> text.delete(at, end);
                case 3 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
                default -> text.insert(at, "{}()[]%#-+*|'\"~.:,".charAt(random.nextInt(18)));
            }
        }
        return text.toString();
    }
}
