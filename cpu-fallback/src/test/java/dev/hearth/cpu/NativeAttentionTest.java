package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.Parallel;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on positions, pages and experts in C against the specification. */
class NativeAttentionTest extends NativeAgreement {
    @ParameterizedTest
    @CsvSource({"2, 1", "8, 4", "20, 7", "32, 16", "64, 32", "80, 20", "100, 50", "128, 64"})
    void rotate_agreesWithScalar(int headDim, int pairs) {
        float[] frequencies = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = (float) Math.pow(10000, -(double) i / pairs);
        }
        Tensor positions = samples.integers(0, 1, 700, 3, 255, 256);
        for (RopeSpec.Pairing pairing : RopeSpec.Pairing.values()) {
            RopeSpec spec = new RopeSpec(headDim, frequencies, 1.25f, pairing);
            for (Tensor x : List.of(samples.floats(6, 3L * headDim), samples.extremes(6, headDim))) {
                agree(x, (ops, inOut) -> ops.rotate(inOut, positions, spec));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F32, 16",
        "F16, 16",
        "F16, 7",
        "F32, 20",
        "F16, 100",
        "F16, 1",
        "BF16, 16",
        "BF16, 7",
        "INT8, 32",
        "INT8, 1",
        "INT8, 77",
        "INT8, 128"
    })
    void store_agreesWithScalar(CacheType type, int dim) {
        KvView kv = samples.cache(new KvLayout(3, 2, dim, 16, type), 2, 3, 100);
        MemorySegment before = arena.allocate(kv.pool().byteSize(), 64).copyFrom(pool(kv));
        Batch batch = samples.batch(new int[] {0, 1, 15, 16, 99, 50}, new int[] {2, 2, 2, 0, 1, 1});
        for (Tensor keys : List.of(samples.floats(6, 2L * dim), samples.extremes(6, 2L * dim), halves(6, 2L * dim))) {
            Tensor values = samples.with(samples.extremes(6, 2L * dim), Float.POSITIVE_INFINITY);
            scalar.store(kv, keys, values, batch);
            MemorySegment expected = arena.allocate(kv.pool().byteSize(), 64).copyFrom(pool(kv));
            for (CpuKernels set : TestLibrary.cpu().usable()) {
                pool(kv).copyFrom(before);
                try (HostOps ops = new HostOps(new NativeKernels(set), new Splitter(2))) {
                    ops.store(kv, keys, values, batch);
                }
                assertThat(pool(kv).mismatch(expected)).as(set.toString()).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, 4, 4, F32, 0, 2147483647",
        "32, 4, 2, F16, 0, 2147483647",
        "48, 6, 2, F32, 50, 2147483647",
        "64, 7, 1, F16, 0, 100",
        "80, 4, 4, F16, 30, 300",
        "128, 8, 2, F32, 0, 1",
        "128, 2, 1, F16, 0, 257",
        "100, 5, 1, F16, 0, 2147483647",
        "20, 3, 1, F32, 0, 2147483647",
        "7, 3, 3, F16, 0, 2147483647",
        "8, 2, 2, F16, 0, 5",
        "64, 8, 2, BF16, 0, 300",
        "37, 3, 1, BF16, 20, 2147483647",
        "128, 8, 2, INT8, 0, 300",
        "80, 7, 7, INT8, 30, 2147483647",
        "23, 5, 1, INT8, 0, 40"
    })
    void attend_agreesWithScalar(int dim, int heads, int keyHeads, CacheType type, float softcap, int window) {
        for (int pageSize : new int[] {16, 5, 256}) {
            KvView kv = samples.cache(new KvLayout(2, keyHeads, dim, pageSize, type), 1, 3, 800);
            AttentionSpec spec = new AttentionSpec(heads, 1 / (float) Math.sqrt(dim), softcap, window);
            int[] positions = {0, 1, 14, 15, 16, 17, 255, 256, 257, 511, 512, 799};
            int[] sequences = {2, 2, 2, 2, 2, 2, 0, 0, 0, 1, 1, 1};
            Batch batch = samples.batch(positions, sequences);
            Tensor q = samples.floats(positions.length, (long) heads * dim);
            agree(samples.empty(DType.F32, q.rows(), q.width()), (ops, out) -> ops.attend(out, q, kv, spec, batch));
            agree(q, (ops, inOut) -> ops.attend(inOut, inOut, kv, spec, batch));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1e38f, 1e-40f})
    void attend_agreesOnExtremes(float extreme) {
        for (CacheType type : CacheType.values()) {
            KvView kv = samples.cache(new KvLayout(1, 1, 32, 16, type), 0, 1, 600);
            Batch batch = samples.batch(new int[] {3, 300, 599}, new int[3]);
            for (float softcap : new float[] {0, 20}) {
                AttentionSpec spec = new AttentionSpec(2, 0.2f, softcap, AttentionSpec.NO_WINDOW);
                Tensor q = samples.with(samples.extremes(3, 64), extreme);
                agree(samples.empty(DType.F32, 3, 64), (ops, out) -> ops.attend(out, q, kv, spec, batch));
                Tensor zero = samples.empty(DType.F32, 3, 64);
                agree(samples.empty(DType.F32, 3, 64), (ops, out) -> ops.attend(out, zero, kv, spec, batch));
            }
        }
    }

    @Test
    void attend_refusesPagesOutsideThePool() {
        KvView kv = samples.cache(new KvLayout(1, 1, 8, 16, CacheType.F32), 0, 1, 64);
        AttentionSpec spec = new AttentionSpec(1, 1, 0, AttentionSpec.NO_WINDOW);
        Tensor q = samples.floats(2, 8);
        Tensor out = samples.empty(DType.F32, 2, 8);
        kv.pageTable().setInt(0, 1, 4);
        for (CpuKernels set : TestLibrary.cpu().usable()) {
            try (HostOps ops = new HostOps(new NativeKernels(set), Parallel.SERIAL)) {
                Batch seen = samples.batch(new int[] {3, 63}, new int[2]);
                assertThatThrownBy(() -> ops.attend(out, q, kv, spec, seen))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a page below 4, found 4");
                AttentionSpec narrow = new AttentionSpec(1, 1, 0, 32);
                ops.attend(out, q, kv, narrow, seen); // behind the window nothing is read
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 2", "7, 3", "8, 8", "60, 4", "128, 8"})
    void route_agreesWithScalar(int experts, int chosen) {
        for (boolean normalised : new boolean[] {true, false}) {
            RoutingSpec spec = new RoutingSpec(chosen, normalised);
            for (Tensor logits : inputs(experts)) {
                Tensor indices = samples.empty(DType.I32, logits.rows(), chosen);
                agree(
                        samples.empty(DType.F32, logits.rows(), chosen),
                        (ops, weights) -> ops.route(indices, weights, logits, null, spec));
                Tensor weights = samples.empty(DType.F32, logits.rows(), chosen);
                agree(
                        samples.empty(DType.I32, logits.rows(), chosen),
                        (ops, found) -> ops.route(found, weights, logits, null, spec));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "Q8_0", "Q6_K"})
    void experts_agreesWithScalar(DType type) {
        List<Weight> gate = new ArrayList<>();
        List<Weight> up = new ArrayList<>();
        List<Weight> down = new ArrayList<>();
        for (int expert = 0; expert < 5; expert++) {
            gate.add(samples.weight(type, 256, 512));
            up.add(samples.weight(type, 256, 512));
            down.add(samples.weight(type, 512, 256));
        }
        ExpertWeights weights = new ExpertWeights(gate, up, down, Activation.SILU);
        Tensor chosen = samples.empty(DType.I32, 9, 2);
        for (int t = 0; t < 9; t++) {
            chosen.setInt(t, 0, t % 5);
            chosen.setInt(t, 1, t % 2 == 0 ? (t + 1) % 5 : (t + 3) % 5);
        }
        Tensor shares = samples.floats(9, 2);
        Tensor x = samples.floats(9, 512);
        for (Precision precision : Precision.values()) {
            agree(
                    samples.empty(DType.F32, 9, 512),
                    (ops, out) -> ops.experts(out, x, chosen, shares, weights, precision));
        }
    }

    @Test
    void gather_agreesWithScalar() {
        Tensor rows = samples.integers(4, 0, 4, 2);
        for (int width : new int[] {1, 7, 100}) {
            Tensor x = samples.floats(5, width);
            agree(samples.empty(DType.F32, 4, width), (ops, out) -> ops.gather(out, x, rows));
        }
        Tensor codes = rounded(samples.floats(5, 256), DType.Q8_0);
        agree(samples.empty(DType.A8_32, 4, 256), (ops, out) -> ops.gather(out, codes, rows));
    }
}
