package dev.hearth.bench;

import dev.hearth.cpu.ArithmeticPeak;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Of additions and multiplications, by what the machine's registers can do. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class PeakRate {
    /** What JMH counts a second is percent: 100 for each second's worth of {@link PeakLimit}. */
    public double percentOfPeak;

    /** For JMH. */
    public PeakRate() {}

    /** Counts so many operations. */
    void count(double operations, ArithmeticPeak.Numbers numbers, PeakLimit peak) {
        percentOfPeak += 100 * operations / peak.perSecondOf(numbers);
    }
}
