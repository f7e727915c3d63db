package dev.hearth;

import dev.hearth.schedule.Sequence;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A running generation: its events as they come. Iterate once, from one thread; {@link #close()} and {@link #completion()} may be
 * used from any. Interrupting the thread that waits for an event cancels the generation: the wait ends with a
 * {@link java.util.concurrent.CancellationException} and the thread stays interrupted.
 *
 * <p>A reader that has begun and falls behind by {@value #MOST_UNREAD} events holds the generation back, and no other, until it has
 * caught up by half or somebody asks for the {@link #completion()}.
 */
public final class Generation implements Iterable<Event>, AutoCloseable {
    private static final int MOST_UNREAD = 128;

    private final LinkedBlockingQueue<Event> queue =
            new LinkedBlockingQueue<>(); // few more than MOST_UNREAD for a reader
    private final CompletableFuture<Completion> completion = new CompletableFuture<>();
    private volatile List<Completion> completions = List.of();
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Sequence sequence;
    private volatile boolean cancelled;
    private volatile boolean iterated;
    private volatile boolean awaited;

    Generation() {}

    void started(Sequence running) {
        sequence = running;
        if (cancelled) {
            running.cancel();
        }
    }

    /** What the loop tells goes here. */
    GenerationTask.Sink sink() {
        return new GenerationTask.Sink() {
            @Override
            public void events(List<Event> events) {
                queue.addAll(events);
            }

            @Override
            public boolean ready() {
                return !iterated || awaited || queue.size() < MOST_UNREAD;
            }

            @Override
            public void finished(List<Completion> done) {
                completions = done;
                // dependents of the future are the application's code: not on the loop's thread
                completion.completeAsync(done::getFirst, Thread::startVirtualThread);
            }

            @Override
            public void failed(Throwable cause) {
                failure = cause;
                queue.add(FAILED);
                Thread.startVirtualThread(() -> completion.completeExceptionally(failure(cause)));
            }
        };
    }

    /** Wakes the reader after a failure; never handed out. */
    private static final Event FAILED = new Event.Thinking("");

    /** The events. @throws IllegalStateException on the second call */
    @Override
    public synchronized Iterator<Event> iterator() {
        if (iterated) {
            throw new IllegalStateException("generation: its events can be read once");
        }
        iterated = true;
        return new Events();
    }

    /**
     * The finished answer, for those who don't read events. Cancelling this future does not cancel the generation; {@link #close()}
     * does. Fails with {@link GenerationException} if the request failed.
     */
    public CompletableFuture<Completion> completion() {
        awaited = true;
        wake();
        return completion;
    }

    /** All answers, once {@link #completion()} is done; the best of a beam search. */
    List<Completion> completions() {
        return completions;
    }

    private void wake() {
        Sequence running = sequence;
        if (running != null) {
            running.wake();
        }
    }

    /** Cancels what still runs; it ends, and its memory is back, before another step begins. Closing twice is harmless. */
    @Override
    public void close() {
        cancelled = true;
        Sequence running = sequence;
        if (running != null) {
            running.cancel();
        }
    }

    private static GenerationException failure(Throwable cause) {
        return new GenerationException("the generation failed: " + cause.getMessage(), cause);
    }

    private final class Events implements Iterator<Event> {
        private @Nullable Event next;
        private boolean finished;

        @Override
        public boolean hasNext() {
            if (next == null && !finished) {
                next = take();
                finished = next instanceof Event.Finished;
            }
            return next != null;
        }

        @Override
        public Event next() {
            Event event = hasNext() ? next : null;
            if (event == null) {
                throw new NoSuchElementException("the generation has ended");
            }
            next = null;
            return event;
        }

        @SuppressWarnings("ReferenceEquality") // FAILED is a mark, not a value
        private Event take() {
            try {
                Event event = queue.take();
                if (queue.size() == MOST_UNREAD / 2) {
                    wake();
                }
                Throwable cause = failure;
                if (event == FAILED && cause != null) {
                    finished = true;
                    throw failure(cause);
                }
                return event;
            } catch (InterruptedException e) {
                close();
                finished = true;
                Thread.currentThread().interrupt();
                throw new java.util.concurrent.CancellationException("interrupted while waiting for the next event");
            }
        }
    }
}
