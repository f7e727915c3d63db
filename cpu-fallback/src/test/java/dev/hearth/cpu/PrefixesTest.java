package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Conversation;
import dev.hearth.Engine;
import dev.hearth.EngineClosedException;
import dev.hearth.Message;
import dev.hearth.Prefixes;
import dev.hearth.Request;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.CacheType;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prompts that begin alike: kept, pinned, forgotten, shared by choices and by the turns of a conversation. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PrefixesTest {
    private static final long PAGE_BYTES = 196_608; // of all layers

    private static Engine engine(int pages, int context) {
        return Engine.builder(TinyModel.folder())
                .threads(1)
                .contextLength(context)
                .cacheBytes(pages * PAGE_BYTES)
                .load();
    }

    private static Request.Builder request(int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 5 + (kind * 31 + i * 17) % 200;
        }
        return Request.tokens(ids).maxTokens(3).ignoreEos().temperature(0);
    }

    private static int cached(Engine engine, Request.Builder request) {
        return engine.complete(request.build()).usage().cachedTokens();
    }

    @Test
    void preload_computesAPromptForThoseWhoFollow() {
        try (Engine engine = engine(64, 256)) {
            assertThat(engine.prefixes().preload(request(1, 100).build())).isEqualTo(100);
            assertThat(engine.stats().outputTokens()).isZero();
            assertThat(cached(engine, request(1, 120))).isEqualTo(96);
        }
    }

    /** Attention reads what several have in common once, in whole segments of 256 positions. */
    @Test
    void commonBeginnings_ofManyAtOnceChangeNoBit() {
        try (Engine engine = engine(256, 512)) {
            List<Request> requests = IntStream.range(0, 9)
                    .mapToObj(i -> beginningAlike(i % 4 == 3 ? i : 0, 330 + 11 * i))
                    .toList();
            List<Completion> alone = requests.stream().map(engine::complete).toList();
            engine.prefixes().preload(requests.getFirst());
            List<CompletableFuture<Completion>> later =
                    requests.stream().map(engine::submit).toList();
            List<Completion> together =
                    later.stream().map(CompletableFuture::join).toList();
            assertThat(together).extracting(Completion::ids).isEqualTo(parts(alone, Completion::ids));
            assertThat(together).extracting(Completion::logprobs).isEqualTo(parts(alone, Completion::logprobs));
            assertThat(together.getFirst().usage().cachedTokens()).isGreaterThanOrEqualTo(256);
        }
    }

    private static <T> List<T> parts(List<Completion> completions, Function<Completion, T> part) {
        return completions.stream().map(part).toList();
    }

    /** The first 300 tokens are a kind's, the others its own. */
    private static Request beginningAlike(int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 5 + (i < 300 ? kind * 31 + i * 17 : length + i * i) % 200;
        }
        return Request.tokens(ids)
                .maxTokens(12)
                .ignoreEos()
                .temperature(0)
                .logprobs(2)
                .build();
    }

    @Test
    void pin_staysWhenOthersAreShortOfPagesUntilItIsClosed() {
        try (Engine engine = engine(20, 256)) {
            Prefixes.Pin pin = engine.prefixes().pin(request(0, 128).build());
            assertThat(pin.tokens()).isEqualTo(128);
            for (int kind = 1; kind < 6; kind++) {
                engine.complete(request(kind, 200).build());
            }
            assertThat(engine.stats().evictions()).isPositive();
            assertThat(cached(engine, request(0, 150))).isEqualTo(128);
            pin.close();
            pin.close();
            for (int kind = 6; kind < 11; kind++) {
                engine.complete(request(kind, 200).build());
            }
            assertThat(cached(engine, request(0, 150))).isZero();
        }
    }

    @Test
    void pin_thatLeavesTooLittleIsRefused() {
        try (Engine engine = engine(10, 256);
                Prefixes.Pin first = engine.prefixes().pin(request(1, 64).build())) {
            assertThat(first.tokens()).isEqualTo(64);
            assertThatThrownBy(() -> engine.prefixes().pin(request(2, 64).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 pages beside 2 that are pinned leave less than the 8 of 10");
            assertThat(engine.complete(request(3, 253).build()).ids()).hasSize(3);
        }
    }

    @Test
    void drop_forgetsAnIsolationAlone() {
        try (Engine engine = engine(64, 256)) {
            engine.complete(request(1, 100).isolation("a").build());
            engine.complete(request(1, 100).isolation("b").build());
            assertThat(engine.prefixes().drop("a")).isEqualTo(96);
            assertThat(engine.prefixes().drop("a")).isZero();
            assertThat(cached(engine, request(1, 100).isolation("a"))).isZero();
            assertThat(cached(engine, request(1, 100).isolation("b"))).isEqualTo(96);
        }
    }

    @Test
    void prefixes_ofAClosedEngineSaySo() {
        Engine engine = engine(16, 256);
        Prefixes prefixes = engine.prefixes();
        Prefixes.Pin pin = prefixes.pin(request(1, 64).build());
        engine.close();
        assertThatThrownBy(() -> prefixes.drop("")).isInstanceOf(EngineClosedException.class);
        assertThatThrownBy(() -> prefixes.preload(request(1, 64).build())).isInstanceOf(EngineClosedException.class);
        pin.close();
    }

    @Test
    void choices_computeTheirPromptOnceAndDrawApart() {
        try (Engine engine = engine(64, 256)) {
            Request request = request(1, 128)
                    .maxTokens(12)
                    .temperature(1.5)
                    .seed(4)
                    .choices(4)
                    .build();
            List<Completion> choices = engine.completeAll(request);
            assertThat(choices.stream().map(Completion::ids).distinct()).hasSize(4);
            assertThat(choices.stream().map(c -> c.usage().cachedTokens())).containsExactly(0, 96, 96, 96);
            assertThat(choices.stream().map(Completion::logprobs)).containsOnly(List.of());
            assertThat(engine.completeAll(request).stream().map(Completion::ids))
                    .isEqualTo(choices.stream().map(Completion::ids).toList());
            Request alone =
                    request(1, 128).maxTokens(12).temperature(1.5).seed(4).build();
            assertThat(engine.complete(alone).ids())
                    .isEqualTo(choices.getFirst().ids());
            assertThatThrownBy(() -> engine.complete(request))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("use completeAll");
        }
    }

    @Test
    void bestOf_givesThoseWhoseTokensAreLikeliest() {
        try (Engine engine = engine(64, 256)) {
            Request.Builder request =
                    request(1, 40).maxTokens(12).temperature(1.5).seed(9).logprobs(0);
            List<Completion> all = engine.completeAll(request.choices(6).build());
            List<Completion> best =
                    engine.completeAll(request.choices(2).bestOf(6).build());
            assertThat(best.stream().map(Completion::ids))
                    .isEqualTo(all.stream()
                            .sorted((a, b) -> Double.compare(sum(b), sum(a)))
                            .limit(2)
                            .map(Completion::ids)
                            .toList());
            assertThat(sum(best.getFirst())).isGreaterThan(sum(all.getLast()) - 100);
        }
    }

    private static double sum(Completion completion) {
        return completion.logprobs().stream()
                .mapToDouble(s -> s.logprob().orElseThrow())
                .sum();
    }

    @Test
    void conversation_findsItsFormerTurns() {
        try (Engine engine = engine(64, 512)) {
            Conversation chat = engine.conversation(Message.system("You are brief. ".repeat(20)))
                    .with(request -> request.temperature(0).maxTokens(8).withoutThinking());
            Completion first = chat.send("Hello!");
            Completion second = chat.send("And now?");
            assertThat(second.usage().cachedTokens())
                    .isGreaterThan(first.usage().promptTokens() / 2);
            assertThat(chat.messages()).hasSize(5);
            Conversation fork = chat.fork().rewind(2);
            assertThat(fork.messages()).hasSize(3);
            assertThat(fork.send("And now?").ids()).isEqualTo(second.ids());
            assertThat(chat.messages()).isEqualTo(fork.messages());
            assertThatThrownBy(() -> fork.rewind(6)).hasMessageContaining("expected 0 to 5 messages, found 6");
        }
    }

    @Test
    void file_givesAnotherEngineWhatThisOneKept(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("prefixes");
        Request.Builder request = request(1, 150).maxTokens(20);
        List<Integer> expected;
        try (Engine engine = engine(64, 256)) {
            expected = engine.complete(request.build()).ids();
            engine.complete(request(2, 100).isolation("another's").build());
            assertThat(engine.prefixes().save(file)).isEqualTo(160 + 96);
            assertThat(engine.prefixes().save(file)).as("over the first").isEqualTo(160 + 96);
        }
        try (Engine engine = engine(64, 256)) {
            assertThat(engine.prefixes().load(file)).isEqualTo(160 + 96);
            Completion found = engine.complete(request.build());
            assertThat(found.ids()).isEqualTo(expected);
            assertThat(found.usage().cachedTokens()).isEqualTo(128);
            assertThat(cached(engine, request(2, 100))).isZero();
            assertThat(cached(engine, request(2, 100).isolation("another's"))).isEqualTo(96);
            assertThat(engine.prefixes().load(file)).as("what is there already").isEqualTo(160 + 96);
            assertThat(engine.stats().usedPages()).isZero();
        }
        try (Engine engine = engine(8, 256)) {
            assertThat(engine.prefixes().load(file))
                    .as("as far as there is room")
                    .isEqualTo(256);
            assertThat(engine.complete(request.build()).ids()).isEqualTo(expected);
        }
    }

    @Test
    void file_thatIsBrokenOrOfAnotherModelIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("prefixes");
        try (Engine engine = engine(64, 256)) {
            engine.complete(request(1, 100).build());
            engine.prefixes().save(file);
            byte[] bytes = Files.readAllBytes(file);
            byte[] changed = bytes.clone();
            changed[bytes.length / 2] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> engine.prefixes().load(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("check sum");
            for (int length : new int[] {0, 5, 40, 120, bytes.length / 2, bytes.length - 1}) {
                Files.write(file, Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> engine.prefixes().load(file)).isInstanceOf(ModelFormatException.class);
            }
            assertThat(cached(engine, request(1, 100))).isEqualTo(96);
            Files.write(file, bytes);
        }
        try (Engine other = Engine.builder(TinyModel.folder())
                .cacheType(CacheType.F16)
                .contextLength(256)
                .load()) {
            assertThatThrownBy(() -> other.prefixes().load(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("model: expected");
        }
    }
}
