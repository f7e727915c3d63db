package dev.hearth.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Beside operations per second: what that means in memory and arithmetic. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Rates {
    /** Of memory read and written, 10^9. */
    public double gigabytes;

    /** Of additions and multiplications, 10^9. */
    public double gigaOps;

    /** For JMH. */
    public Rates() {}
}
