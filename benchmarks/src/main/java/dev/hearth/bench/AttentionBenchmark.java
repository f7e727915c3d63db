package dev.hearth.bench;

import dev.hearth.cpu.ArithmeticPeak;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
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
 * {@link dev.hearth.spi.Ops#attend} over pages of keys and values, one layer after another as a model goes through them. With one token
 * a sequence it is at its limit where {@code gigabytes} come near those of {@link #memoryRead}; with many it is bound by arithmetic,
 * {@code gigaOps}, and {@code percentOfPeak} compares these with {@link #f32Peak}, measured before each iteration.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
public class AttentionBenchmark {
    /** For JMH. */
    public AttentionBenchmark() {}

    /** Queries, the cache, and the backend that computes. */
    @State(Scope.Benchmark)
    public static class Cache {
        /** Of keys and values: a {@link CacheType}. */
        @Param("F16")
        public String type = "";

        /** Positions of each sequence; tokens are the last ones. */
        @Param({"512", "8192"})
        public int context;

        /** Tokens of each sequence: 1 decodes. */
        @Param({"1", "256"})
        public int tokens;

        /** Sequences of a step. */
        @Param("1")
        public int sequences;

        /** Query heads. */
        @Param("16")
        public int heads;

        /** Key heads, which query heads share. */
        @Param("8")
        public int keyHeads;

        /** Elements of a head. */
        @Param("128")
        public int headDim;

        /** Layers. */
        @Param("16")
        public int layers;

        /** What computes. */
        @Param({"native", "vector"})
        public String kernels = "";

        /** Threads; 0 for one a physical core. */
        @Param("0")
        public int threads;

        private Optional<CpuDevice> opened = Optional.empty();
        private Optional<Batch> batch = Optional.empty();
        private Optional<KvView> first = Optional.empty();
        private Tensor queries = Tensor.of(MemorySegment.NULL, DType.F32, 0, 0);
        private Tensor out = queries;
        private double readBytes;
        private double arithmetic;
        private int next;

        /** For JMH. */
        public Cache() {}

        /** Fills the cache with numbers of about unit size, pages of neighbouring positions apart. */
        @Setup(Level.Trial)
        public void setUp() {
            CpuDevice cpu = new CpuDevice(kernels, threads);
            opened = Optional.of(cpu);
            CacheType stored = CacheType.valueOf(type);
            var layout = new KvLayout(layers, keyHeads, headDim, StateCache.PAGE_SIZE, stored);
            int pages = (context + StateCache.PAGE_SIZE - 1) / StateCache.PAGE_SIZE;
            long pieces = 2L * pages * sequences * layers * keyHeads; // those of values too
            MemorySegment pool = cpu.random().cache(stored, pieces, StateCache.PAGE_SIZE, headDim);
            Tensor table = cpu.empty(DType.I32, sequences, pages);
            for (int s = 0; s < sequences; s++) {
                for (int i = 0; i < pages; i++) {
                    table.setInt(s, i, i * sequences + s);
                }
            }
            Tensor positions = cpu.empty(DType.I32, (long) sequences * tokens, 1);
            Tensor rows = cpu.empty(DType.I32, (long) sequences * tokens, 1);
            double visible = 0;
            for (int i = 0; i < sequences * tokens; i++) {
                positions.setInt(i, 0, context - tokens + i % tokens);
                rows.setInt(i, 0, i / tokens);
                visible += context - tokens + i % tokens + 1;
            }
            batch = Optional.of(new Batch(positions, rows));
            first = Optional.of(new KvView(new HostBuffer(pool), layout, 0, table));
            queries = cpu.floats((long) sequences * tokens, (long) heads * headDim);
            out = cpu.empty(DType.F32, (long) sequences * tokens, (long) heads * headDim);
            readBytes = 2.0 * sequences * keyHeads * stored.pageBytes(context, headDim);
            arithmetic = 4.0 * visible * heads * headDim;
        }

        /** Attention of the next layer. */
        Tensor attend() {
            next = next + 1 == layers ? 0 : next + 1;
            KvView kv = first.orElseThrow();
            var layer = new KvView(kv.pool(), kv.layout(), next, kv.pageTable());
            var spec = new AttentionSpec(heads, (float) (1 / Math.sqrt(headDim)), 0, AttentionSpec.NO_WINDOW);
            opened.orElseThrow().ops().attend(out, queries, layer, spec, batch.orElseThrow());
            return out;
        }

        /** Stops the threads, then frees the memory. */
        @TearDown(Level.Trial)
        public void tearDown() {
            opened.ifPresent(CpuDevice::close);
        }
    }

    /** One layer. */
    @Benchmark
    public Tensor attend(Cache cache, Rates rates, PeakLimit peak, PeakRate part) {
        rates.gigabytes += cache.readBytes * 1e-9;
        rates.gigaOps += cache.arithmetic * 1e-9;
        part.count(cache.arithmetic, ArithmeticPeak.Numbers.F32, peak);
        return cache.attend();
    }

    /** Reads memory as fast as the machine can. */
    @Benchmark
    public void memoryRead(ReadLimit memory, ReadRate rate) {
        rate.count(memory);
    }

    /** Multiplies and adds F32 on registers as fast as the machine can. */
    @Benchmark
    public long f32Peak(PeakLimit peak, Rates rates) {
        long operations = peak.compute(ArithmeticPeak.Numbers.F32);
        rates.gigaOps += operations * 1e-9;
        return operations;
    }
}
