package dev.hearth.conformance;

import dev.hearth.adapter.AdapterFolder;
import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.Pipeline;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.state.SequenceState;
import dev.hearth.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A model as Hearth itself loads and runs it, without the engine around it. */
public final class HearthModel implements TokenModel {
    private static final int CONTEXT = 256;
    private static final long CACHE_BYTES = 64 << 20;

    private final ModelSource source;
    private final Weights weights;
    private final Runner runner;
    private final int vocabSize;

    private HearthModel(ModelSource source, Weights weights, Runner runner, int vocabSize) {
        this.source = source;
        this.weights = weights;
        this.runner = runner;
        this.vocabSize = vocabSize;
    }

    /** As {@link TokenModel.Loader}. */
    public static TokenModel load(Device device, Path path, Precision precision) {
        return load(device, path, precision, List.of());
    }

    /** The same with adapters merged into its weights. */
    public static TokenModel load(Device device, Path path, Precision precision, List<AdapterFolder> adapters) {
        return load(List.of(device), path, precision, adapters);
    }

    /** The same on several devices, with layers shared out evenly as far as those that share keys stay together. */
    public static TokenModel load(List<Device> devices, Path path, Precision precision, List<AdapterFolder> adapters) {
        ModelSource source = ModelSource.open(path, Loading.MAPPED, adapters);
        ModelConfig stored = source.config();
        ModelConfig config = stored.withStages(stages(stored, devices.size()));
        Pipeline pipeline = Pipeline.of(config, devices);
        Weights weights = new Weights(source.catalog(), config, pipeline, part -> {});
        Network network = Architectures.build(config, weights);
        Runner runner = new Runner(network, pipeline, precision, precision.cache(), CONTEXT, CACHE_BYTES);
        return new HearthModel(source, weights, runner, config.vocabSize());
    }

    private static List<Integer> stages(ModelConfig config, int devices) {
        List<Integer> stages = new ArrayList<>(Collections.nCopies(config.layerCount(), 0));
        for (int device = 1; device < devices; device++) {
            int first = (device * config.layerCount() + devices - 1) / devices;
            while (!config.canBeginAt(first)) {
                first--;
            }
            Collections.fill(stages.subList(first, stages.size()), device);
        }
        return stages;
    }

    @Override
    public float[][][] logits(List<int[]> sequences, List<List<Part>> steps) {
        float[][][] result = new float[sequences.size()][][];
        int[] done = new int[sequences.size()];
        List<TokenList> tokens = new ArrayList<>();
        List<SequenceState> states = new ArrayList<>();
        for (int i = 0; i < result.length; i++) {
            result[i] = new float[sequences.get(i).length][];
            tokens.add(new TokenList(sequences.get(i)));
            states.add(runner.cache().admit());
        }
        for (List<Part> step : steps) {
            List<Chunk> chunks = new ArrayList<>();
            for (Part part : step) {
                int s = part.sequence();
                chunks.add(new Chunk(states.get(s), tokens.get(s), done[s], part.count(), Chunk.Logits.ALL));
            }
            Tensor logits = runner.forward(chunks).all();
            int row = 0;
            for (Part part : step) {
                for (int i = 0; i < part.count(); i++) {
                    result[part.sequence()][done[part.sequence()]++] = row(logits, row++);
                }
            }
        }
        states.forEach(SequenceState::close);
        return result;
    }

    private float[] row(Tensor logits, int row) {
        float[] values = new float[vocabSize];
        for (int i = 0; i < vocabSize; i++) {
            values[i] = logits.getFloat(row, i);
        }
        return values;
    }

    @Override
    public void close() {
        runner.close();
        weights.close();
        source.close();
    }
}
