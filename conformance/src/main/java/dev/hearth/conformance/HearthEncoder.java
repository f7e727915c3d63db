package dev.hearth.conformance;

import dev.hearth.embedding.Pooler;
import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.Classifier;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.state.SequenceState;
import dev.hearth.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A model that reads whole texts, as Hearth itself loads and runs it, without the engine around it. */
final class HearthEncoder implements AutoCloseable {
    private static final long CACHE_BYTES = 64 << 20;

    private final ModelSource source;
    private final Weights weights;
    private final Network network;
    private final Runner runner;

    private HearthEncoder(ModelSource source, Weights weights, Network network, Runner runner) {
        this.source = source;
        this.weights = weights;
        this.network = network;
        this.runner = runner;
    }

    static HearthEncoder load(Device device, Path path, Precision precision) {
        ModelSource source = ModelSource.open(path, Loading.MAPPED);
        ModelConfig config = source.config();
        Weights weights = new Weights(source.catalog(), config, device, part -> {});
        Network network = Architectures.build(config, weights);
        return new HearthEncoder(
                source,
                weights,
                network,
                new Runner(network, device, precision, precision.cache(), config.contextLength(), CACHE_BYTES));
    }

    /** [text][token][hidden] of texts in one step. */
    float[][][] hidden(List<EncoderOracle.Text> texts) {
        return run(texts, runner::hidden);
    }

    /** [text][token][vocabulary] of texts in one step, or of labels [text][1][labels]. */
    float[][][] logits(List<EncoderOracle.Text> texts) {
        if (network.classifier().isEmpty()) {
            return run(texts, runner::forward);
        }
        Classifier classifier = network.classifier().get();
        float[][][] hidden = hidden(texts);
        float[][][] labels = new float[hidden.length][1][];
        for (int t = 0; t < hidden.length; t++) {
            Pooler pooler = new Pooler(List.of(classifier.pooling()), hidden[t][0].length, 0);
            for (int i = 0; i < hidden[t].length; i++) {
                pooler.add(i, hidden[t][i]);
            }
            labels[t][0] = runner.apply(classifier.stages(), pooler.result());
        }
        return labels;
    }

    private float[][][] run(List<EncoderOracle.Text> texts, Function<List<Chunk>, Results> forward) {
        List<Chunk> chunks = new ArrayList<>();
        for (EncoderOracle.Text text : texts) {
            int count = text.ids().length;
            TokenList tokens = TokenList.typed(text.ids(), text.types());
            chunks.add(new Chunk(runner.cache().admit(), tokens, 0, count, Chunk.Logits.ALL));
        }
        Tensor rows = forward.apply(chunks).all();
        float[][][] result = new float[texts.size()][][];
        int row = 0;
        for (int t = 0; t < result.length; t++) {
            result[t] = new float[texts.get(t).ids().length][(int) rows.width()];
            for (float[] values : result[t]) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = rows.getFloat(row, i);
                }
                row++;
            }
        }
        chunks.stream().map(Chunk::state).forEach(SequenceState::close);
        return result;
    }

    @Override
    public void close() {
        runner.close();
        weights.close();
        source.close();
    }
}
