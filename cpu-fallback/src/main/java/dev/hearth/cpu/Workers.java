package dev.hearth.cpu;

import dev.hearth.spi.Device;
import dev.hearth.spi.host.Parallel;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one engine: the caller of {@link #run} and {@code threads - 1} daemon threads of the platform. They split
 * [0, count) into contiguous parts, one each, that depend on count, grain and the number of threads alone. A thread without work
 * spins for {@value #SPIN_NANOS} ns, then parks, so that an idle engine burns no CPU. {@link #run} allocates nothing.
 *
 * <p>One thread at a time may call; a second one, or a range that calls again, gets an IllegalStateException.
 */
final class Workers implements Parallel, AutoCloseable {
    /** Most threads that are accepted. */
    static final int MAX_THREADS = 1024;

    /* A worker has a mailbox of its own. The caller writes the job, then puts the number of the run into the mailboxes of those
     * who take part; who doesn't take part sees nothing of the run and cannot mistake its job for the next. Sleeping and waking
     * follow Dekker: each side writes its own flag, then reads the other's, both volatile, so at least one sees the other. */
    private static final long SPIN_NANOS = 30_000;
    private static final int SPINS_PER_LOOK = 64; // at the clock
    private static final int STRIDE =
            16; // longs from one mailbox to the next: 128 bytes, the prefetcher's pair of lines
    private static final long STOP = -1;
    private static final VarHandle MAILBOX = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ASLEEP = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle PENDING;
    private static final VarHandle WAITING;
    private static final VarHandle STATE;

    static {
        try {
            var lookup = MethodHandles.lookup();
            PENDING = lookup.findVarHandle(Workers.class, "pending", int.class);
            WAITING = lookup.findVarHandle(Workers.class, "waiting", Thread.class);
            STATE = lookup.findVarHandle(Workers.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Range NOTHING = (from, to) -> {};
    /* Processors belong to the process: an engine has to know whether others compute at the same time. */
    private static final AtomicInteger COMPUTING = new AtomicInteger();
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int CLOSED = 2;

    private final Thread[] threads; // 0 stays null: the caller
    private final long[] mailboxes;
    private final int[] asleep;
    private final @Nullable Throwable[] failures;
    private final long spinNanos;
    private final Optional<Pinning> pinning;

    private long runs;
    private long count;
    private int parts;
    private Range range = NOTHING;

    @SuppressWarnings("UnusedVariable") // by PENDING
    private volatile int pending;

    @SuppressWarnings("UnusedVariable") // by WAITING
    private volatile @Nullable Thread waiting;

    @SuppressWarnings("UnusedVariable") // by STATE
    private volatile int state = IDLE;

    /**
     * Starts the threads.
     *
     * @param threadCount 1 to {@value #MAX_THREADS}, the caller's included
     */
    Workers(int threadCount) {
        this(threadCount, Optional.empty());
    }

    /** The same on cores that it owns from here on. */
    Workers(int threadCount, Optional<Pinning> pinning) {
        if (threadCount < 1 || threadCount > MAX_THREADS) {
            throw new IllegalArgumentException("cpu: expected 1 to " + MAX_THREADS + " threads, found " + threadCount);
        }
        this.pinning = pinning;
        threads = new Thread[threadCount];
        mailboxes = new long[threadCount * STRIDE];
        asleep = new int[threadCount * STRIDE];
        failures = new Throwable[threadCount];
        // with more threads than processors whoever spins keeps another from its work
        spinNanos = threadCount <= Runtime.getRuntime().availableProcessors() ? SPIN_NANOS : 0;
        try {
            for (int i = 1; i < threadCount; i++) {
                int index = i;
                threads[i] =
                        Thread.ofPlatform().daemon().name("hearth-cpu-" + i).unstarted(() -> work(index));
                threads[i].start();
            }
        } catch (OutOfMemoryError e) { // the system grants no more threads
            close();
            throw e;
        }
    }

    /** Threads that work, the caller's included. */
    @Override
    public int threadCount() {
        return threads.length;
    }

    /**
     * See {@link Parallel#run}. If parts fail, the failure of the lowest part is thrown when all have ended, the others suppressed
     * in it. An interrupt of the caller is kept for later.
     */
    @Override
    public void run(long count, long grain, Range range) {
        if (count < 0 || grain < 1) {
            throw new IllegalArgumentException(
                    "cpu: expected a count of at least 0 and a grain of at least 1, found " + count + " and " + grain);
        }
        if (count == 0) {
            return;
        }
        enter();
        try {
            this.range = range;
            this.count = count;
            parts = (int) Math.max(1, Math.min(threads.length, count / grain));
            if (parts > 1) {
                PENDING.setVolatile(this, parts - 1);
                runs++;
                for (int i = 1; i < parts; i++) {
                    send(i, runs);
                }
            }
            part(0);
            if (parts > 1) {
                awaitOthers();
            }
            this.range = NOTHING; // holds on to nothing of the caller's
            rethrow();
        } finally {
            STATE.setRelease(this, IDLE);
        }
    }

    private void enter() {
        int found = (int) STATE.compareAndExchange(this, IDLE, RUNNING);
        if (found == CLOSED) {
            throw new IllegalStateException("cpu: the backend is closed");
        }
        if (found == RUNNING) {
            throw new IllegalStateException(
                    "cpu: another operation is under way; one thread at a time may use a queue");
        }
    }

    private void send(int worker, long message) {
        MAILBOX.setVolatile(mailboxes, worker * STRIDE, message);
        if ((int) ASLEEP.getVolatile(asleep, worker * STRIDE) != 0) {
            LockSupport.unpark(threads[worker]);
        }
    }

    private void part(int index) {
        long size = count / parts;
        long larger = count % parts; // the first parts have one task more
        long from = index * size + Math.min(index, larger);
        long to = from + size + (index < larger ? 1 : 0);
        try {
            range.run(from, to);
        } catch (Throwable t) {
            failures[index] = t;
        }
    }

    private void awaitOthers() {
        if (finishedSoon()) {
            return;
        }
        boolean interrupted = false;
        WAITING.setVolatile(this, Thread.currentThread());
        while ((int) PENDING.getVolatile(this) != 0) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        WAITING.setRelease(this, null);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** While the engines that have a turn have more threads than there are processors, who spins lets others run in between. */
    @Override
    public Device.Turn turn() {
        COMPUTING.addAndGet(threads.length);
        Optional<BitSet> before = pinning.map(p -> p.pin(0));
        return () -> {
            COMPUTING.addAndGet(-threads.length);
            before.ifPresent(mask -> pinning.orElseThrow().release(mask));
        };
    }

    @SuppressWarnings("ThreadPriorityCheck") // it need not help, and harms nobody
    private static void breathe() {
        if (COMPUTING.get() > PROCESSORS) {
            Thread.yield();
        }
    }

    private void work(int index) {
        pinning.ifPresent(p -> p.pin(index));
        long seen = 0;
        while (true) {
            long message = await(index, seen);
            if (message == STOP) {
                return;
            }
            seen = message;
            part(index);
            if ((int) PENDING.getAndAdd(this, -1) == 1) {
                Thread caller = (Thread) WAITING.getVolatile(this);
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    private long await(int index, long seen) {
        if (!arrivedSoon(index, seen)) {
            ASLEEP.setVolatile(asleep, index * STRIDE, 1);
            while ((long) MAILBOX.getVolatile(mailboxes, index * STRIDE) == seen) {
                LockSupport.park(this);
                Thread.interrupted(); // or park would return at once for ever
            }
            ASLEEP.setRelease(asleep, index * STRIDE, 0);
        }
        return (long) MAILBOX.getAcquire(mailboxes, index * STRIDE);
    }

    /** Spins until the other parts are done; false if that took too long. */
    private boolean finishedSoon() {
        long deadline = System.nanoTime() + spinNanos;
        do {
            for (int i = 0; i < SPINS_PER_LOOK; i++) {
                if ((int) PENDING.getAcquire(this) == 0) {
                    return true;
                }
                Thread.onSpinWait();
            }
            breathe();
        } while (System.nanoTime() < deadline);
        return false;
    }

    /** Spins until the mailbox changes; false if that took too long. */
    private boolean arrivedSoon(int index, long seen) {
        long deadline = System.nanoTime() + spinNanos;
        do {
            for (int i = 0; i < SPINS_PER_LOOK; i++) {
                if ((long) MAILBOX.getAcquire(mailboxes, index * STRIDE) != seen) {
                    return true;
                }
                Thread.onSpinWait();
            }
            breathe();
        } while (System.nanoTime() < deadline);
        return false;
    }

    @SuppressWarnings("ReferenceEquality") // what counts is that nothing suppresses itself
    private void rethrow() {
        Throwable first = null;
        for (int i = 0; i < parts; i++) {
            Throwable failure = failures[i];
            failures[i] = null;
            if (first == null) {
                first = failure;
            } else if (failure != null && failure != first) {
                first.addSuppressed(failure);
            }
        }
        switch (first) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("cpu: a range threw a checked exception", first);
        }
    }

    /**
     * Stops the threads and returns when they have ended. Closing twice is harmless.
     *
     * @throws IllegalStateException while an operation is under way
     */
    @Override
    public void close() {
        int found = (int) STATE.compareAndExchange(this, IDLE, CLOSED);
        if (found == RUNNING) {
            throw new IllegalStateException("cpu: cannot close while an operation is under way");
        }
        if (found == CLOSED) {
            return;
        }
        for (int i = 1; i < threads.length && threads[i] != null; i++) {
            send(i, STOP);
        }
        boolean interrupted = false;
        for (int i = 1; i < threads.length && threads[i] != null; i++) {
            while (threads[i].isAlive()) {
                try {
                    threads[i].join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        pinning.ifPresent(Pinning::close);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
