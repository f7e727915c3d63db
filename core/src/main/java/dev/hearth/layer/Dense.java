package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.function.BiConsumer;

/** A product and the function of each number that follows it. */
public final class Dense implements Stage {
    private final Linear product;
    private final BiConsumer<Tensor, Step> function;

    private Dense(Linear product, BiConsumer<Tensor, Step> function) {
        this.product = product;
        this.function = function;
    }

    /** The product alone. */
    public static Dense of(Linear product) {
        return new Dense(product, (x, step) -> {});
    }

    /** The product, then an activation. */
    public static Dense of(Linear product, Activation activation) {
        return new Dense(product, (x, step) -> step.ops().activate(x, activation));
    }

    /** The product, then tanh. */
    public static Dense tanh(Linear product) {
        return new Dense(product, (x, step) -> step.ops().softcap(x, 1)); // 1 * tanh(x / 1)
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor out = product.forward(x, step);
        function.accept(out, step);
        return out;
    }
}
