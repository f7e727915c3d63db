package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
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
import dev.hearth.spi.Precision;
import dev.hearth.state.StateCache;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deadlines of a loop whose clock stands still until a test moves it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DeadlinesTest {
    private static final long START = Long.MAX_VALUE / 2;
    private static final int POSITIONS = 128;

    private final AtomicLong clock = new AtomicLong(START);
    private final Backend backend = new CpuBackendProvider().open(BackendOptions.DEFAULT);
    private final ModelSource source = ModelSource.open(Reference.resource("oracles/qwen3"), Loading.MAPPED);
    private final Weights weights =
            new Weights(source.catalog(), source.config(), backend.devices().getFirst(), part -> {});
    private final EngineLoop loop = loop();

    private EngineLoop loop() {
        var network = Architectures.build(source.config(), weights);
        long bytes = StateCache.bytes(network.states(), CacheType.F32, POSITIONS);
        var runner =
                new Runner(network, backend.devices().getFirst(), Precision.EXACT, CacheType.F32, POSITIONS, bytes);
        return new EngineLoop(
                runner, new EngineLoop.Limits(64, 2, 8, Duration.ofMillis(100)), "loop-under-test", clock::get);
    }

    @AfterEach
    void close() {
        loop.close();
        weights.close();
        backend.close();
        source.close();
    }

    /** Gives the token 1 whenever it is allowed to. */
    private final class Reader implements Sequence.Listener {
        final TokenList tokens = new TokenList(1, 2, 3);
        final CompletableFuture<Sequence.End> ended = new CompletableFuture<>();
        final Semaphore allowed = new Semaphore(0);
        final Semaphore given = new Semaphore(0);
        private final int wanted;
        private int taken;
        private final Sequence sequence;

        Reader(int wanted, Terms terms) {
            this.wanted = wanted;
            sequence = Objects.requireNonNull(loop.submit(tokens, tokens.size() + wanted, terms, this));
        }

        Reader allow(int count) {
            allowed.release(count);
            sequence.wake();
            return this;
        }

        @Override
        public Chunk.Logits wanted(boolean last) {
            return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
        }

        @Override
        public boolean choosesTokens() {
            return true;
        }

        @Override
        public int chunkLimit() {
            return 64;
        }

        @Override
        public boolean ready() {
            return allowed.availablePermits() > 0;
        }

        @Override
        public void accept(Results results, int row, int count, int position) {
            allowed.acquireUninterruptibly();
            if (++taken < wanted) {
                tokens.add(1);
            }
            given.release();
        }

        @Override
        public void ended(Sequence.End end, @Nullable Throwable failure) {
            ended.complete(end);
        }
    }

    private static Terms terms(long firstNanos, long totalNanos) {
        return new Terms(0, "", "", firstNanos, totalNanos);
    }

    /** Moves the clock, and waits until the loop has looked at it. */
    private void at(long nanos) {
        clock.set(START + nanos);
        assertThat(new Reader(1, Terms.DEFAULT).allow(1).ended.join()).isEqualTo(Sequence.End.DONE);
    }

    @Test
    void sequence_endsAtItsDeadlineAndNotBefore() {
        Reader reader = new Reader(50, terms(Terms.NEVER, START + 1000)).allow(2);
        reader.given.acquireUninterruptibly(2);
        at(999);
        assertThat(reader.ended).isNotDone();
        assertThat(loop.stats().usedPages()).isPositive();
        clock.set(START + 1000);
        reader.sequence.wake();
        assertThat(reader.ended.join()).isEqualTo(Sequence.End.LATE);
        assertThat(loop.stats().usedPages()).isZero();
        assertThat(loop.stats().ends().late()).isOne();
    }

    @Test
    void firstDeadline_isOverWithTheFirstToken() {
        Reader slow = new Reader(5, terms(START + 500, START + 2000));
        Reader quick = new Reader(5, terms(START + 500, START + 2000)).allow(1);
        quick.given.acquireUninterruptibly();
        at(500);
        assertThat(slow.ended.join()).isEqualTo(Sequence.End.LATE);
        at(1999);
        assertThat(quick.ended).isNotDone();
        clock.set(START + 2000);
        quick.sequence.wake();
        assertThat(quick.ended.join()).isEqualTo(Sequence.End.LATE);
    }

    @Test
    void sequenceThatWaitsForItsTurn_endsTooAndOthersGoOn() {
        Reader first = new Reader(100, Terms.DEFAULT).allow(100);
        Reader waits = new Reader(5, terms(Terms.NEVER, START + 10));
        Reader patient = new Reader(5, terms(Terms.NEVER, START + 11)).allow(5);
        assertThat(patient.ended.join()).isEqualTo(Sequence.End.DONE);
        clock.set(START + 10);
        waits.sequence.wake();
        assertThat(waits.ended.join()).isEqualTo(Sequence.End.LATE);
        assertThat(first.ended.join()).isEqualTo(Sequence.End.DONE);
    }

    @Test
    void times_areByTheClock() {
        Reader reader = new Reader(2, Terms.DEFAULT);
        clock.set(START + 5_000_000);
        reader.allow(1).given.acquireUninterruptibly();
        at(5_000_000);
        clock.set(START + 8_000_000);
        reader.allow(1);
        assertThat(reader.ended.join()).isEqualTo(Sequence.End.DONE);
        assertThat(loop.latencies().firstToken().max()).isEqualTo(Duration.ofMillis(5));
        assertThat(loop.latencies().interToken().max()).isEqualTo(Duration.ofMillis(3));
        assertThat(loop.latencies().request().max()).isEqualTo(Duration.ofMillis(8));
    }
}
