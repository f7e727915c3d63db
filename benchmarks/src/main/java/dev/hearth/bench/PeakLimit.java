package dev.hearth.bench;

import dev.hearth.cpu.ArithmeticPeak;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Registers that threads multiply and add: the limit of whatever computes. Measured before each iteration. */
@State(Scope.Benchmark)
public class PeakLimit {
    private static final int PASSES = 4;

    /** Threads; 0 for one a processor that the JVM sees. */
    @Param("0")
    public int peakThreads;

    private Optional<ArithmeticPeak> peak = Optional.empty();
    private final Map<ArithmeticPeak.Numbers, Double> perSecond = new EnumMap<>(ArithmeticPeak.Numbers.class);

    /** For JMH. */
    public PeakLimit() {}

    /** Starts the threads. */
    @Setup(Level.Trial)
    public void setUp() {
        peak = ArithmeticPeak.of(peakThreads == 0 ? Runtime.getRuntime().availableProcessors() : peakThreads);
    }

    /** Computes for some milliseconds. */
    @Setup(Level.Iteration)
    public void measure() {
        for (ArithmeticPeak.Numbers numbers : ArithmeticPeak.Numbers.values()) {
            peak.ifPresent(p -> perSecond.put(numbers, p.bestOperationsPerSecond(numbers, PASSES)));
        }
    }

    /** Operations a second; infinitely many where nobody knows. */
    double perSecondOf(ArithmeticPeak.Numbers numbers) {
        return perSecond.getOrDefault(numbers, Double.POSITIVE_INFINITY);
    }

    /** Computes once; how many operations that is. */
    long compute(ArithmeticPeak.Numbers numbers) {
        return peak.map(p -> p.compute(numbers)).orElse(0L);
    }

    /** Stops the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        peak.ifPresent(ArithmeticPeak::close);
    }
}
