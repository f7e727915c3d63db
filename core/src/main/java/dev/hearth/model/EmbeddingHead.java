package dev.hearth.model;

import dev.hearth.embedding.DenseModule;
import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Stage;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Device;
import java.util.ArrayList;
import java.util.List;

/** How a model embeds texts, and the weights of what follows pooling, which it owns. */
public final class EmbeddingHead implements AutoCloseable {
    private final EmbeddingConfig config;
    private final List<Stage> stages = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int width;

    private EmbeddingHead(EmbeddingConfig config, int width) {
        this.config = config;
        this.width = width;
    }

    /**
     * Loads the products that follow pooling; {@code weights} are the model's own.
     *
     * @throws ModelFormatException if one is missing or doesn't fit what comes before it
     */
    public static EmbeddingHead load(
            EmbeddingConfig config, ModelConfig model, Weights weights, Device device, Loading loading) {
        EmbeddingHead head = new EmbeddingHead(
                config, model.hiddenSize() * Math.max(1, config.poolings().size()));
        try {
            for (DenseModule dense : config.denses()) {
                head.add(dense, model, weights, device, loading);
            }
            return head;
        } catch (RuntimeException | Error e) {
            head.close();
            throw e;
        }
    }

    private void add(DenseModule dense, ModelConfig model, Weights own, Device device, Loading loading) {
        if (dense.inputs() != width) {
            throw new ModelFormatException(
                    model.place() + ": " + dense.name(),
                    "expected a product of " + width + " inputs, as many as come before it, found " + dense.inputs());
        }
        Weights weights = own;
        if (dense.folder().isPresent()) {
            TensorCatalog catalog = dense.folder().get().weights(loading);
            opened.add(catalog);
            weights = new Weights(catalog, model, device, part -> {});
            opened.add(weights);
        }
        Linear product = weights.linear(dense.name(), dense.outputs(), dense.inputs());
        stages.add(
                switch (dense.function()) {
                    case IDENTITY -> Dense.of(product);
                    case TANH -> Dense.tanh(product);
                    case RELU -> Dense.of(product, Activation.RELU);
                    case GELU -> Dense.of(product, Activation.GELU);
                    case SILU -> Dense.of(product, Activation.SILU);
                });
        width = dense.outputs();
    }

    /** What the model's makers chose. */
    public EmbeddingConfig config() {
        return config;
    }

    /** What follows pooling. */
    public List<Stage> stages() {
        return stages;
    }

    /** Elements of an embedding. */
    public int width() {
        return width;
    }

    @Override
    public void close() {
        for (AutoCloseable resource : opened.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("embedding head: " + e.getMessage(), e);
            }
        }
        opened.clear();
    }
}
