package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.EmbedRequest;
import dev.hearth.Engine;
import dev.hearth.conformance.EncoderOracle;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A real model, text in and vectors out: all-MiniLM-L6-v2 out of the folder that {@code hearth.minilm} names
 * ({@code tools/minilm.sh} makes it), against what transformers computes.
 */
final class MiniLmTest {
    @TestFactory
    Stream<DynamicTest> embeddings() {
        String model = System.getProperty("hearth.minilm", "");
        String shared = System.getProperty("hearth.shared", "");
        return model.isEmpty() || shared.isEmpty()
                ? Stream.of()
                : Stream.of(DynamicTest.dynamicTest(
                        "as transformers has them",
                        () -> agree(Path.of(model), Path.of(shared, "models", "all-MiniLM-L6-v2"))));
    }

    private static void agree(Path model, Path shared) {
        List<String> texts = Fields.read(shared.resolve("oracle.json")).array("texts").orElseThrow().stream()
                .map(text -> ((Json.Str) text).value())
                .toList();
        float[][] expected = EncoderOracle.rows(shared.resolve("oracle.safetensors"), "embeddings");
        try (Engine engine = Engine.load(model)) {
            List<float[]> found =
                    engine.embed(EmbedRequest.of(texts).truncate().build()).vectors();
            for (int t = 0; t < expected.length; t++) {
                assertThat(found.get(t)).as(texts.get(t)).containsExactly(expected[t], within(1e-5f));
            }
        }
    }
}
