package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
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
}
