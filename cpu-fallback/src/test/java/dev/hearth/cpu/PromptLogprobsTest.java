package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Message;
import dev.hearth.Request;
import dev.hearth.TokenScore;
import dev.hearth.tinymodel.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Log probabilities of prompts, which are those of {@link Engine#score} to the bit, and echoes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PromptLogprobsTest {
    private static final long PAGE_BYTES = 196_608; // of all layers
    private static final int CONTEXT = 256;

    private static Engine engine(int pages) {
        return Engine.builder(TinyModel.folder())
                .threads(1)
                .contextLength(CONTEXT)
                .cacheBytes(pages * PAGE_BYTES)
                .load();
    }

    private static int[] prompt(int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 5 + (kind * 31 + i * 17) % 200;
        }
        return ids;
    }

    private static Request.Builder request(int kind, int length) {
        return Request.tokens(prompt(kind, length)).maxTokens(8).ignoreEos().temperature(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 31, 32, 33, 64, 65, 200}) // around chunks of 32 and pages of as many
    void promptLogprobs_areThoseOfScoring(int length) {
        try (Engine engine = engine(64)) {
            List<TokenScore> scores = engine.score(prompt(1, length), 3);
            Completion completion =
                    engine.complete(request(1, length).promptLogprobs(3).build());
            assertThat(completion.promptLogprobs()).isEqualTo(scores).hasSize(length);
            assertThat(scores.getFirst().logprob()).isEmpty();
            assertThat(completion.logprobs()).isEmpty();
            assertThat(completion.ids())
                    .isEqualTo(engine.complete(request(1, length).build()).ids());
            assertThat(engine.complete(request(1, length).build()).promptLogprobs())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 33, 256})
    void promptLogprobs_areTheSameForAnyBudgetOfAStep(int stepTokens) {
        try (Engine engine = Engine.builder(TinyModel.folder())
                .threads(1)
                .contextLength(CONTEXT)
                .stepTokens(stepTokens)
                .load()) {
            List<TokenScore> scores = engine.score(prompt(1, 70), 2);
            List<CompletableFuture<Completion>> others = new ArrayList<>();
            for (int kind = 2; kind < 5; kind++) {
                others.add(engine.submit(request(kind, 50).build()));
            }
            assertThat(engine.complete(request(1, 70).promptLogprobs(2).build()).promptLogprobs())
                    .isEqualTo(scores);
            others.forEach(CompletableFuture::join);
        }
    }

    @Test
    void promptLogprobs_computeAPromptAnewAndLeaveItToOthers() {
        try (Engine engine = engine(64)) {
            engine.complete(request(1, 100).build());
            Completion scored =
                    engine.complete(request(1, 100).promptLogprobs(0).build());
            assertThat(scored.usage().cachedTokens()).isZero();
            engine.complete(request(2, 100).promptLogprobs(0).build());
            assertThat(engine.complete(request(2, 100).build()).usage().cachedTokens())
                    .isEqualTo(96);
        }
    }

    @Test
    void promptLogprobs_areToldOnceWhenPagesRunShort() {
        List<Request> requests = new ArrayList<>();
        for (int kind = 0; kind < 8; kind++) {
            requests.add(request(kind, 90 + kind)
                    .maxTokens(60)
                    .promptLogprobs(1)
                    .isolation("of " + kind)
                    .build());
        }
        List<Completion> alone = new ArrayList<>();
        try (Engine engine = engine(64)) {
            requests.forEach(r -> alone.add(engine.complete(r)));
            for (int kind = 0; kind < 8; kind++) {
                assertThat(alone.get(kind).promptLogprobs()).isEqualTo(engine.score(prompt(kind, 90 + kind), 1));
            }
        }
        try (Engine engine = engine(10)) {
            List<CompletableFuture<Completion>> together =
                    requests.stream().map(engine::submit).toList();
            for (int kind = 0; kind < 8; kind++) {
                Completion completion = together.get(kind).join();
                assertThat(completion.promptLogprobs())
                        .isEqualTo(alone.get(kind).promptLogprobs());
                assertThat(completion.ids()).isEqualTo(alone.get(kind).ids());
            }
            assertThat(engine.stats().preemptions()).isPositive();
            assertThat(engine.stats().outputTokens()).isEqualTo(8 * 60);
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @Test
    void promptLogprobs_ofSeveralChoicesAreComputedAndToldOnce() {
        try (Engine engine = engine(64)) {
            Request.Builder request = request(1, 70).temperature(1).seed(3).promptLogprobs(2);
            List<Completion> choices = engine.completeAll(request.choices(3).build());
            assertThat(choices.getFirst().promptLogprobs()).isEqualTo(engine.score(prompt(1, 70), 2));
            assertThat(choices.subList(1, 3)).allSatisfy(c -> {
                assertThat(c.promptLogprobs()).isEmpty();
                assertThat(c.usage().cachedTokens()).isEqualTo(64);
            });
            List<Completion> best =
                    engine.completeAll(request.choices(1).bestOf(4).echo().build());
            assertThat(best).singleElement().satisfies(c -> {
                assertThat(c.promptLogprobs()).isEqualTo(choices.getFirst().promptLogprobs());
                assertThat(c.logprobs()).isEmpty();
                assertThat(c.ids()).hasSize(78);
            });
        }
    }

    @Test
    void promptLogprobs_ofACancelledRequestEndWhereItDid() {
        try (Engine engine = engine(64)) {
            Completion late = engine.complete(request(1, 200)
                    .promptLogprobs(0)
                    .firstTokenWithin(Duration.ofNanos(1))
                    .build());
            assertThat(late.finish()).isEqualTo(FinishReason.DEADLINE);
            assertThat(engine.score(prompt(1, 200), 0))
                    .startsWith(late.promptLogprobs().toArray(TokenScore[]::new));
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @Test
    void echo_beginsTextTokensAndEventsWithThePrompt() {
        try (Engine engine = engine(64)) {
            String prompt = "Once upon a time";
            Request.Builder request =
                    Request.prompt(prompt).maxTokens(6).ignoreEos().temperature(0);
            Completion plain = engine.complete(request.build());
            Completion echoed = engine.complete(request.echo().stop("upon").build());
            int[] ids = engine.tokenizer().encode(prompt);
            assertThat(echoed.text()).isEqualTo(prompt + plain.text());
            assertThat(echoed.ids())
                    .hasSize(ids.length + 6)
                    .endsWith(plain.ids().toArray(Integer[]::new));
            assertThat(echoed.promptLogprobs()).isEmpty();
            try (Generation generation = engine.generate(request.logprobs(1).build())) {
                StringBuilder text = new StringBuilder();
                List<TokenScore> scores = new ArrayList<>();
                for (Event event : generation) {
                    if (event instanceof Event.Text t) {
                        text.append(t.text());
                        scores.addAll(t.logprobs());
                    }
                }
                Completion scored = generation.completion().join();
                assertThat(text.toString()).isEqualTo(echoed.text()).isEqualTo(scored.text());
                assertThat(scored.ids()).isEqualTo(echoed.ids());
                assertThat(scored.logprobs())
                        .isEqualTo(scores)
                        .hasSize(scored.ids().size());
                assertThat(scored.promptLogprobs())
                        .isEqualTo(engine.score(prompt, 1))
                        .isEqualTo(scores.subList(0, ids.length));
            }
        }
    }

    static List<Path> modelsWithTokenizers() {
        return List.of(TinyModel.folder(), Reference.resource("stories260K/stories260K-Q8_0.gguf"));
    }

    @ParameterizedTest
    @MethodSource("modelsWithTokenizers")
    void echo_isWhatAllTokensSpell(Path model) {
        try (Engine engine = Engine.builder(model).threads(1).load()) {
            String prompt = "Once upon a";
            for (Request.Builder request : List.of(
                    Request.prompt(prompt), Request.tokens(engine.tokenizer().encode(prompt)))) {
                Completion echoed = engine.complete(
                        request.maxTokens(6).temperature(0).echo().build());
                int[] ids = echoed.ids().stream().mapToInt(i -> i).toArray();
                assertThat(echoed.text())
                        .startsWith(prompt)
                        .isEqualTo(engine.tokenizer().decodeSkippingSpecial(ids));
            }
        }
    }

    @Test
    void request_thatCannotBeHonouredIsRefused() {
        assertThatThrownBy(() -> Request.chat(Message.user("Hello")).echo().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("echo needs a plain prompt");
        assertThatThrownBy(() -> Request.prompt("a").promptLogprobs(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("promptLogprobs: expected 0 or more, found -1");
        try (Engine engine = engine(16)) {
            int vocabulary = engine.config().vocabSize();
            assertThatThrownBy(() -> engine.complete(
                            request(1, 4).promptLogprobs(vocabulary + 1).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most the vocabulary");
        }
    }
}
