package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.FinishReason;
import dev.hearth.Request;
import dev.hearth.sample.Dry;
import dev.hearth.sample.DynamicTemperature;
import dev.hearth.sample.LogitsProcessor;
import dev.hearth.sample.Mirostat;
import dev.hearth.sample.TopPDecay;
import dev.hearth.sample.Xtc;
import dev.hearth.spi.Precision;
import dev.hearth.tinymodel.TinyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a request says about tokens and its end, on the embedded model. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SamplingRequestTest {
    private static final String PROMPT = "Once upon a time";
    private static Engine engine;
    private static Completion plain;

    @BeforeAll
    static void load() {
        engine = Engine.builder(TinyModel.folder())
                .precision(Precision.EXACT)
                .threads(2)
                .load();
        plain = engine.complete(greedy().build());
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static Request.Builder greedy() {
        return Request.prompt(PROMPT).temperature(0).maxTokens(40).ignoreEos();
    }

    @Test
    void minTokens_putOffTheEnd() {
        int stop = plain.ids().get(3);
        int before = plain.ids().indexOf(stop);
        assertThat(engine.complete(greedy().stopTokens(stop).build()).ids()).hasSize(before);
        Completion later =
                engine.complete(greedy().stopTokens(stop).minTokens(10).build());
        assertThat(later.ids()).hasSizeGreaterThanOrEqualTo(10);
        assertThat(later.ids().subList(0, 10)).doesNotContain(stop);
    }

    @Test
    void minTokens_putOffStops() {
        String early = plain.text().substring(2, 6);
        assertThat(engine.complete(greedy().stop(early).build()).text())
                .isEqualTo(plain.text().substring(0, 2));
        Completion later = engine.complete(greedy().stop(early).minTokens(10).build());
        assertThat(later.text()).startsWith(plain.text().substring(0, 6));
        assertThat(later.ids()).hasSizeGreaterThan(10);
    }

    @Test
    void minTokens_mustFit() {
        Request request = greedy().minTokens(41).build();
        assertThatThrownBy(() -> engine.complete(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("request: minTokens: expected at most the 40 tokens that the answer may have, found 41");
    }

    @Test
    void bannedWords_doNotCome() {
        String[] words = Arrays.stream(plain.text().split("[^A-Za-z]+"))
                .filter(w -> w.length() > 1)
                .limit(3)
                .toArray(String[]::new);
        assertThat(words).hasSize(3);
        Completion without = engine.complete(greedy().bannedWords(words).build());
        assertThat(without.ids()).isNotEqualTo(plain.ids());
        for (String word : words) {
            for (String spelling : List.of(word, " " + word)) {
                List<Integer> ids = boxed(engine.tokenizer().encodePlain(spelling));
                assertThat(Collections.indexOfSubList(without.ids(), ids)).isNegative();
            }
        }
    }

    @Test
    void allowedWords_areAllThatComes() {
        Set<Integer> allowed = new HashSet<>();
        for (String spelling : List.of("yes", " yes", "no", " no")) {
            allowed.addAll(boxed(engine.tokenizer().encodePlain(spelling)));
        }
        assertThat(allowed)
                .containsAll(engine.complete(greedy().allowedWords("yes", "no").build())
                        .ids());
    }

    @Test
    void stopPattern_endsTheText() {
        assertThat(plain.text()).matches("(?s).*[.!?].*");
        String sentence = plain.text().split("[.!?]")[0];
        Completion before =
                engine.complete(greedy().stopPattern(Pattern.compile("[.!?]")).build());
        assertThat(before.text()).isEqualTo(sentence);
        assertThat(before.finish()).isEqualTo(FinishReason.STOP);
        Completion after = engine.complete(greedy().stopPattern(Pattern.compile("[.!?]"))
                .includeStopInOutput()
                .build());
        assertThat(after.text()).isEqualTo(plain.text().substring(0, sentence.length() + 1));
    }

    @Test
    void logitsProcessor_isMadeForEachAnswer() {
        List<List<Integer>> seen = Collections.synchronizedList(new ArrayList<>());
        Request request =
                greedy().maxTokens(5).logitsProcessor(() -> recording(seen)).build();
        List<Integer> forced = List.of(7, 7, 7, 7, 7);
        assertThat(engine.complete(request).ids()).isEqualTo(forced);
        assertThat(engine.complete(request).ids()).isEqualTo(forced);
        List<Integer> all = boxed(engine.tokenizer().encode(PROMPT));
        all.addAll(forced);
        assertThat(seen).containsExactly(all, all);
    }

    private static LogitsProcessor recording(List<List<Integer>> seen) {
        List<Integer> tokens = new ArrayList<>();
        seen.add(tokens);
        return new LogitsProcessor() {
            @Override
            public void process(float[] logits, int position) {
                assertThat(position).isEqualTo(tokens.size());
                logits[7] = 1e6f;
            }

            @Override
            public void accept(int token) {
                tokens.add(token);
            }
        };
    }

    @Test
    void logitsProcessor_failsItsOwnRequestAlone() {
        LogitsProcessor broken = (logits, position) -> {
            throw new UnsupportedOperationException("no more");
        };
        CompletableFuture<Completion> bad =
                engine.submit(greedy().logitsProcessor(() -> broken).build());
        CompletableFuture<Completion> good = engine.submit(greedy().build());
        assertThatThrownBy(bad::join).hasStackTraceContaining("no more");
        assertThat(good.join().ids()).isEqualTo(plain.ids());
    }

    @Test
    void stopPattern_thatTakesTooLongFailsItsOwnRequestAlone() {
        CompletableFuture<Completion> bad = engine.submit(
                greedy().stopPattern(Pattern.compile("((?:.|\\n)+)+#\\1")).build());
        CompletableFuture<Completion> good = engine.submit(greedy().build());
        assertThatThrownBy(bad::join).hasStackTraceContaining("repetitions inside repetitions");
        assertThat(good.join().ids()).isEqualTo(plain.ids());
    }

    @Test
    void everything_isTheSameAloneAndInCompany() {
        List<Request> requests = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            requests.add(Request.prompt(PROMPT)
                    .seed(seed)
                    .maxTokens(30)
                    .minTokens(20)
                    .bannedWords("the")
                    .sampling(s -> s.mirostat(new Mirostat(Mirostat.Version.V2, 3, 0.2))
                            .temperature(1.1)
                            .dynamicTemperature(new DynamicTemperature(0.4, 1))
                            .topNSigma(2)
                            .topP(0.95)
                            .topPDecay(new TopPDecay(0.9, 0.5, Set.of(3)))
                            .typicalP(0.95)
                            .xtc(new Xtc(0.5, 0.1))
                            .repetitionPenalty(1.1)
                            .penaltyWindow(16)
                            .dry(Dry.of(0.8))
                            .noRepeatNgramSize(4))
                    .build());
        }
        List<List<Integer>> alone =
                requests.stream().map(r -> engine.complete(r).ids()).toList();
        List<CompletableFuture<Completion>> together =
                requests.stream().map(engine::submit).toList();
        assertThat(together.stream().map(f -> f.join().ids()).toList()).isEqualTo(alone);
        assertThat(new HashSet<>(alone)).hasSize(4);
    }

    private static List<Integer> boxed(int[] ids) {
        return new ArrayList<>(Arrays.stream(ids).boxed().toList());
    }
}
