package dev.hearth.spi;

import java.util.List;

/** The devices of one kind, opened for one engine. {@link #close()} stops their threads and frees what they hold. */
public interface Backend extends AutoCloseable {
    /** What to call it in logs, with what distinguishes it: {@code cpu (C, AVX2, 4 threads)}. */
    String description();

    /** Its devices, at least one. */
    List<Device> devices();

    /** The one to use where one will do. */
    default Device device() {
        return devices().getFirst();
    }

    /** Waits for what is enqueued, then frees everything. No other call may be under way. */
    @Override
    void close();
}
