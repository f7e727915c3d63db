package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.ContextLengthException;
import dev.hearth.EmbedRequest;
import dev.hearth.Embeddings;
import dev.hearth.Engine;
import dev.hearth.LabelRequest;
import dev.hearth.LabelScore;
import dev.hearth.MaskedToken;
import dev.hearth.Ranked;
import dev.hearth.Request;
import dev.hearth.conformance.EncoderOracle;
import dev.hearth.embedding.Pooling;
import dev.hearth.tinymodel.TinyModel;
import dev.hearth.tokenizer.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Embeddings, labels, ranking and masked tokens through the public API. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EmbeddingTest {
    private static final Path POOLINGS = Reference.resource("encoders/bert_poolings");
    private static final Path MEAN = Reference.resource("encoders/nomic_bert");
    private static final Path LABELS = Reference.resource("encoders/bert_labels");
    private static final Path RANK = Reference.resource("encoders/distilbert_rank");
    private static final Path MASKED = Reference.resource("encoders/bert_masked");

    static Stream<Path> embedding() {
        return Reference.encoders().stream()
                .filter(f ->
                        EncoderOracle.read(f).texts().getFirst().embedding().isPresent());
    }

    static Stream<Path> labels() {
        return Reference.encoders().stream()
                .filter(f -> EncoderOracle.read(f)
                        .texts()
                        .getFirst()
                        .logits()
                        .filter(l -> l.length == 1)
                        .isPresent());
    }

    private static Encoding encoding(EncoderOracle.Text text) {
        return Encoding.of(text.ids(), text.types());
    }

    private static Encoding[] encodings(EncoderOracle oracle) {
        return oracle.texts().stream().map(EmbeddingTest::encoding).toArray(Encoding[]::new);
    }

    private static double length(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += x * x;
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @MethodSource("embedding")
    void embed_agreesWithOracle(Path folder) {
        EncoderOracle oracle = EncoderOracle.read(folder);
        try (Engine engine = Engine.load(oracle.model())) {
            Embeddings found =
                    engine.embed(EmbedRequest.ofTokens(encodings(oracle)).build());
            assertThat(found.tokenCount())
                    .isEqualTo(oracle.texts().stream()
                            .mapToInt(t -> t.ids().length)
                            .sum());
            for (int t = 0; t < oracle.texts().size(); t++) {
                float[] expected = oracle.texts().get(t).embedding().orElseThrow();
                assertThat(found.vectors().get(t)).hasSameSizeAs(expected);
                assertThat(found.vectors().get(t)).containsExactly(expected, within((float) oracle.tolerance()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("labels")
    void classify_agreesWithOracle(Path folder) {
        EncoderOracle oracle = EncoderOracle.read(folder);
        try (Engine engine = Engine.load(folder)) {
            List<List<LabelScore>> found =
                    engine.classify(LabelRequest.ofTokens(encodings(oracle)).build());
            for (int t = 0; t < oracle.texts().size(); t++) {
                float[] expected = oracle.texts().get(t).logits().orElseThrow()[0];
                double[] logits =
                        found.get(t).stream().mapToDouble(LabelScore::logit).toArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(logits[i]).isCloseTo(expected[i], within(oracle.tolerance()));
                }
            }
        }
    }

    @Test
    void classify_namesLabelsAndScoresAddUp() {
        EncoderOracle oracle = EncoderOracle.read(LABELS);
        try (Engine engine = Engine.load(LABELS)) {
            List<LabelScore> scores = engine.classify(
                            LabelRequest.ofTokens(encodings(oracle)).build())
                    .getFirst();
            assertThat(scores.stream().map(LabelScore::label)).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
            assertThat(scores.stream().mapToDouble(LabelScore::score).sum()).isCloseTo(1, within(1e-9));
            assertThatThrownBy(() -> engine.rerank(
                            LabelRequest.ofTokens(encodings(oracle)).build()))
                    .hasMessageContaining("expected a model of one label to rank by, found 3 labels");
        }
    }

    @Test
    void rerank_ordersByLogit() {
        EncoderOracle oracle = EncoderOracle.read(RANK);
        try (Engine engine = Engine.load(RANK)) {
            List<Ranked> ranking =
                    engine.rerank(LabelRequest.ofTokens(encodings(oracle)).build());
            assertThat(ranking).isSortedAccordingTo((a, b) -> Double.compare(b.logit(), a.logit()));
            for (Ranked ranked : ranking) {
                float logit = oracle.texts().get(ranked.index()).logits().orElseThrow()[0][0];
                assertThat(ranked.logit()).isCloseTo(logit, within(1e-4));
                assertThat(ranked.score()).isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-4));
            }
        }
    }

    @Test
    void fillMask_givesTheLikeliestTokens() {
        EncoderOracle.Text text = EncoderOracle.read(MASKED).texts().getFirst();
        try (Engine engine = Engine.load(MASKED)) {
            List<MaskedToken> found = engine.fillMask(encoding(text), Set.of(3, 1), 4);
            assertThat(found.stream().map(MaskedToken::position)).containsExactly(1, 3);
            float[] logits = text.logits().orElseThrow()[3];
            int best = IntStream.range(0, logits.length)
                    .reduce((a, b) -> logits[b] > logits[a] ? b : a)
                    .orElseThrow();
            assertThat(found.getLast().top()).hasSize(4);
            assertThat(found.getLast().top().getFirst().id()).isEqualTo(best);
            assertThatThrownBy(() -> engine.fillMask(encoding(text), Set.of(5), 1))
                    .hasMessage("fillMask: expected places of 0 to 4, found 5");
            assertThatThrownBy(() -> engine.classify(
                            LabelRequest.ofTokens(encoding(text)).build()))
                    .hasMessageContaining("has no head that labels texts");
        }
    }

    @Test
    void dimensions_areTheFirstAndScaledAgain() {
        Encoding text = Encoding.of(5, 6, 7, 8);
        try (Engine engine = Engine.load(MEAN)) {
            float[] whole =
                    engine.embed(EmbedRequest.ofTokens(text).build()).vectors().getFirst();
            float[] part = engine.embed(
                            EmbedRequest.ofTokens(text).dimensions(7).build())
                    .vectors()
                    .getFirst();
            float[] raw = engine.embed(
                            EmbedRequest.ofTokens(text).unnormalised().build())
                    .vectors()
                    .getFirst();
            assertThat(part).hasSize(7);
            assertThat(length(whole)).isCloseTo(1, within(1e-6));
            assertThat(length(part)).isCloseTo(1, within(1e-6));
            assertThat(length(raw)).isNotCloseTo(1, within(1e-3));
            assertThat(part[3] / part[2]).isCloseTo(whole[3] / whole[2], within(1e-4f));
            assertThat(raw[3] / raw[2]).isCloseTo(whole[3] / whole[2], within(1e-4f));
            assertThatThrownBy(() -> engine.embed(
                            EmbedRequest.ofTokens(text).dimensions(25).build()))
                    .hasMessage("embed request: dimensions: expected at most 24, as many as the model gives, found 25");
        }
    }

    @Test
    void pooling_canBeAnother() {
        EncoderOracle.Text text = EncoderOracle.read(MEAN).texts().getLast();
        float[][] hidden = text.hidden().orElseThrow();
        try (Engine engine = Engine.load(MEAN)) {
            for (Pooling pooling : List.of(Pooling.CLS, Pooling.LAST)) {
                float[] found = engine.embed(EmbedRequest.ofTokens(encoding(text))
                                .pooling(pooling)
                                .unnormalised()
                                .build())
                        .vectors()
                        .getFirst();
                assertThat(found)
                        .containsExactly(hidden[pooling == Pooling.CLS ? 0 : hidden.length - 1], within(1e-4f));
            }
        }
        try (Engine engine = Engine.load(POOLINGS)) {
            assertThatThrownBy(() -> engine.embed(EmbedRequest.ofTokens(encoding(text))
                            .pooling(Pooling.MEAN)
                            .build()))
                    .hasMessageContaining("expected no other pooling");
        }
    }

    @Test
    void longText_isRefusedOrCut() {
        int[] ids = IntStream.range(0, 41).map(i -> i % 50).toArray();
        try (Engine engine = Engine.load(MEAN)) {
            assertThatThrownBy(() ->
                            engine.embed(EmbedRequest.ofTokens(Encoding.of(ids)).build()))
                    .isInstanceOf(ContextLengthException.class)
                    .hasMessageContaining("a text has 41 tokens, more than the 40 that the model takes");
            EmbedRequest cut =
                    EmbedRequest.ofTokens(Encoding.of(ids)).truncate().build();
            EmbedRequest shorter = EmbedRequest.ofTokens(Encoding.of(java.util.Arrays.copyOf(ids, 40)))
                    .build();
            assertThat(engine.embed(cut).vectors().getFirst())
                    .isEqualTo(engine.embed(shorter).vectors().getFirst());
        }
    }

    @Test
    void manyThreads_getTheBitsOfEachTextAlone() throws Exception {
        EncoderOracle.Text text = EncoderOracle.read(MEAN).texts().getLast();
        try (Engine engine = Engine.builder(MEAN).threads(2).load();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Encoding> texts = new ArrayList<>();
            List<float[]> alone = new ArrayList<>();
            for (int i = 1; i <= 29; i++) {
                texts.add(encoding(text).cutTo(i));
                alone.add(engine.embed(EmbedRequest.ofTokens(texts.getLast()).build())
                        .vectors()
                        .getFirst());
            }
            List<Callable<List<float[]>>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> engine.embed(EmbedRequest.ofTokens(texts.toArray(Encoding[]::new))
                                .build())
                        .vectors());
            }
            for (Future<List<float[]>> call : callers.invokeAll(calls)) {
                for (int i = 0; i < alone.size(); i++) {
                    assertThat(call.get().get(i)).isEqualTo(alone.get(i));
                }
            }
            assertThat(engine.stats().running()).isZero();
        }
    }

    @Test
    void encoder_refusesToGenerate() {
        try (Engine engine = Engine.load(MEAN)) {
            assertThatThrownBy(() -> engine.generate(Request.tokens(1, 2).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a model that generates text, found an encoder");
            assertThatThrownBy(() -> engine.score(new int[] {1, 2}, 0)).hasMessageContaining("found an encoder");
            assertThatThrownBy(() -> engine.embed(List.of("text"))).hasMessageContaining("expected a tokenizer");
        }
    }

    @Test
    void decoderThatLabels_refusesToGenerate() {
        try (Engine engine = Engine.load(Reference.resource("encoders/qwen3_labels"))) {
            assertThatThrownBy(() -> engine.generate(Request.tokens(1, 2).build()))
                    .hasMessageContaining("found one that labels texts");
        }
    }

    @Test
    void decoder_embedsOnceAPoolingIsNamed_andGeneratesMeanwhile() {
        try (Engine engine = Engine.builder(TinyModel.folder()).threads(2).load()) {
            assertThatThrownBy(() -> engine.embed(List.of("A river.")))
                    .hasMessageContaining("doesn't say how it embeds texts");
            var generation = engine.submit(Request.prompt("Once upon a time")
                    .temperature(0)
                    .maxTokens(40)
                    .build());
            EmbedRequest request = EmbedRequest.of("A river.", "A river. ".repeat(50))
                    .pooling(Pooling.MEAN)
                    .normalised()
                    .build();
            List<float[]> during = engine.embed(request).vectors();
            String text = generation.join().text();
            assertThat(engine.embed(request).vectors().get(1)).isEqualTo(during.get(1));
            assertThat(length(during.get(1))).isCloseTo(1, within(1e-6));
            assertThat(engine.submit(Request.prompt("Once upon a time")
                                    .temperature(0)
                                    .maxTokens(40)
                                    .build())
                            .join()
                            .text())
                    .isEqualTo(text);
            assertThatThrownBy(() -> engine.embed(EmbedRequest.of("a")
                            .pooling(Pooling.LAST)
                            .prompt("query")
                            .build()))
                    .hasMessageContaining("expected a prompt of the model's, one of [], found query");
        }
    }
}
