package dev.hearth.bench;

import dev.hearth.cpu.ArithmeticPeak;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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
 * {@link dev.hearth.spi.Ops#linear} over weights that no cache holds, and how fast the same memory can be read at all: a product of
 * one row is at its limit where its {@code gigabytes} come near those of {@link #memoryRead}. A product of many rows is bound by
 * arithmetic, {@code gigaOps}: a multiplication and an addition are two. {@code percentOfPeak} compares these with {@link #int8Peak}
 * where activations are rounded, else with {@link #f32Peak}, measured before each iteration.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
public class LinearBenchmark {
    /** For JMH. */
    public LinearBenchmark() {}

    /** Matrices, activations and the backend that multiplies them. */
    @State(Scope.Benchmark)
    public static class Product {
        /** How weights are stored; a {@link DType}. */
        @Param({"BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
        public String type = "";

        /** Rows of activations. */
        @Param({"1", "4", "64"})
        public int tokens;

        /** What computes; see {@link CpuDevice}. */
        @Param({"native", "vector", "scalar"})
        public String kernels = "";

        /** Rows of a weight. */
        @Param("3072")
        public int rows;

        /** Columns of a weight. */
        @Param("1024")
        public int columns;

        /** Weights are multiplied in turn, so many that they fill this. */
        @Param("256")
        public int mebibytes;

        /** Threads; 0 for one a physical core. */
        @Param("0")
        public int threads;

        private final List<Weight> weights = new ArrayList<>();
        private Optional<CpuDevice> opened = Optional.empty();
        private Tensor x = Tensor.of(MemorySegment.NULL, DType.F32, 0, 0);
        private Tensor out = x;
        private long weightBytes;
        private ArithmeticPeak.Numbers numbers = ArithmeticPeak.Numbers.F32;
        private int next;

        /** For JMH. */
        public Product() {}

        /** Makes weights of random bits with plausible scales, and rounds activations as fast precision does. */
        @Setup(Level.Trial)
        public void setUp() {
            CpuDevice cpu = new CpuDevice(kernels, threads);
            opened = Optional.of(cpu);
            DType stored = DType.valueOf(type);
            weightBytes = rows * stored.bytes(columns);
            long count = Math.max(1, ((long) mebibytes << 20) / weightBytes);
            for (long i = 0; i < count; i++) {
                MemorySegment data = cpu.random().weight(stored, rows, columns);
                weights.add(cpu.device().load(new WeightSource("weight " + i, stored, Shape.of(rows, columns), data)));
            }
            x = cpu.floats(tokens, columns);
            DType rounded = Precision.FAST.activation(stored);
            if (rounded != DType.F32) {
                numbers = rounded == DType.BF16 ? ArithmeticPeak.Numbers.BF16 : ArithmeticPeak.Numbers.INT8;
                Tensor floats = x;
                x = cpu.empty(rounded, tokens, columns);
                cpu.ops().quantize(x, floats);
            }
            out = cpu.empty(DType.F32, tokens, rows);
        }

        /** One product, with the next weight. */
        Tensor multiply() {
            next = next + 1 == weights.size() ? 0 : next + 1;
            opened.orElseThrow().ops().linear(out, x, weights.get(next), Epilogue.NONE);
            return out;
        }

        /** Stops the threads, then frees the memory. */
        @TearDown(Level.Trial)
        public void tearDown() {
            weights.forEach(Weight::close);
            weights.clear();
            opened.ifPresent(CpuDevice::close);
        }
    }

    /** One product. */
    @Benchmark
    public Tensor linear(Product product, Rates rates, PeakLimit peak, PeakRate part) {
        double operations = 2.0 * product.tokens * product.rows * product.columns;
        rates.gigabytes += product.weightBytes * 1e-9;
        rates.gigaOps += operations * 1e-9;
        part.count(operations, product.numbers, peak);
        return product.multiply();
    }

    /** Reads memory as fast as the machine can. */
    @Benchmark
    public void memoryRead(ReadLimit memory, ReadRate rate) {
        rate.count(memory);
    }

    /** Multiplies and adds int8 on registers as fast as the machine can. */
    @Benchmark
    public long int8Peak(PeakLimit peak, Rates rates) {
        long operations = peak.compute(ArithmeticPeak.Numbers.INT8);
        rates.gigaOps += operations * 1e-9;
        return operations;
    }

    /** The same with BF16. */
    @Benchmark
    public long bf16Peak(PeakLimit peak, Rates rates) {
        long operations = peak.compute(ArithmeticPeak.Numbers.BF16);
        rates.gigaOps += operations * 1e-9;
        return operations;
    }

    /** The same with F32. */
    @Benchmark
    public long f32Peak(PeakLimit peak, Rates rates) {
        long operations = peak.compute(ArithmeticPeak.Numbers.F32);
        rates.gigaOps += operations * 1e-9;
        return operations;
    }
}
