package dev.hearth.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Of memory read, 10^9 bytes. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class ReadRate {
    /** Of memory read, 10^9. */
    public double gigabytes;

    /** For JMH. */
    public ReadRate() {}

    /** Reads everything once and counts it. */
    void count(ReadLimit memory) {
        gigabytes += memory.read() * 1e-9;
    }
}
