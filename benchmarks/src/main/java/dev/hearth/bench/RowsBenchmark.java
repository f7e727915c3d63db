package dev.hearth.bench;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Operations on rows of activations, between the products: {@code gigabytes} read and written. Few rows lie in a cache, where the price
 * is that of a call and of the threads' meeting; many are bound by memory, see {@link #memoryRead}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
public class RowsBenchmark {
    /** For JMH. */
    public RowsBenchmark() {}

    /** Rows, and the backend that computes. */
    @State(Scope.Benchmark)
    public static class Rows {
        /** Rows of activations. */
        @Param({"1", "16", "256"})
        public int tokens;

        /** Elements of a row. */
        @Param("4096")
        public int width;

        /** Elements of a head. */
        @Param("128")
        public int headDim;

        /** What computes. */
        @Param({"native", "vector"})
        public String kernels = "";

        /** Threads; 0 for one a physical core. */
        @Param("0")
        public int threads;

        private Optional<CpuDevice> opened = Optional.empty();
        private Optional<Weight> norm = Optional.empty();
        private Optional<RopeSpec> rotation = Optional.empty();
        private Tensor x = Tensor.of(MemorySegment.NULL, DType.F32, 0, 0);
        private Tensor residual = x;
        private Tensor out = x;
        private Tensor rounded = x;
        private Tensor positions = x;
        private double rowBytes; // of all rows, F32

        /** For JMH. */
        public Rows() {}

        /** Makes the rows. */
        @Setup(Level.Trial)
        public void setUp() {
            CpuDevice cpu = new CpuDevice(kernels, threads);
            opened = Optional.of(cpu);
            x = cpu.empty(DType.F32, tokens, width); // zeros: a residual grows by nothing
            residual = cpu.floats(tokens, width);
            out = cpu.empty(DType.F32, tokens, width);
            rounded = cpu.empty(DType.A8_32, tokens, width);
            positions = cpu.column(tokens, 1000, 1);
            norm = Optional.of(cpu.device()
                    .load(new WeightSource(
                            "norm", DType.F32, Shape.of(width), cpu.random().floats(width))));
            float[] frequencies = new float[headDim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = (float) Math.pow(1e6, -2.0 * i / headDim);
            }
            rotation = Optional.of(new RopeSpec(headDim, frequencies, 1, RopeSpec.Pairing.HALVES));
            rowBytes = 4.0 * tokens * width;
        }

        /** Stops the threads, then frees the memory. */
        @TearDown(Level.Trial)
        public void tearDown() {
            norm.ifPresent(Weight::close);
            opened.ifPresent(CpuDevice::close);
        }
    }

    /** Adds to the residual and norms it: reads two rows, writes two. */
    @Benchmark
    public Tensor addNorm(Rows rows, Rates rates) {
        rates.gigabytes += 4e-9 * rows.rowBytes;
        var spec = new NormSpec(rows.width, 1e-6f);
        rows.opened.orElseThrow().ops().addNorm(rows.out, rows.residual, rows.x, rows.norm.orElseThrow(), spec);
        return rows.out;
    }

    /** Rounds to int8: reads a row, writes a quarter. */
    @Benchmark
    public Tensor quantize(Rows rows, Rates rates) {
        rates.gigabytes += 1.25e-9 * rows.rowBytes;
        rows.opened.orElseThrow().ops().quantize(rows.rounded, rows.residual);
        return rows.rounded;
    }

    /** SiLU of one row times another: reads two, writes one. */
    @Benchmark
    public Tensor gate(Rows rows, Rates rates) {
        rates.gigabytes += 3e-9 * rows.rowBytes;
        rows.opened.orElseThrow().ops().gate(rows.out, rows.residual, rows.x, Activation.SILU);
        return rows.out;
    }

    /** Turns heads in place: reads a row, writes it. */
    @Benchmark
    public Tensor rotate(Rows rows, Rates rates) {
        rates.gigabytes += 2e-9 * rows.rowBytes;
        rows.opened.orElseThrow().ops().rotate(rows.residual, rows.positions, rows.rotation.orElseThrow());
        return rows.residual;
    }

    /** Reads memory as fast as the machine can. */
    @Benchmark
    public void memoryRead(ReadLimit memory, ReadRate rate) {
        rate.count(memory);
    }
}
