package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.InsufficientMemoryException;
import dev.hearth.Request;
import dev.hearth.TokenScore;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.sample.BeamSearch;
import dev.hearth.sample.BeamSearch.EarlyStopping;
import dev.hearth.spi.Precision;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beam search: what transformers finds, what a plain search over scores finds, whatever else the engine does and however short it is of pages. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BeamSearchTest {
    private static final int CASES = Integer.getInteger("hearth.beamCases", 12); // of each model

    private static EngineBuilder engine(String model) {
        return Engine.builder(model.equals("tiny") ? TinyModel.folder() : Reference.resource("oracles/" + model))
                .precision(Precision.EXACT)
                .threads(1);
    }

    /** One request as transformers was asked it, and what it answered. */
    record Case(Fields fields) {
        String model() {
            return fields.string("model").orElseThrow();
        }

        Request.Builder request() {
            BeamSearch search = BeamSearch.of(fields.requiredInteger("num_beams"))
                    .withLengthPenalty(fields.number("length_penalty").orElseThrow())
                    .withEarlyStopping(
                            switch (fields.string("early_stopping").orElseThrow()) {
                                case "True" -> EarlyStopping.AT_ONCE;
                                case "False" -> EarlyStopping.UNLIKELY_BETTER;
                                default -> EarlyStopping.NEVER_BETTER;
                            });
            Request.Builder request = Request.tokens(fields.integers("prompt"))
                    .beams(search)
                    .choices(fields.array("ids").orElseThrow().size())
                    .maxTokens(fields.requiredInteger("max_new_tokens"))
                    .ignoreEos()
                    .stopTokens(fields.integers("eos_token_id"));
            fields.number("repetition_penalty").ifPresent(p -> request.sampling(s -> s.repetitionPenalty(p)));
            fields.integer("no_repeat_ngram_size").ifPresent(n -> request.sampling(s -> s.noRepeatNgramSize(n)));
            fields.integer("min_new_tokens").ifPresent(request::minTokens);
            return request;
        }

        /** Without the token that ends each, as a completion has it. */
        List<List<Integer>> answers() {
            List<Integer> ends =
                    IntStream.of(fields.integers("eos_token_id")).boxed().toList();
            List<List<Integer>> answers = new ArrayList<>();
            for (Json ids : fields.array("ids").orElseThrow()) {
                List<Integer> answer = ((Json.Arr) ids)
                        .elements().stream()
                                .map(id -> (int) ((Json.Int) id).value())
                                .toList();
                answers.add(ends.contains(answer.getLast()) ? answer.subList(0, answer.size() - 1) : answer);
            }
            return answers;
        }

        @Override
        public String toString() {
            return model() + " " + fields.requiredInteger("num_beams") + " " + fields.string("early_stopping");
        }
    }

    static List<Case> cases() throws IOException {
        Path file = Reference.resource("beams/transformers.json");
        Json.Arr cases = (Json.Arr) Json.parse("transformers.json", Files.readString(file));
        return cases.elements().stream()
                .map(c -> new Case(Fields.of("transformers.json", c)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void search_findsWhatTransformersDoes(Case expected) {
        try (Engine engine = engine(expected.model()).load()) {
            List<Completion> found = engine.completeAll(expected.request().build());
            assertThat(found.stream().map(Completion::ids)).isEqualTo(expected.answers());
            List<Double> scores = expected.fields.numbers("scores").orElseThrow();
            for (int i = 0; i < found.size(); i++) {
                double score = found.get(i).score().orElseThrow();
                assertThat(score).isCloseTo(scores.get(i), within(1e-4 * Math.max(1, Math.abs(score))));
            }
        }
    }

    /** A search drawn from a seed, and what a plain one finds. */
    private record Drawn(Request request, List<PlainBeams.Found> expected, Set<Integer> ends) {
        static Drawn of(Engine engine, long seed) {
            Random random = new Random(seed);
            int vocabulary = engine.config().vocabSize();
            int[] prompt = random.ints(1 + random.nextInt(40), 1, vocabulary).toArray();
            Set<Integer> ends = Set.copyOf(random.ints(random.nextInt(4), 0, vocabulary)
                    .boxed()
                    .distinct()
                    .toList());
            BeamSearch search = BeamSearch.of(1 + random.nextInt(6))
                    .withLengthPenalty(random.nextInt(-2, 5) / 2.0)
                    .withEarlyStopping(List.of(EarlyStopping.values()).get(random.nextInt(3)));
            int maxTokens = 1 + random.nextInt(20);
            Request request = Request.tokens(prompt)
                    .beams(search)
                    .choices(1 + random.nextInt(search.width()))
                    .maxTokens(maxTokens)
                    .ignoreEos()
                    .stopTokens(ends.stream().mapToInt(i -> i).toArray())
                    .logprobs(2)
                    .build();
            return new Drawn(request, new PlainBeams(engine, prompt).search(search, maxTokens, ends), ends);
        }

        void check(List<Completion> found) {
            assertThat(found).isNotEmpty();
            for (int i = 0; i < found.size(); i++) {
                List<Integer> ids = expected.get(i).ids();
                boolean ended = ends.contains(ids.getLast());
                Completion completion = found.get(i);
                assertThat(completion.ids()).isEqualTo(ended ? ids.subList(0, ids.size() - 1) : ids);
                assertThat(completion.score()).hasValue(expected.get(i).score());
                assertThat(completion.finish()).isEqualTo(ended ? FinishReason.STOP : FinishReason.LENGTH);
                assertThat(completion.usage().outputTokens()).isEqualTo(ids.size());
                assertThat(completion.logprobs().stream().map(TokenScore::id)).isEqualTo(completion.ids());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen3",
                "gemma3_text",
                "gpt_oss_odd",
                "deepseek_v2_odd",
                "mamba2_odd",
                "jamba_odd",
                "falcon_h1_odd",
                "lfm2_odd",
                "qwen3_next_odd",
                "rwkv"
            })
    void search_findsWhatAPlainOneDoesHoweverStepsAndPagesFallOut(String model) {
        List<Drawn> searches = new ArrayList<>();
        try (Engine engine = engine(model).load()) {
            for (int seed = 0; seed < CASES; seed++) {
                searches.add(Drawn.of(engine, seed));
                searches.getLast().check(engine.completeAll(searches.getLast().request));
            }
            assertThat(engine.stats().usedPages()).isZero();
        }
        long preemptions = 0;
        for (EngineBuilder builder : List.of(
                engine(model).stepTokens(2),
                engine(model).maxSequences(2),
                narrow(model),
                narrow(model).stepTokens(7))) {
            try (Engine engine = builder.load()) {
                List<CompletableFuture<List<Completion>>> running = new ArrayList<>();
                for (Drawn drawn : searches) {
                    running.add(CompletableFuture.supplyAsync(
                            () -> engine.completeAll(drawn.request), Thread::startVirtualThread));
                    running.add(CompletableFuture.supplyAsync(
                            () -> List.of(engine.complete(Request.tokens(1, 2, 3)
                                    .maxTokens(20)
                                    .ignoreEos()
                                    .build())),
                            Thread::startVirtualThread));
                }
                for (int i = 0; i < searches.size(); i++) {
                    searches.get(i).check(running.get(2 * i).join());
                    running.get(2 * i + 1).join();
                }
                preemptions += engine.stats().preemptions();
                assertThat(engine.stats().usedPages()).isZero();
                assertThat(engine.stats().waiting()).isZero();
                assertThat(engine.stats().requests()).isEqualTo(running.size());
            }
        }
        assertThat(preemptions).isPositive();
    }

    /** With hardly more cache than the context needs. */
    private static EngineBuilder narrow(String model) {
        for (long bytes = 1 << 10; ; bytes *= 2) {
            EngineBuilder builder = engine(model).contextLength(64).cacheBytes(bytes);
            try (Engine engine = builder.load()) {
                assertThat(engine.contextLength()).isEqualTo(64);
                return builder;
            } catch (InsufficientMemoryException e) {
                assertThat(bytes).isLessThan(1 << 24);
            }
        }
    }

    private static Request.Builder request(int width) {
        return Request.prompt("Once upon a time").maxTokens(12).ignoreEos().beams(width);
    }

    @Test
    void search_isOneRequestThatComputesItsPromptOnce() {
        try (Engine engine = engine("tiny").load()) {
            int[] prompt = IntStream.range(5, 205).toArray();
            engine.completeAll(Request.tokens(prompt)
                    .maxTokens(10)
                    .ignoreEos()
                    .beams(4)
                    .choices(4)
                    .build());
            assertThat(engine.stats().stepTokens()).isEqualTo(200 + 9 * 4);
            assertThat(engine.stats().steps()).isEqualTo(10);
            assertThat(engine.stats().requests()).isOne();
            assertThat(engine.stats().promptTokens()).isEqualTo(200);
            assertThat(engine.stats().outputTokens()).isEqualTo(10);
            assertThat(engine.stats().ends().done()).isOne();
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "jamba_odd", "mamba2_odd"})
    void answers_areFoundByThoseThatGoOnFromThem(String model) {
        try (Engine engine = engine(model).load()) {
            int[] prompt = IntStream.range(5, 85).map(i -> 1 + i % 30).toArray();
            Request search = Request.tokens(prompt)
                    .maxTokens(60)
                    .ignoreEos()
                    .beams(3)
                    .echo()
                    .choices(3)
                    .build();
            int found = 0;
            for (Completion answer : engine.completeAll(search)) {
                Request next = Request.tokens(
                                answer.ids().stream().mapToInt(id -> id).toArray())
                        .maxTokens(1)
                        .build();
                found = Math.max(found, engine.complete(next).usage().cachedTokens());
            }
            assertThat(found).isEqualTo(128); // of 139 that were computed, whole pages
        }
    }

    @Test
    void generate_tellsTheBestAtTheEnd() {
        try (Engine engine = engine("tiny").load();
                Generation generation = engine.generate(
                        request(3).logprobs(1).promptLogprobs(1).echo().build())) {
            StringBuilder text = new StringBuilder();
            for (Event event : generation) {
                if (event instanceof Event.Text t) {
                    text.append(t.text());
                }
            }
            Completion best = generation.completion().join();
            assertThat(text).hasToString(best.text()).startsWith("Once upon a time");
            int[] ids = best.ids().stream().mapToInt(i -> i).toArray();
            assertThat(best.logprobs()).isEqualTo(engine.score(ids, 1));
            assertThat(best.promptLogprobs()).isEqualTo(best.logprobs().subList(0, ids.length - 12));
            double sum = 0;
            for (TokenScore score : best.logprobs().subList(ids.length - 12, ids.length)) {
                sum += score.logprob().orElseThrow();
            }
            assertThat(best.score()).hasValue(sum / 12);
        }
    }

    @Test
    void search_thatIsCancelledOrLateGivesBackAll() throws InterruptedException {
        try (Engine engine = engine("tiny").load()) {
            Request longer = request(8).maxTokens(900).build();
            Generation cancelled = engine.generate(longer);
            while (engine.stats().running() < 8) {
                Thread.onSpinWait();
            }
            cancelled.close();
            Completion answer = cancelled.completion().join();
            assertThat(answer.finish()).isEqualTo(FinishReason.CANCELLED);
            assertThat(answer.ids()).isNotEmpty();
            assertThat(engine.stats().usedPages()).isZero();
            Completion late = engine.complete(
                    request(8).maxTokens(900).within(Duration.ofMillis(60)).build());
            assertThat(late.finish()).isEqualTo(FinishReason.DEADLINE);
            assertThat(engine.stats().usedPages()).isZero();
            assertThat(engine.stats().running()).isZero();
        }
    }

    @Test
    void search_ofAClosedEngineEnds() {
        Engine engine = engine("tiny").load();
        Generation generation = engine.generate(request(6).maxTokens(900).build());
        while (engine.stats().running() < 6) {
            Thread.onSpinWait();
        }
        engine.close();
        assertThat(generation.completion().join().finish()).isEqualTo(FinishReason.ENGINE_CLOSED);
        assertThat(engine.stats().usedPages()).isZero();
    }

    @Test
    void processors_thatFailEndTheSearchAlone() {
        try (Engine engine = engine("tiny").load()) {
            Request request = request(3)
                    .logitsProcessor(() -> (logits, position) -> {
                        if (position > 7) {
                            throw new IllegalStateException("defect of a processor");
                        }
                    })
                    .build();
            assertThatThrownBy(() -> engine.complete(request)).hasMessageContaining("defect of a processor");
            assertThat(engine.complete(request(3).build()).ids()).hasSize(12);
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @Test
    void request_thatCannotBeHonouredIsRefused() {
        assertThatThrownBy(() -> request(3).choices(4).build()).hasMessageContaining("at most the 3 beams");
        assertThatThrownBy(() -> request(3).bestOf(2).build()).hasMessageContaining("no bestOf");
        assertThatThrownBy(() -> request(3).stop("x").build()).hasMessageContaining("end by tokens");
        assertThatThrownBy(() -> request(0)).hasMessageContaining("width: expected 1 to 128, found 0");
        try (Engine engine = engine("tiny").load()) {
            assertThatThrownBy(() -> engine.complete(request(3).topK(5).build()))
                    .hasMessageContaining("no setting of draws at random");
            assertThat(engine.complete(request(3).temperature(0).build()).ids()).hasSize(12);
        }
    }
}
