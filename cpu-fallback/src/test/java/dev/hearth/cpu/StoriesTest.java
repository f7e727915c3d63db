package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Request;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real model, text in and text out: stories260K writes the story that its makers and transformers document. */
final class StoriesTest {
    private static final Path COPY = Reference.resource("stories260K");

    static Stream<Path> models() {
        String shared = System.getProperty("hearth.shared", "");
        Stream<Path> copy = Stream.of(COPY.resolve("stories260K-Q8_0.gguf"));
        if (shared.isEmpty()) {
            return copy;
        }
        Path folder = Path.of(shared, "models", "stories260K");
        return Stream.concat(copy, Stream.of(folder, folder.resolve("stories260K-F32.gguf")));
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyStory_isTheDocumentedOne(Path model) {
        Fields oracle = Fields.read(COPY.resolve("oracle.json"));
        String documented = oracle.string("documented_greedy_text").orElseThrow();
        try (Engine engine = Engine.builder(model).precision(Precision.EXACT).load()) {
            for (Json each : oracle.array("prompts").orElseThrow()) {
                Fields prompt = Fields.of("oracle.json: prompts", each);
                String text = prompt.string("text").orElseThrow();
                assertThat(engine.tokenizer().encode(text)).isEqualTo(prompt.integers("ids"));
                List<Integer> greedy =
                        Arrays.stream(prompt.integers("greedy")).boxed().toList();
                Completion done = engine.complete(Request.prompt(text)
                        .temperature(0)
                        .ignoreEos()
                        .maxTokens(greedy.size())
                        .build());
                assertThat(done.ids()).isEqualTo(greedy);
            }
            if (!model.endsWith("stories260K-Q8_0.gguf")) { // the long text is that of the weights as they were
                Completion story = engine.complete(Request.prompt("Once upon a time")
                        .temperature(0)
                        .maxTokens(200)
                        .build());
                assertThat(documented)
                        .startsWith("Once upon a time" + story.text().substring(0, 300));
            }
        }
    }

    @Test
    void answer_beginsWithTheSpaceAfterItsPrompt() {
        int[] story = {1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426};
        try (Engine engine = Engine.load(COPY.resolve("stories260K-Q8_0.gguf"))) {
            String told = engine.tokenizer().decodeSkippingSpecial(story);
            for (int cut = 1; cut < story.length; cut++) {
                int[] prompt = Arrays.copyOf(story, cut);
                String before = engine.tokenizer().decodeSkippingSpecial(prompt);
                Request.Builder request = Request.tokens(prompt)
                        .maxTokens(story.length - cut)
                        .temperature(0)
                        .ignoreEos()
                        .logitsProcessor(() -> (logits, position) -> logits[story[position]] = 1000);
                assertThat(before + engine.complete(request.build()).text()).isEqualTo(told);
                assertThat(engine.complete(request.echo().build()).text()).isEqualTo(told);
                StringBuilder streamed = new StringBuilder();
                for (Event event : engine.generate(request.build())) {
                    if (event instanceof Event.Text t) {
                        streamed.append(t.text());
                    }
                }
                assertThat(streamed).hasToString(told);
            }
            Request stopped = Request.tokens(story)
                    .maxTokens(2)
                    .temperature(0)
                    .stop(" the")
                    .logitsProcessor(() -> (logits, position) -> logits[position == story.length ? 265 : 3] = 1000)
                    .build();
            assertThat(engine.tokenizer().decodeSkippingSpecial(1, 265, 265)).isEqualTo("the the");
            assertThat(engine.complete(stopped)).satisfies(c -> {
                assertThat(c.text()).isEmpty();
                assertThat(c.finish()).isEqualTo(FinishReason.STOP);
            });
        }
    }
}
