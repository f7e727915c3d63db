package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A convolution over whole sequences: each token's product and those of as many before it as after it, with zeros where the
 * sequence ends.
 */
public final class CentredConvolution {
    private final List<Linear> taps;
    private final Optional<Activation> activation;

    /**
     * The products, an odd number, those of earlier tokens first.
     *
     * @param activation what follows; empty for tanh
     */
    public CentredConvolution(List<Linear> taps, Optional<Activation> activation) {
        if (taps.size() % 2 == 0) {
            throw new IllegalArgumentException("convolution: expected an odd number of products, found " + taps.size());
        }
        this.taps = List.copyOf(taps);
        this.activation = activation;
    }

    /** [tokens, columns] to [tokens, rows]. */
    public Tensor forward(Tensor x, Step step) {
        int middle = taps.size() / 2;
        Tensor sum = taps.get(middle).forward(x, step);
        for (int i = 0; i < taps.size(); i++) {
            if (i != middle) {
                Tensor neighbours = step.rows(x.width());
                step.ops().shift(neighbours, x, i - middle, step.batch());
                step.ops().add(sum, taps.get(i).forward(neighbours, step));
            }
        }
        activation.ifPresentOrElse(
                a -> step.ops().activate(sum, a), () -> step.ops().softcap(sum, 1));
        return sum;
    }
}
