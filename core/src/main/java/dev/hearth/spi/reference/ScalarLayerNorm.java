package dev.hearth.spi.reference;

import dev.hearth.spi.NormSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@link dev.hearth.spi.Ops#layerNorm} of one row, its residual already added to. */
final class ScalarLayerNorm {
    private final float[] weight;
    private final float @Nullable [] bias;
    private final NormSpec spec;

    ScalarLayerNorm(float[] weight, float @Nullable [] bias, NormSpec spec) {
        this.weight = weight;
        this.bias = bias;
        this.spec = spec;
    }

    void norm(Tensor out, Tensor x, long t) {
        for (long start = 0; start < x.width(); start += spec.groupSize()) {
            group(out, x, t, start);
        }
    }

    private void group(Tensor out, Tensor x, long t, long start) {
        int size = spec.groupSize();
        float[] sums = new float[16];
        for (int i = 0; i < size; i++) {
            sums[i % 16] += x.getFloat(t, start + i);
        }
        float mean = ScalarMath.fold16(sums) / size;
        float[] squares = new float[16];
        for (int i = 0; i < size; i++) {
            float c = x.getFloat(t, start + i) - mean;
            squares[i % 16] = Math.fma(c, c, squares[i % 16]);
        }
        float r = 1 / (float) Math.sqrt(ScalarMath.fold16(squares) / size + spec.epsilon());
        for (int i = 0; i < size; i++) {
            float value = (x.getFloat(t, start + i) - mean) * r * weight[i];
            out.setFloat(t, start + i, bias == null ? value : value + bias[i]);
        }
    }
}
