package dev.hearth.spi.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
    private record Part(long from, long to, Thread thread) {}

    @Property(tries = 300)
    void run_doesEveryTaskOnce(
            @ForAll @IntRange(min = 0, max = 2000) int count,
            @ForAll @IntRange(min = 1, max = 300) int grain,
            @ForAll @IntRange(min = 1, max = 6) int threads) {
        try (Workers workers = new Workers("cpu", threads)) {
            for (int round = 0; round < 3; round++) {
                AtomicIntegerArray done = new AtomicIntegerArray(count);
                ConcurrentLinkedQueue<Part> parts = new ConcurrentLinkedQueue<>();
                workers.run(count, grain, (from, to) -> {
                    parts.add(new Part(from, to, Thread.currentThread()));
                    for (long i = from; i < to; i++) {
                        done.incrementAndGet((int) i);
                    }
                });
                for (int i = 0; i < count; i++) {
                    assertThat(done.get(i)).isEqualTo(1);
                }
                int most = Math.min(threads, count / grain);
                assertThat(parts.stream().map(Part::thread).distinct())
                        .hasSizeBetween(Math.min(count, 1), Math.max(1, most));
                if (most > 1) {
                    assertThat(parts).allMatch(part -> part.to() - part.from() >= grain);
                }
            }
        }
    }

    @Property(tries = 200)
    void run_splitsHugeRanges(@ForAll @LongRange(min = 1) long count, @ForAll @IntRange(min = 1, max = 4) int threads) {
        try (Workers workers = new Workers("cpu", threads)) {
            AtomicLong total = new AtomicLong();
            AtomicLong pieces = new AtomicLong();
            workers.run(count, 1, (from, to) -> {
                total.addAndGet(to - from);
                pieces.incrementAndGet();
            });
            assertThat(total).hasValue(count);
            assertThat(pieces).hasValueBetween(1, 64L * threads);
        }
    }

    /** A thread that is held up keeps nothing but what it has begun: three quarters of its half at most. */
    @Test
    @Timeout(60)
    void run_takesWhatOthersHaveNotBegun() {
        try (Workers workers = new Workers("cpu", 2)) {
            Thread caller = Thread.currentThread();
            AtomicLong byCaller = new AtomicLong();
            Phaser rest = new Phaser(1);
            workers.run(1000, 1, (from, to) -> {
                if (Thread.currentThread() != caller) {
                    rest.awaitAdvance(0);
                } else if (byCaller.addAndGet(to - from) >= 625) {
                    rest.arrive();
                }
            });
            assertThat(byCaller).hasValueBetween(625, 1000);
        }
    }

    /** Who doesn't come in time isn't waited for. */
    @Test
    @Timeout(60)
    void run_endsWithoutThreadsThatHaveNotBegun() {
        try (Workers workers = new Workers("cpu", 8)) {
            for (int round = 0; round < 2000; round++) {
                AtomicLong sum = new AtomicLong();
                workers.run(1 + round % 9, 1, (from, to) -> sum.addAndGet(to - from));
                assertThat(sum).hasValue(1 + round % 9);
            }
        }
    }

    /** Runs one task on each thread and returns the others. */
    private static Set<Thread> others(Workers workers) {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        Phaser all = new Phaser(workers.threadCount());
        workers.run(workers.threadCount(), 1, (from, to) -> {
            seen.add(Thread.currentThread());
            all.arriveAndAwaitAdvance();
        });
        seen.remove(Thread.currentThread());
        return seen;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8}) // 8: more threads than this machine may have processors
    @Timeout(60)
    void run_isAFenceForPlainMemory(int threads) {
        try (Workers workers = new Workers("cpu", threads)) {
            long[] values = new long[1000];
            for (int round = 1; round <= 5000; round++) {
                int expected = round;
                int count = 1 + round % values.length;
                workers.run(count, 1 + round % 7, (from, to) -> {
                    for (int i = (int) from; i < to; i++) {
                        values[i] += expected; // the thread that did it last time is often another
                    }
                });
            }
            for (int i = 0; i < values.length; i++) {
                long sum = 0;
                for (int round = 1; round <= 5000; round++) {
                    sum += i < 1 + round % values.length ? round : 0;
                }
                assertThat(values[i]).isEqualTo(sum);
            }
        }
    }

    @Test
    @Timeout(60)
    void run_wakesParkedThreads() throws InterruptedException {
        try (Workers workers = new Workers("cpu", 3)) {
            for (int round = 0; round < 50; round++) {
                Thread.sleep(round % 3);
                AtomicLong sum = new AtomicLong();
                workers.run(3, 1, (from, to) -> {
                    pause(round(from) * 2); // the caller parks too
                    sum.addAndGet(to - from);
                });
                assertThat(sum).hasValue(3);
            }
        }
    }

    /** A thread that waits uses no time. */
    @Test
    @Timeout(60)
    void idleThreads_park() {
        try (Workers workers = new Workers("cpu", 3)) {
            Set<Thread> seen = others(workers);
            assertThat(seen).hasSize(2);
            for (Thread thread : seen) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait(); // for ever, if it spun for ever
                }
            }
        }
    }

    private static long round(long from) {
        return from % 2;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Timeout(30)
    void idleThreads_burnNoTime() throws InterruptedException {
        var threads = ManagementFactory.getThreadMXBean();
        Set<Thread> seen;
        try (Workers workers = new Workers("cpu", 3)) {
            seen = others(workers);
            assertThat(seen).hasSize(2).allMatch(Thread::isDaemon).allMatch(t -> !t.isVirtual());
            Thread.sleep(50);
            List<Long> before = seen.stream()
                    .map(t -> threads.getThreadCpuTime(t.threadId()))
                    .toList();
            Thread.sleep(200);
            List<Long> after = seen.stream()
                    .map(t -> threads.getThreadCpuTime(t.threadId()))
                    .toList();
            assertThat(after).isEqualTo(before);
        }
        assertThat(seen).noneMatch(Thread::isAlive);
    }

    @Test
    void run_throwsTheFirstFailureWithTheOthersSuppressed() {
        try (Workers workers = new Workers("cpu", 4)) {
            AtomicLong ended = new AtomicLong();
            Phaser all = new Phaser(4);
            Throwable thrown = catchThrowable(() -> workers.run(4, 1, (from, to) -> {
                all.arriveAndAwaitAdvance();
                pause(from == 1 ? 20 : 0);
                ended.incrementAndGet();
                if (from > 0) {
                    throw new IllegalArgumentException("part " + from);
                }
            }));
            assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasMessage("part 1");
            assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).containsExactly("part 2", "part 3");
            assertThat(ended).hasValue(4);
            AtomicLong after = new AtomicLong();
            workers.run(4, 1, (from, to) -> after.addAndGet(to - from));
            assertThat(after).hasValue(4);
        }
    }

    @Test
    void run_throwsErrorsAndSharedFailuresOnce() {
        try (Workers workers = new Workers("cpu", 3)) {
            AssertionError error = new AssertionError("shared");
            Throwable thrown = catchThrowable(() -> workers.run(3, 1, (from, to) -> {
                throw error;
            }));
            assertThat(thrown).isSameAs(error);
            assertThat(thrown.getSuppressed()).isEmpty();
        }
    }

    @Test
    @Timeout(30)
    void interruptOfTheCaller_isKeptAndBreaksNothing() {
        try (Workers workers = new Workers("cpu", 3)) {
            Phaser all = new Phaser(3);
            Thread caller = Thread.currentThread();
            for (int round = 0; round < 20; round++) {
                Thread.currentThread().interrupt();
                AtomicLong sum = new AtomicLong();
                workers.run(3, 1, (from, to) -> {
                    all.arriveAndAwaitAdvance();
                    if (Thread.currentThread() != caller) {
                        pause(2);
                    }
                    sum.addAndGet(to - from);
                });
                assertThat(sum).hasValue(3);
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    @Timeout(30)
    void interruptOfAWorker_breaksNothing() throws InterruptedException {
        try (Workers workers = new Workers("cpu", 2)) {
            Set<Thread> seen = others(workers);
            for (int round = 0; round < 20; round++) {
                seen.forEach(Thread::interrupt);
                Thread.sleep(1);
                AtomicLong sum = new AtomicLong();
                workers.run(2, 1, (from, to) -> sum.addAndGet(to - from));
                assertThat(sum).hasValue(2);
            }
        }
    }

    @Test
    @Timeout(30)
    void secondCaller_isRefused() throws InterruptedException {
        try (Workers workers = new Workers("cpu", 2)) {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            AtomicBoolean finished = new AtomicBoolean();
            Thread first = new Thread(() -> {
                workers.run(1, 1, (from, to) -> {
                    inside.countDown();
                    try {
                        leave.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
                finished.set(true);
            });
            first.start();
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(() -> workers.run(1, 1, (from, to) -> {}))
                    .withMessageContaining("one thread at a time");
            assertThatIllegalStateException().isThrownBy(workers::close).withMessageContaining("under way");
            leave.countDown();
            first.join();
            assertThat(finished).isTrue();
        }
    }

    @Test
    void run_insideARange_isRefused() {
        try (Workers workers = new Workers("cpu", 1)) {
            Parallel.Range nested = (from, to) -> workers.run(1, 1, (a, b) -> {});
            assertThatIllegalStateException().isThrownBy(() -> workers.run(1, 1, nested));
        }
    }

    @Test
    void close_isFinalAndHarmlessTwice() {
        Workers workers = new Workers("cpu", 4);
        workers.close();
        workers.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> workers.run(1, 1, (from, to) -> {}))
                .withMessageContaining("closed");
    }

    @Test
    void close_whileInterrupted_stillJoins() {
        Workers workers = new Workers("cpu", 3);
        Set<Thread> seen = others(workers);
        Thread.currentThread().interrupt();
        workers.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).hasSize(2).noneMatch(Thread::isAlive);
    }

    @Test
    void run_allocatesNothing() {
        var bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Workers workers = new Workers("cpu", 2)) {
            Parallel.Range nothing = (from, to) -> {};
            for (int i = 0; i < 20_000; i++) {
                workers.run(2, 1, nothing);
            }
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                workers.run(2, 1, nothing);
            }
            // a compilation in between may leave a little; ten bytes a run would be 100,000
            assertThat(bean.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
        }
    }

    @Test
    void badArguments_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Workers("cpu", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Workers("cpu", Workers.MAX_THREADS + 1));
        try (Workers workers = new Workers("cpu", 1)) {
            assertThatIllegalArgumentException().isThrownBy(() -> workers.run(-1, 1, (from, to) -> {}));
            assertThatIllegalArgumentException().isThrownBy(() -> workers.run(1, 0, (from, to) -> {}));
        }
    }
}
