package dev.hearth.bench;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;

/**
 * Operations of a GPU backend one by one, for {@code benchmarks/gpu/measure}: {@code GpuMeasure cuda|rocm full|smoke}.
 * Prints a line of JSON for each: what, bytes that have to move, operations, and nanoseconds a call, the median of several
 * times many calls in the queue.
 */
public final class GpuMeasure implements AutoCloseable {
    private static final int SEED = 20260101;
    private static final int HEADS = 32;
    private static final int KEY_HEADS = 8;
    private static final int HEAD_DIM = 128;

    private final Backend backend;
    private final Device device;
    private final Arena arena = Arena.ofShared();
    private final RandomWeights random = new RandomWeights(arena, SEED);
    private final List<Runnable> releases = new ArrayList<>(); // what was opened, in order
    private final int calls;
    private final int times;

    /** Sizes and repetitions. */
    private enum Scale {
        FULL(4096, 14336, 32768, 512, 50, 9),
        SMOKE(512, 256, 600, 16, 1, 1);

        final int hidden;
        final int inner;
        final int context;
        final int tokens;
        final int calls;
        final int times;

        Scale(int hidden, int inner, int context, int tokens, int calls, int times) {
            this.hidden = hidden;
            this.inner = inner;
            this.context = context;
            this.tokens = tokens;
            this.calls = calls;
            this.times = times;
        }
    }

    private GpuMeasure(String name, Scale scale) {
        BackendProvider provider = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "measure: expected a backend " + name + " on the class path, found none"));
        backend = provider.open(BackendOptions.DEFAULT);
        device = backend.devices().getFirst();
        calls = scale.calls;
        times = scale.times;
    }

    /** Measures. */
    public static void main(String[] arguments) {
        Scale scale = Scale.valueOf(arguments[1].toUpperCase(Locale.ROOT));
        try (GpuMeasure measure = new GpuMeasure(arguments[0], scale)) {
            System.out.println("{\"device\":\"" + measure.backend.description() + "\"}");
            measure.all(scale);
        }
    }

    private void all(Scale scale) {
        copies(scale);
        for (DType type : List.of(DType.Q8_0, DType.Q4_K, DType.BF16)) {
            for (int tokens : List.of(1, 16, scale.tokens)) {
                product(type, scale.hidden, scale.inner, tokens);
            }
        }
        for (int context : List.of(scale.context / 8, scale.context)) {
            attention(context, 1);
        }
        attention(Math.max(scale.tokens, scale.context / 8), scale.tokens);
    }

    /** What memory does, the measure of everything else. */
    private void copies(Scale scale) {
        long bytes = (long) scale.hidden * scale.inner * 8;
        var from = device.allocate(bytes);
        var to = device.allocate(bytes);
        releases.addAll(List.of(from::close, to::close));
        report("copy", 2 * bytes, 0, () -> device.copy(to.buffer(), 0, from.buffer(), 0, bytes));
    }

    private void product(DType type, int columns, int rows, int tokens) {
        Weight weight = device.load(
                new WeightSource("measured", type, Shape.of(rows, columns), random.weight(type, rows, columns)));
        releases.add(weight::close);
        DType activations = Precision.FAST.activation(type);
        Tensor x = floats(tokens, columns);
        Tensor rounded = activations == DType.F32 ? x : empty(activations, tokens, columns);
        if (activations != DType.F32) {
            device.ops().quantize(rounded, x);
        }
        Tensor out = empty(DType.F32, tokens, rows);
        long bytes = rows * type.bytes(columns) + tokens * (activations.bytes(columns) + 4L * rows);
        String what = "product " + type + " " + columns + "x" + rows + " tokens " + tokens;
        report(
                what,
                bytes,
                2.0 * rows * columns * tokens,
                () -> device.ops().linear(out, rounded, weight, Epilogue.NONE));
    }

    /** The last tokens of one sequence. */
    private void attention(int context, int tokens) {
        var layout = new KvLayout(1, KEY_HEADS, HEAD_DIM, StateCache.PAGE_SIZE, CacheType.F16);
        int pages = (context + StateCache.PAGE_SIZE - 1) / StateCache.PAGE_SIZE;
        var pool = device.allocate(pages * layout.pageBytes());
        releases.add(pool::close);
        Tensor table = integers(1, pages);
        for (int i = 0; i < pages; i++) {
            table.setInt(0, i, pages - 1 - i);
        }
        Tensor positions = integers(tokens, 1);
        double visible = 0;
        for (int i = 0; i < tokens; i++) {
            positions.setInt(i, 0, context - tokens + i);
            visible += context - tokens + i + 1;
        }
        KvView kv = new KvView(pool.buffer(), layout, 0, table);
        Batch batch = new Batch(positions, integers(tokens, 1));
        var spec = new AttentionSpec(HEADS, (float) (1 / Math.sqrt(HEAD_DIM)), 0, AttentionSpec.NO_WINDOW);
        Tensor queries = floats(tokens, HEADS * HEAD_DIM);
        Tensor out = empty(DType.F32, tokens, HEADS * HEAD_DIM);
        long bytes = 2L * context * KEY_HEADS * HEAD_DIM * 2;
        report("attention " + context + " tokens " + tokens, bytes, 4 * visible * HEADS * HEAD_DIM, () -> {
            device.ops().attend(out, queries, kv, spec, batch);
        });
    }

    private void report(String what, long bytes, double operations, Runnable call) {
        call.run(); // loads the kernel
        device.ops().fence().await();
        double[] nanos = new double[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            for (int j = 0; j < calls; j++) {
                call.run();
            }
            device.ops().fence().await();
            nanos[i] = (System.nanoTime() - start) / (double) calls;
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "{\"what\":\"%s\",\"bytes\":%d,\"operations\":%.0f,\"nanos\":%.0f}%n",
                what,
                bytes,
                operations,
                nanos[times / 2]);
    }

    private Tensor empty(DType type, long rows, long width) {
        var memory = device.allocate(rows * type.bytes(width));
        releases.add(memory::close);
        return new Tensor(memory.buffer(), 0, type, Shape.of(rows, width), width);
    }

    private Tensor floats(long rows, long width) {
        Tensor to = empty(DType.F32, rows, width);
        Tensor from = Tensor.of(random.floats(rows * width), DType.F32, rows, width);
        device.copy(to.buffer(), 0, from.buffer(), 0, rows * width * 4);
        return to;
    }

    /** Zeros that operations read from the host's memory. */
    private Tensor integers(long rows, long width) {
        var memory = device.allocateHost(rows * width * 4);
        releases.add(memory::close);
        return new Tensor(memory.buffer(), 0, DType.I32, Shape.of(rows, width), width);
    }

    @Override
    public void close() {
        releases.reversed().forEach(Runnable::run);
        backend.close();
        arena.close();
    }
}
