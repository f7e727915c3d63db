package dev.hearth.conformance;

import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.BlockRow;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mutants of operations that read weights or round activations. */
final class WeightMutants {
    private WeightMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.wrong(Operation.EMBED, "scale dropped", new ForwardingKernels() {
                    @Override
                    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
                        right.embed(out, table, ids, 1, from, to);
                    }
                }),
                Mutant.wrong(Operation.EMBED, "Q4_0 nibbles next to each other", new NeighbouringNibbles()),
                linear("tail of the columns dropped", (out, x, w, bias, from, to, right) -> {
                    Tensor cut = x.type() == DType.F32 ? Mutant.copy(x) : x;
                    for (long t = 0; t < x.rows() && x.type() == DType.F32; t++) {
                        for (long i = x.width() / 16 * 16; i < x.width(); i++) {
                            cut.setFloat(t, i, 0);
                        }
                    }
                    right.linear(out, cut, w, bias, from, to);
                }),
                Mutant.wrong(Operation.QUANTIZE, "BF16 cut off", new ForwardingKernels() {
                    @Override
                    public void quantize(Tensor out, Tensor x, long from, long to) {
                        right.quantize(out, x, from, to);
                        for (long t = from; t < to && out.type() == DType.BF16; t++) {
                            for (long i = 0; i < x.width(); i++) {
                                int bits = Float.floatToRawIntBits(x.getFloat(t, i));
                                out.segment().set(Tensor.SHORT, t * out.rowBytes() + 2 * i, (short) (bits >>> 16));
                            }
                        }
                    }
                }),
                pairs("BF16 pairs in order", 0, true),
                pairs("BF16 products that vanish kept", 1, false),
                linear("bias dropped", (out, x, w, bias, from, to, right) -> right.linear(out, x, w, null, from, to)),
                linear(
                        "last row of an odd range left out",
                        (out, x, w, bias, from, to, right) ->
                                right.linear(out, x, w, bias, from, to - from > 1 ? to - (to - from) % 2 : to)),
                linear("last token of 17 summed otherwise", (out, x, w, bias, from, to, right) -> {
                    right.linear(out, x, w, bias, from, to);
                    if (x.rows() == 17 && x.type() == DType.F32) {
                        inDouble(out, x, w, bias, from, to, 16);
                    }
                }),
                linear(
                        "minima of Q4_K dropped",
                        (out, x, w, bias, from, to, right) ->
                                right.linear(out, x, changed(w, DType.Q4_K, 2), bias, from, to)),
                linear(
                        "upper scale of Q6_K dropped",
                        (out, x, w, bias, from, to, right) ->
                                right.linear(out, x, changed(w, DType.Q6_K, 206), bias, from, to)),
                linear("denormals flushed", (out, x, w, bias, from, to, right) -> {
                    right.linear(out, x, w, bias, from, to);
                    for (long t = 0; t < out.rows(); t++) {
                        for (long i = from; i < to; i++) {
                            if (Math.abs(out.getFloat(t, i)) < Float.MIN_NORMAL) {
                                out.setFloat(t, i, 0);
                            }
                        }
                    }
                }),
                Mutant.inexact(Operation.LINEAR, "sums in double precision", new ForwardingKernels() {
                    @Override
                    public void linear(
                            Tensor out, Tensor x, HostWeight w, @Nullable HostWeight bias, long from, long to) {
                        right.linear(out, x, w, bias, from, to);
                        if (x.type() == DType.F32) {
                            inDouble(out, x, w, bias, from, to, 0);
                        }
                    }
                }),
                quantize("halves up", (x, scale) -> (int) Math.floor(x / scale + 0.5f), 127),
                quantize("towards zero", (x, scale) -> (int) (x / scale), 127),
                quantize("128 steps", (x, scale) -> (int) Math.rint(x / scale), 128),
                Mutant.wrong(Operation.QUANTIZE, "sums of groups forgotten", new ForwardingKernels() {
                    @Override
                    public void quantize(Tensor out, Tensor x, long from, long to) {
                        right.quantize(out, x, from, to);
                        long sums = x.width() + x.width() / 256 * 4;
                        for (long t = from; t < to && out.type() == DType.A8_256; t++) {
                            out.segment()
                                    .asSlice(t * out.rowBytes() + sums, x.width() / 16)
                                    .fill((byte) 0);
                        }
                    }
                }),
                Mutant.wrong(Operation.QUANTIZE, "NaN passed over", new ForwardingKernels() {
                    @Override
                    public void quantize(Tensor out, Tensor x, long from, long to) {
                        Tensor clean = Mutant.copy(x);
                        for (long t = from; t < to; t++) {
                            for (long i = 0; i < x.width(); i++) {
                                if (Float.isNaN(x.getFloat(t, i))) {
                                    clean.setFloat(t, i, 0);
                                }
                            }
                        }
                        right.quantize(out, clean, from, to);
                    }
                }),
                Mutant.wrong(Operation.EXPERTS, "last expert counts alone", accumulate((share, x, old) -> share * x)),
                Mutant.wrong(Operation.EXPERTS, "shares ignored", accumulate((share, x, old) -> old + x)),
                Mutant.inexact(Operation.EXPERTS, "product rounded", accumulate((share, x, old) -> old + share * x)));
    }

    /** BF16 products whose pairs begin with one or the other element, and vanish or not. */
    private static Mutant pairs(String name, int begin, boolean vanish) {
        return Mutant.inexact(Operation.LINEAR, name, new ForwardingKernels() {
            @Override
            public void linear(Tensor out, Tensor x, HostWeight w, @Nullable HostWeight bias, long from, long to) {
                right.linear(out, x, w, bias, from, to);
                for (long t = 0; t < x.rows() && x.type() == DType.BF16; t++) {
                    for (long r = from; r < to; r++) {
                        float[] sums = new float[16];
                        for (int k = 0; k < (x.width() + 31) / 32 * 32; k++) {
                            long i = k / 2 * 2L + (k + begin) % 2;
                            float a = i < x.width() ? bfloat(x.segment(), t * x.rowBytes() + 2 * i) : 0;
                            float b = i < x.width() ? bfloat(w.data(), r * w.rowBytes() + 2 * i) : 0;
                            float sum = Math.fma(a, b, sums[k / 2 % 16]);
                            sums[k / 2 % 16] = vanish ? ScalarMath.normal(sum) : sum;
                        }
                        out.setFloat(t, r, ScalarMath.fold16(sums));
                    }
                }
            }
        });
    }

    private static float bfloat(MemorySegment memory, long at) {
        return Float.intBitsToFloat(memory.get(Tensor.SHORT, at) << 16);
    }

    private interface Product {
        void linear(
                Tensor out, Tensor x, HostWeight w, @Nullable HostWeight bias, long from, long to, HostKernels right);
    }

    private static Mutant linear(String name, Product product) {
        return Mutant.wrong(Operation.LINEAR, name, new ForwardingKernels() {
            @Override
            public void linear(Tensor out, Tensor x, HostWeight w, @Nullable HostWeight bias, long from, long to) {
                product.linear(out, x, w, bias, from, to, right);
            }
        });
    }

    /** The tokens from {@code first} on by sums in double precision, where these are finite. */
    private static void inDouble(
            Tensor out, Tensor x, HostWeight w, @Nullable HostWeight bias, long from, long to, long first) {
        BlockRow row = new BlockRow(w);
        float[][] m = new float[(int) w.shape().rows()][(int) w.shape().width()];
        for (int i = 0; i < m.length; i++) {
            row.values(i, m[i]);
        }
        for (long t = first; t < x.rows(); t++) {
            for (int i = (int) from; i < to; i++) {
                double sum = bias == null ? 0 : bias.data().get(Tensor.FLOAT, 4L * i);
                for (int k = 0; k < x.width(); k++) {
                    sum += x.getFloat(t, k) * (double) m[i][k];
                }
                if (Float.isFinite(out.getFloat(t, i)) && Math.abs(sum) < 1e30) {
                    out.setFloat(t, i, (float) sum);
                }
            }
        }
    }

    /** A weight of the type with two bytes of each block made zero. */
    private static HostWeight changed(HostWeight w, DType type, int at) {
        if (w.type() != type) {
            return w;
        }
        MemorySegment data = Arena.ofAuto().allocate(w.data().byteSize(), 64).copyFrom(w.data());
        for (long block = 0; block < data.byteSize(); block += type.blockBytes()) {
            data.asSlice(block + at, 2).fill((byte) 0);
        }
        return new HostWeight(w.name(), type, w.shape(), data);
    }

    private static final class NeighbouringNibbles extends ForwardingKernels {
        @Override
        public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
            right.embed(out, table, ids, scale, from, to);
            for (long t = from; t < to && table.type() == DType.Q4_0; t++) {
                Tensor row = Mutant.copy(out.rows(t, 1));
                for (long i = 0; i < out.width(); i++) {
                    out.setFloat(t, i, row.getFloat(0, i / 32 * 32 + i % 32 / 2 + i % 2 * 16));
                }
            }
        }
    }

    private interface Code {
        int of(float x, float scale);
    }

    private static Mutant quantize(String name, Code code, float steps) {
        return Mutant.wrong(Operation.QUANTIZE, name, new ForwardingKernels() {
            @Override
            public void quantize(Tensor out, Tensor x, long from, long to) {
                right.quantize(out, x, from, to);
                int size = out.type().blockSize();
                for (long t = from; t < to; t++) {
                    for (long i = 0; i < x.width(); i++) {
                        long at = t * out.rowBytes() + x.width() + i / size * 4;
                        float scale = out.segment().get(Tensor.FLOAT, at) * (127 / steps);
                        if (scale > 0) {
                            byte q = (byte) code.of(x.getFloat(t, i), scale);
                            out.segment().set(ValueLayout.JAVA_BYTE, t * out.rowBytes() + i, q);
                        }
                    }
                }
            }
        });
    }

    private interface Sum {
        float of(float share, float x, float old);
    }

    private static HostKernels accumulate(Sum sum) {
        return new ForwardingKernels() {
            @Override
            public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
                for (long r = from; r < to; r++) {
                    int row = rows.getInt(r, 0);
                    for (long i = 0; i < x.width(); i++) {
                        float old = inOut.getFloat(row, i);
                        inOut.setFloat(row, i, sum.of(weights.getFloat(r, 0), x.getFloat(r, i), old));
                    }
                }
            }
        };
    }
}
