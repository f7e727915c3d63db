package dev.hearth.model;

import dev.hearth.layer.Linear;
import dev.hearth.layer.Qkv;
import dev.hearth.spi.Batch;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of distances as each layer's products make keys and queries of them: computed while a model is built, by one
 * thread, so that no step has to. Closing it frees what only that needed.
 */
public final class RelativeWeights implements AutoCloseable {
    private final ModelConfig config;
    private final Weights weights;
    private final Workspace workspace;
    private final Scratch scratch;
    private final Step step;
    private final @Nullable Tensor vectors; // null where scores don't depend on distances
    private final int[] rows;

    /** Of the table {@code vectors}, [vectors, hidden], and its norm, if the configuration has them. */
    public RelativeWeights(Weights weights, String vectors, String norm) {
        this.weights = weights;
        config = weights.config();
        boolean there = RelativeConfig.hasKeys(config) || RelativeConfig.hasQueries(config);
        rows = there ? RelativeConfig.buckets(config).rows(config.contextLength() - 1) : new int[1];
        workspace = new Workspace(Pipeline.on(weights.device()));
        scratch = workspace.scratch(0);
        try {
            workspace.beginStep();
            Tensor none = scratch.forStep(DType.I32, 1, 1);
            step = new Step(workspace, 0, Precision.EXACT, none, none, List.of(new Batch(none, none)), List.of(), none);
            this.vectors = there ? vectors(step, vectors, norm) : null;
        } catch (RuntimeException | Error e) {
            workspace.close();
            throw e;
        }
    }

    private Tensor vectors(Step step, String name, String norm) {
        int count = 2 * RelativeConfig.buckets(config).span();
        Tensor ids = scratch.forStep(DType.I32, count, 1);
        for (int i = 0; i < count; i++) {
            ids.setInt(i, 0, i);
        }
        Tensor table = scratch.forStep(DType.F32, count, config.hiddenSize());
        step.ops().embed(table, weights.table(name, count, config.hiddenSize()), ids, 1);
        return RelativeConfig.normsVectors(config)
                ? weights.layerNorm(norm, config.hiddenSize()).inPlace(table, step)
                : table;
    }

    /** The terms of a layer, empty if there are none. {@code qkv} are its products, the others of distances alone. */
    public Optional<RelativeTerms> terms(LayerWeights layer, Qkv qkv, String keys, String queries) {
        if (vectors == null) {
            return Optional.empty();
        }
        boolean shared = RelativeConfig.sharesProducts(config);
        return Optional.of(new RelativeTerms(
                rows,
                RelativeConfig.hasKeys(config)
                        ? heads(layer, keys, vectors, shared ? qkv.key() : product(layer, keys))
                        : null,
                RelativeConfig.hasQueries(config)
                        ? heads(layer, queries, vectors, shared ? qkv.query() : product(layer, queries))
                        : null));
    }

    private Linear product(LayerWeights layer, String name) {
        return layer.linear(name, config.queryWidth(), config.hiddenSize());
    }

    /** What a product makes of the vectors, head after head: F32 [heads * vectors, head dim]. */
    private Weight heads(LayerWeights layer, String name, Tensor x, Linear product) {
        scratch.beginLayer();
        Tensor made = product.forward(x, step);
        step.ops().fence().await();
        long dim = config.headDim();
        MemorySegment table = weights.allocate(4 * made.rows() * made.width());
        for (long head = 0; head < config.headCount(); head++) {
            for (long row = 0; row < made.rows(); row++) {
                long from = row * made.rowBytes() + 4 * head * dim;
                MemorySegment.copy(made.segment(), from, table, 4 * (head * made.rows() + row) * dim, 4 * dim);
            }
        }
        Shape shape = Shape.of(config.headCount() * made.rows(), dim);
        return weights.load(
                new WeightSource("blk." + layer.index() + "." + name, DType.F32, shape, table.asReadOnly()));
    }

    @Override
    public void close() {
        workspace.close();
    }
}
