package dev.hearth.spi.host;

import dev.hearth.spi.Device;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one engine: the caller of {@link #run} and {@code threads - 1} daemon threads of the platform. [0, count) is split
 * into contiguous parts, one each; a thread takes its own piece by piece, then pieces of the others', so that nobody waits for one
 * that comes late or is slow. A thread without work spins for {@value #SPIN_NANOS} ns, then parks, so that an idle engine burns no
 * CPU. {@link #run} allocates nothing.
 *
 * <p>One thread at a time may call; a second one, or a range that calls again, gets an IllegalStateException.
 */
public final class Workers implements Parallel, AutoCloseable {
    /** Most threads that are accepted. */
    public static final int MAX_THREADS = 1024;

    /* A worker has a mailbox of its own. The caller writes the job, then OFFERED; the worker makes it TAKEN before it looks at the
     * job, and FREE when there is nothing left to do. Once all tasks are taken, the caller withdraws what is still on offer, and
     * waits for those who took it alone. Sleeping and waking follow Dekker: each side writes its own flag, then reads the other's,
     * both volatile, so at least one sees the other. */
    private static final long SPIN_NANOS =
            200_000; // some times what waking takes: or those who wake find the others asleep
    private static final int SPINS_PER_LOOK = 64; // at the clock
    private static final int STRIDE =
            32; // from one thread's to the next: 128 bytes or more, the prefetcher's pair of lines
    private static final int MOST_PIECES = 16; // of a part: each costs a call
    private static final int FREE = 0;
    private static final int OFFERED = 1;
    private static final int TAKEN = 2;
    private static final int STOP = 3;
    private static final VarHandle MAILBOX = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle ASLEEP = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle WAITING;
    private static final VarHandle STATE;

    static {
        try {
            var lookup = MethodHandles.lookup();
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
    private final int[] mailboxes;
    private final int[] asleep;
    private final long[] next; // task of a part that nobody has taken
    private final @Nullable Throwable[] failures;
    private final long spinNanos;
    private final String name;
    private final Optional<Seats> seats;

    private long count;
    private long grain;
    private int parts;
    private Range range = NOTHING;

    @SuppressWarnings("UnusedVariable") // by WAITING
    private volatile @Nullable Thread waiting;

    @SuppressWarnings("UnusedVariable") // by STATE
    private volatile int state = IDLE;

    /** Where threads run. Thread-safe; closed when they have ended. */
    public interface Seats extends AutoCloseable {
        /** Moves the calling thread to where one of the threads belongs, counted from 0; what it gives moves it back. */
        Runnable take(int thread);

        @Override
        void close();
    }

    /**
     * Starts the threads.
     *
     * @param name what errors and the threads' names begin with, as in {@code cpu}
     * @param threadCount 1 to {@value #MAX_THREADS}, the caller's included
     */
    public Workers(String name, int threadCount) {
        this(name, threadCount, Optional.empty());
    }

    /** The same in seats that it owns from here on. */
    public Workers(String name, int threadCount, Optional<Seats> seats) {
        if (threadCount < 1 || threadCount > MAX_THREADS) {
            throw new IllegalArgumentException(
                    name + ": expected 1 to " + MAX_THREADS + " threads, found " + threadCount);
        }
        this.name = name;
        this.seats = seats;
        threads = new Thread[threadCount];
        mailboxes = new int[threadCount * STRIDE];
        asleep = new int[threadCount * STRIDE];
        next = new long[threadCount * STRIDE];
        failures = new Throwable[threadCount];
        // with more threads than processors whoever spins keeps another from its work
        spinNanos = threadCount <= Runtime.getRuntime().availableProcessors() ? SPIN_NANOS : 0;
        try {
            for (int i = 1; i < threadCount; i++) {
                int index = i;
                threads[i] = Thread.ofPlatform()
                        .daemon()
                        .name("hearth-" + name + "-" + i)
                        .unstarted(() -> work(index));
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
            throw new IllegalArgumentException(name
                    + ": expected a count of at least 0 and a grain of at least 1, found " + count + " and " + grain);
        }
        if (count == 0) {
            return;
        }
        enter();
        try {
            this.range = range;
            this.count = count;
            this.grain = grain;
            parts = (int) Math.max(1, Math.min(threads.length, count / grain));
            for (int i = 0; i < parts; i++) {
                next[i * STRIDE] = start(i);
            }
            for (int i = 1; i < parts; i++) {
                send(i, OFFERED);
            }
            takePart(0);
            awaitOthers();
            this.range = NOTHING; // holds on to nothing of the caller's
            rethrow();
        } finally {
            STATE.setRelease(this, IDLE);
        }
    }

    private void enter() {
        int found = (int) STATE.compareAndExchange(this, IDLE, RUNNING);
        if (found == CLOSED) {
            throw new IllegalStateException(name + ": the backend is closed");
        }
        if (found == RUNNING) {
            throw new IllegalStateException(
                    name + ": another operation is under way; one thread at a time may use a queue");
        }
    }

    private void send(int worker, int message) {
        MAILBOX.setVolatile(mailboxes, worker * STRIDE, message);
        if ((int) ASLEEP.getVolatile(asleep, worker * STRIDE) != 0) {
            ASLEEP.setVolatile(asleep, worker * STRIDE, 0);
            LockSupport.unpark(threads[worker]);
        }
    }

    /** The first task of a part, the first of which have one task more; of part {@link #parts} the count. */
    private long start(int part) {
        return count / parts * part + Math.min(part, count % parts);
    }

    private void takePart(int index) {
        try {
            for (int i = 0; i < parts; i++) {
                int part = index + i < parts ? index + i : index + i - parts;
                takePieces(part, start(part + 1));
            }
        } catch (Throwable t) {
            failures[index] = t;
        }
    }

    /** Three quarters of what is left, again and again: few pieces, as each costs a call, and small ones last, so that all end together. */
    private void takePieces(int part, long end) {
        long least = Math.max(grain, (end - start(part)) / MOST_PIECES);
        long from = (long) NEXT.getOpaque(next, part * STRIDE);
        while (from < end) {
            long size = Math.max(least, (end - from) / 4 * 3);
            long to = end - from - size < least ? end : from + size;
            long found = (long) NEXT.compareAndExchange(next, part * STRIDE, from, to);
            if (found == from) {
                range.run(from, to);
                found = (long) NEXT.getOpaque(next, part * STRIDE);
            }
            from = found;
        }
    }

    private void awaitOthers() {
        for (int i = 1; i < parts; i++) {
            if (!MAILBOX.compareAndSet(mailboxes, i * STRIDE, OFFERED, FREE) && !changesSoon(i, TAKEN)) {
                sleepUntilFree(i);
            }
        }
    }

    private void sleepUntilFree(int worker) {
        boolean interrupted = false;
        WAITING.setVolatile(this, Thread.currentThread());
        while ((int) MAILBOX.getVolatile(mailboxes, worker * STRIDE) != FREE) {
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
        Optional<Runnable> leave = seats.map(s -> s.take(0));
        return () -> {
            COMPUTING.addAndGet(-threads.length);
            leave.ifPresent(Runnable::run);
        };
    }

    @SuppressWarnings("ThreadPriorityCheck") // it need not help, and harms nobody
    private static void breathe() {
        if (COMPUTING.get() > PROCESSORS) {
            Thread.yield();
        }
    }

    private void work(int index) {
        seats.ifPresent(s -> s.take(index));
        while (await(index) != STOP) {
            if (MAILBOX.compareAndSet(mailboxes, index * STRIDE, OFFERED, TAKEN)) {
                takePart(index);
                MAILBOX.setVolatile(mailboxes, index * STRIDE, FREE);
                Thread caller = (Thread) WAITING.getVolatile(this);
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    /** What is in the mailbox, once it isn't free. */
    private int await(int index) {
        while (!changesSoon(index, FREE)) {
            ASLEEP.setVolatile(asleep, index * STRIDE, 1);
            if ((int) MAILBOX.getVolatile(mailboxes, index * STRIDE) == FREE) {
                LockSupport.park(this);
                Thread.interrupted(); // or park would return at once for ever
            }
            ASLEEP.setVolatile(asleep, index * STRIDE, 0);
        }
        return (int) MAILBOX.getAcquire(mailboxes, index * STRIDE);
    }

    /** Spins until a mailbox holds something else; false if that took too long. */
    private boolean changesSoon(int worker, int now) {
        long deadline = System.nanoTime() + spinNanos;
        do {
            for (int i = 0; i < SPINS_PER_LOOK; i++) {
                if ((int) MAILBOX.getAcquire(mailboxes, worker * STRIDE) != now) {
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
            default -> throw new IllegalStateException(name + ": a range threw a checked exception", first);
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
            throw new IllegalStateException(name + ": cannot close while an operation is under way");
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
        seats.ifPresent(Seats::close);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
