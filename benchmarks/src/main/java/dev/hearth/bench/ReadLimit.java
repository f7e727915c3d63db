package dev.hearth.bench;

import dev.hearth.cpu.MemoryReader;
import java.util.Optional;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Memory that threads read, each its own part: the limit of whatever reads. */
@State(Scope.Benchmark)
public class ReadLimit {
    /** Size; far more than any cache. */
    @Param("512")
    public int readMebibytes;

    /** Threads; 0 for one a processor that the JVM sees. */
    @Param("0")
    public int readThreads;

    private Optional<MemoryReader> reader = Optional.empty();

    /** For JMH. */
    public ReadLimit() {}

    /** Allocates and touches the memory. */
    @Setup(Level.Trial)
    public void setUp() {
        int threads = readThreads == 0 ? Runtime.getRuntime().availableProcessors() : readThreads;
        reader = Optional.of(new MemoryReader((long) readMebibytes << 20, threads));
    }

    /** Reads everything once; how many bytes that is. */
    long read() {
        reader.orElseThrow().read();
        return reader.orElseThrow().byteSize();
    }

    /** Frees the memory. */
    @TearDown(Level.Trial)
    public void tearDown() {
        reader.ifPresent(MemoryReader::close);
    }
}
