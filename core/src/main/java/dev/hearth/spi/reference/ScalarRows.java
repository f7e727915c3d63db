package dev.hearth.spi.reference;

import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;

/** Functions of whole rows, and mixtures of the streams that a row holds; see {@link dev.hearth.spi.Ops#map} and its neighbours. */
public final class ScalarRows {
    /** 1/2!, 1/3! and so on: {@code exp(y) - 1 - y} is y^2 times their polynomial. */
    private static final float[] TAYLOR = {
        1 / 2f, 1 / 6f, 1 / 24f, 1 / 120f, 1 / 720f, 1 / 5040f, 1 / 40320f, 1 / 362880f
    };

    private ScalarRows() {}

    static void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        for (long t = from; t < to; t++) {
            switch (function) {
                case RowFunction.Sparse sparse -> sparse(out, x, t, sparse.deviations());
                case RowFunction.Int8 int8 -> int8(out, x, t, int8.least());
                case RowFunction.Clamp clamp -> {
                    for (long i = 0; i < x.width(); i++) {
                        out.setFloat(t, i, Math.min(Math.max(x.getFloat(t, i), -clamp.limit()), clamp.limit()));
                    }
                }
                case RowFunction.Xielu xielu -> {
                    for (long i = 0; i < x.width(); i++) {
                        out.setFloat(t, i, xielu(x.getFloat(t, i), xielu));
                    }
                }
            }
        }
    }

    /** max(x - (m + deviations * s), 0), m = sum16(x * 1) / width, s = sqrt(sum16(c * c) / width), c = x - m. */
    private static void sparse(Tensor out, Tensor x, long t, float deviations) {
        int width = (int) x.width();
        float[] sums = new float[16];
        for (int i = 0; i < width; i++) {
            sums[i % 16] += x.getFloat(t, i);
        }
        float mean = ScalarMath.fold16(sums) / width;
        float[] squares = new float[16];
        for (int i = 0; i < width; i++) {
            float c = x.getFloat(t, i) - mean;
            squares[i % 16] = Math.fma(c, c, squares[i % 16]);
        }
        float cutoff = Math.fma(deviations, (float) Math.sqrt(ScalarMath.fold16(squares) / width), mean);
        for (int i = 0; i < width; i++) {
            out.setFloat(t, i, ScalarActivations.relu(x.getFloat(t, i) - cutoff));
        }
    }

    private static void int8(Tensor out, Tensor x, long t, float least) {
        float amax = least;
        for (long i = 0; i < x.width(); i++) {
            amax = Math.max(amax, Math.abs(x.getFloat(t, i))); // NaN wins
        }
        float scale = 127 / amax;
        for (long i = 0; i < x.width(); i++) {
            out.setFloat(t, i, ((float) Math.rint(x.getFloat(t, i) * scale) + 0f) / scale);
        }
    }

    /**
     * fma(positive * x, x, linear * x) for x with sign bit 0, else fma(e(y) + (y - x), negative, linear * x), y = min(x, most): e(y) is (y * y) *
     * P(y), P by Horner's rule in fma, from -1/2 on, and (exp(y) - 1) - y below.
     */
    public static float xielu(float x, RowFunction.Xielu f) {
        float straight = f.linear() * x;
        if (Float.floatToRawIntBits(x) >= 0) {
            return Math.fma(f.positive() * x, x, straight);
        }
        float y = Math.min(x, f.most());
        float e;
        if (y < -0.5f) {
            e = (ScalarMath.exp(y) - 1) - y;
        } else {
            float p = TAYLOR[TAYLOR.length - 1];
            for (int i = TAYLOR.length - 2; i >= 0; i--) {
                p = Math.fma(p, y, TAYLOR[i]);
            }
            e = y * y * p;
        }
        return Math.fma(e + (y - x), f.negative(), straight);
    }

    static void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        long size = x.width() / streams;
        for (long t = from; t < to; t++) {
            for (long at = 0; at < out.width(); at++) {
                long j = at / size;
                float sum = 0;
                for (long i = 0; i < streams; i++) {
                    sum = Math.fma(weights.getFloat(t, j * streams + i), x.getFloat(t, i * size + at % size), sum);
                }
                out.setFloat(t, at, sum);
            }
        }
    }

    static void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        for (long t = from; t < to; t++) {
            float target = (float) Math.sqrt(meanSquare(like, t));
            float own = (float) Math.sqrt(Math.max(meanSquare(inOut, t), least));
            for (long i = 0; i < inOut.width(); i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) * target / own);
            }
        }
    }

    static void maxima(Tensor out, Tensor x, int size, long from, long to) {
        for (long at = from; at < to; at++) {
            long row = at / out.width();
            long block = at % out.width();
            float most = Float.NEGATIVE_INFINITY;
            for (long i = block * size; i < Math.min(x.width(), (block + 1) * size); i++) {
                most = Math.max(most, x.getFloat(row, i));
            }
            out.setFloat(row, block, most);
        }
    }

    private static float meanSquare(Tensor x, long t) {
        float[] sums = new float[16];
        for (int i = 0; i < x.width(); i++) {
            float value = x.getFloat(t, i);
            sums[i % 16] = Math.fma(value, value, sums[i % 16]);
        }
        return ScalarMath.fold16(sums) / x.width();
    }

    static void scale(Tensor inOut, float[] factors, long from, long to) {
        for (long t = from; t < to; t++) {
            for (int i = 0; i < factors.length; i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) * factors[i]);
            }
        }
    }
}
