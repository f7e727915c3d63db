package dev.hearth.model;

import dev.hearth.layer.AltUp;
import dev.hearth.layer.Linear;
import dev.hearth.tensor.Shape;

/** Reads the tensors of alternating updates, by llama.cpp's names. */
public final class AltUpWeights {
    private final LayerWeights layer;
    private final AltUp.Sizes sizes;

    /** Of one layer. */
    public AltUpWeights(LayerWeights layer, AltUp.Sizes sizes) {
        this.layer = layer;
        this.sizes = sizes;
    }

    /** The updates, without factors of what follows them. */
    public AltUp read() {
        return new AltUp(
                sizes,
                layer.rmsNorm("altup_router_norm", sizes.hidden()),
                layer.linear("altup_router", sizes.count(), sizes.hidden()),
                prediction(),
                correction(),
                null);
    }

    /** The updates, with factors of what follows them. */
    public AltUp readScaled() {
        return read().withScale(layer.vector("altup_correct_scale.weight", sizes.hidden()));
    }

    /** The file's coefficients [streams * streams, streams] plus one for a stream itself, and the active stream's once more. */
    private Linear prediction() {
        int n = sizes.count();
        float[] file = layer.matrix("altup_predict_coef", n * n, n);
        float[] weights = new float[(n + 1) * n * n];
        float[] bias = new float[(n + 1) * n];
        for (int to = 0; to <= n; to++) {
            int like = to < n ? to : sizes.active();
            System.arraycopy(file, like * n * n, weights, to * n * n, n * n);
            bias[to * n + like] = 1;
        }
        return layer.linear("altup_predict_coef", Shape.of((n + 1L) * n, n), weights, bias);
    }

    /**
     * The file's coefficients [streams, streams] plus one are factors of the innovation, which is the block's result less the
     * active prediction.
     */
    private Linear correction() {
        int n = sizes.count();
        float[] file = layer.matrix("altup_correct_coef", n, n);
        float[] weights = new float[n * (n + 1) * n];
        float[] bias = new float[n * (n + 1)];
        for (int to = 0; to < n; to++) {
            int first = to * (n + 1);
            bias[first + to] = 1;
            bias[first + sizes.active()] -= 1;
            bias[first + n] = 1;
            for (int i = 0; i < n; i++) {
                weights[(first + sizes.active()) * n + i] = -file[to * n + i];
                weights[(first + n) * n + i] = file[to * n + i];
            }
        }
        return layer.linear("altup_correct_coef", Shape.of(n * (n + 1L), n), weights, bias);
    }
}
