package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.Terms;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop under listeners that misbehave and caches that run full. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EngineLoopTest {
    private static final int CACHE_POSITIONS = 64;

    private final Backend backend = new CpuBackendProvider().open(BackendOptions.DEFAULT);
    private final ModelSource source = ModelSource.open(Reference.resource("oracles/qwen3"), Loading.MAPPED);
    private final ModelConfig config = source.config();
    private final Weights weights;
    private EngineLoop loop;

    EngineLoopTest() {
        Device device = backend.devices().getFirst();
        weights = new Weights(source.catalog(), config, device, part -> {});
        var decoder = Architectures.build(config, weights);
        long bytes = dev.hearth.state.StateCache.bytes(decoder.states(), CacheType.F32, CACHE_POSITIONS);
        loop = new EngineLoop(
                new Runner(decoder, device, Precision.EXACT, CacheType.F32, CACHE_POSITIONS, bytes),
                EngineLoop.Limits.DEFAULT,
                "loop-under-test",
                System::nanoTime);
    }

    @BeforeEach
    void fits() {
        assertThat(loop.positionLimit()).isEqualTo(CACHE_POSITIONS);
    }

    @AfterEach
    void close() {
        loop.close();
        weights.close();
        backend.close();
        source.close();
    }

    /** Takes so many tokens greedily, then stops or throws. */
    private class Taker implements Sequence.Listener {
        final TokenList tokens = new TokenList(1, 2, 3);
        final CompletableFuture<Sequence.End> ended = new CompletableFuture<>();
        private final int wanted;
        private final boolean defective;
        private int taken;

        @Nullable
        Throwable failure;

        Taker(int wanted, boolean defective) {
            this.wanted = wanted;
            this.defective = defective;
        }

        Taker submit() {
            loop.submit(tokens, tokens.size() + wanted, Terms.DEFAULT, this);
            return this;
        }

        @Override
        public Chunk.Logits wanted(boolean last) {
            return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
        }

        @Override
        public int chunkLimit() {
            return 2;
        }

        @Override
        public void accept(Results results, int row, int count, int position) {
            if (++taken == wanted && defective) {
                throw new IllegalStateException("defect of a listener");
            }
            if (taken < wanted) {
                int best = 0;
                for (int id = 1; id < config.vocabSize(); id++) {
                    best = results.all().getFloat(row, id) > results.all().getFloat(row, best) ? id : best;
                }
                tokens.add(best);
            }
        }

        @Override
        public void ended(Sequence.End end, @Nullable Throwable cause) {
            failure = cause;
            ended.complete(end);
            if (defective) {
                throw new IllegalStateException("defect at the end, too");
            }
        }
    }

    @Test
    void listenerThatThrows_failsItsOwnSequenceOnly() {
        Taker good = new Taker(12, false).submit();
        Taker bad = new Taker(3, true).submit();
        Taker alsoGood = new Taker(9, false).submit();
        assertThat(bad.ended.join()).isEqualTo(Sequence.End.FAILED);
        assertThat(bad.failure).hasMessage("defect of a listener");
        assertThat(good.ended.join()).isEqualTo(Sequence.End.DONE);
        assertThat(alsoGood.ended.join()).isEqualTo(Sequence.End.DONE);
        assertThat(good.tokens.from(0)).startsWith(alsoGood.tokens.from(0));
        assertThat(loop.stats().usedPages()).isZero();
    }

    @Test
    void preparation_comesBeforeAnybodysTurnAndFailsItsOwnSequenceOnly() {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        final class Noting extends Taker {
            private final boolean fails;

            Noting(boolean fails) {
                super(3, false);
                this.fails = fails;
            }

            @Override
            public void prepare(Results results, int row, int count, int position) {
                heard.add("prepares " + results.all().getFloat(row, 0));
                if (fails && position > 2) {
                    throw new IllegalStateException("defect of a preparation");
                }
            }

            @Override
            public void accept(Results results, int row, int count, int position) {
                heard.add("accepts " + results.all().getFloat(row, 0));
                super.accept(results, row, count, position);
            }
        }
        Taker good = new Noting(false).submit();
        assertThat(good.ended.join()).isEqualTo(Sequence.End.DONE);
        List<String> alone = List.copyOf(heard);
        assertThat(alone).hasSize(6);
        for (int i = 0; i < 6; i += 2) { // the same row each time
            assertThat(alone.get(i)).isEqualTo(alone.get(i + 1).replace("accepts", "prepares"));
        }
        Taker bad = new Noting(true).submit();
        Taker beside = new Noting(false).submit();
        assertThat(bad.ended.join()).isEqualTo(Sequence.End.FAILED);
        assertThat(bad.failure).hasMessage("defect of a preparation");
        assertThat(bad.tokens.from(0)).hasSize(4);
        assertThat(beside.ended.join()).isEqualTo(Sequence.End.DONE);
        assertThat(beside.tokens.from(0)).isEqualTo(good.tokens.from(0));
        assertThat(loop.stats().usedPages()).isZero();
    }

    @Test
    void waitingSequences_followWhenNoneRunsAnyMore() {
        Taker[] takers = new Taker[5]; // each needs most of the cache: one at a time
        for (int i = 0; i < takers.length; i++) {
            takers[i] = new Taker(40, false).submit();
        }
        for (Taker taker : takers) {
            assertThat(taker.ended.join()).isEqualTo(Sequence.End.DONE);
            assertThat(taker.tokens.from(0)).isEqualTo(takers[0].tokens.from(0));
        }
        assertThat(loop.stats().usedPages()).isZero();
    }

    @Test
    void sequenceThatNeverFits_isRefused() {
        assertThatThrownBy(() -> new Taker(200, false).submit())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("203")
                .hasMessageContaining("64");
    }

    @Test
    void close_tellsThoseThatWaitToo() {
        Taker first = new Taker(60, false).submit();
        Taker second = new Taker(60, false).submit();
        loop.close();
        assertThat(second.ended.join()).isEqualTo(Sequence.End.CLOSED);
        assertThat(first.ended.join()).isIn(Sequence.End.CLOSED, Sequence.End.DONE);
        assertThat(loop.submit(new TokenList(1), 2, Terms.DEFAULT, first)).isNull();
    }
}
