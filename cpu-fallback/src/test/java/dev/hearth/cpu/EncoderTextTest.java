package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.ContextLengthException;
import dev.hearth.EmbedRequest;
import dev.hearth.Engine;
import dev.hearth.LabelRequest;
import dev.hearth.Ranked;
import dev.hearth.conformance.EncoderOracle;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.Encoding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Texts with prompts and pairs of texts, cut and whole, as transformers tokenises and computes them. */
final class EncoderTextTest {
    private static final Path TEXT = Reference.resource("encoders/bert_text");
    private static final Path PAIRS = Reference.resource("encoders/bert_pairs");

    private static final Path DEBERTA = Reference.resource("encoders/deberta_v3_rank");

    private static Fields texts(Path folder) {
        return Fields.read(folder.resolve("texts.json"));
    }

    private static List<String> strings(Fields fields, String name) {
        return fields.array(name).orElseThrow().stream()
                .map(text -> ((Json.Str) text).value())
                .toList();
    }

    private static void assertClose(List<float[]> found, float[][] expected, int from) {
        for (int t = 0; t < found.size(); t++) {
            assertThat(found.get(t)).as("text " + t).containsExactly(expected[from + t], within(1e-5f));
        }
    }

    @Test
    void prompts_areSeenAndNotPooled() {
        float[][] expected = EncoderOracle.rows(TEXT.resolve("texts.safetensors"), "embeddings");
        List<String> texts = strings(texts(TEXT), "texts");
        List<String> prompts = strings(texts(TEXT), "prompts");
        try (Engine engine = Engine.load(TEXT)) {
            for (int p = 0; p < prompts.size(); p++) {
                EmbedRequest request =
                        EmbedRequest.of(texts).prompt(prompts.get(p)).truncate().build();
                assertClose(engine.embed(request).vectors(), expected, p * texts.size());
            }
            int passage = prompts.indexOf("passage") * texts.size();
            assertClose(List.of(engine.embed(texts.subList(0, 4))), expected, passage); // the default
            int none = prompts.indexOf("none") * texts.size();
            EmbedRequest request =
                    EmbedRequest.of(texts).promptText("").truncate().build();
            assertClose(engine.embed(request).vectors(), expected, none);
            assertThatThrownBy(() -> engine.embed(texts))
                    .isInstanceOf(ContextLengthException.class)
                    .hasMessageContaining("more than the 30 that the model takes");
            assertThatThrownBy(() ->
                            engine.embed(EmbedRequest.of("a").prompt("web").build()))
                    .hasMessageContaining("found web");
            assertThatThrownBy(() -> engine.embed(EmbedRequest.ofTokens(Encoding.of(2, 3))
                            .prompt("query")
                            .build()))
                    .hasMessageContaining("expected texts to put a prompt before, found tokens");
        }
    }

    @Test
    void pairs_areRankedAsTransformersDoes() {
        float[][] expected = EncoderOracle.rows(PAIRS.resolve("texts.safetensors"), "logits");
        String query = texts(PAIRS).string("query").orElseThrow();
        List<String> documents = strings(texts(PAIRS), "documents");
        try (Engine engine = Engine.load(PAIRS)) {
            List<Ranked> ranking = engine.rerank(
                    LabelRequest.pairs(query, documents).truncate().build());
            assertThat(ranking)
                    .hasSameSizeAs(documents)
                    .isSortedAccordingTo((a, b) -> Double.compare(b.logit(), a.logit()));
            for (Ranked ranked : ranking) {
                assertThat(ranked.logit()).isCloseTo(expected[ranked.index()][0], within(1e-4));
            }
            assertThat(engine.rerank(query, documents.subList(0, 3))).hasSize(3);
            assertThatThrownBy(() -> engine.rerank(query, documents)).isInstanceOf(ContextLengthException.class);
            for (Json json : texts(PAIRS).array("cuts").orElseThrow()) {
                Fields cut = Fields.of("texts.json", json);
                Encoding found = engine.tokenizer()
                        .encode(
                                cut.string("first").orElseThrow(),
                                cut.string("second").orElseThrow(),
                                cut.requiredInteger("limit"));
                assertThat(found.ids()).isEqualTo(cut.integers("ids"));
                assertThat(found.typeIds()).isEqualTo(cut.integers("types"));
            }
        }
    }

    @Test
    void deberta_pairsOfUnigramsAreRankedAsTransformersDoes() {
        float[][] expected = EncoderOracle.rows(DEBERTA.resolve("texts.safetensors"), "logits");
        Fields file = texts(DEBERTA);
        String query = file.string("query").orElseThrow();
        List<String> documents = strings(file, "documents");
        try (Engine engine = Engine.load(DEBERTA)) {
            for (int i = 0; i < documents.size(); i++) {
                Encoding pair = engine.tokenizer().encode(query, documents.get(i), 48);
                assertThat(pair.ids()).isEqualTo(row(file, "ids", i));
                assertThat(pair.typeIds()).isEqualTo(row(file, "types", i));
            }
            LabelRequest request =
                    LabelRequest.pairs(query, documents).truncate().build();
            for (Ranked ranked : engine.rerank(request)) {
                assertThat(ranked.logit()).isCloseTo(expected[ranked.index()][0], within(1e-4));
            }
        }
    }

    private static int[] row(Fields file, String key, int index) {
        Json row = file.array(key).orElseThrow().get(index);
        return Fields.of("texts.json", new Json.Obj(Map.of("row", row))).integers("row");
    }
}
