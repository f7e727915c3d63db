package dev.hearth;

import dev.hearth.format.TensorEntry;
import dev.hearth.model.ModelConfig;
import dev.hearth.schedule.Runner;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import java.util.List;

/** A loaded model without the loop that runs requests: whoever holds it runs the steps. Used by one thread at a time. */
public final class BareModel implements AutoCloseable {
    private final LoadedModel model;

    BareModel(LoadedModel model) {
        this.model = model;
    }

    /** What the model file says. */
    public ModelConfig config() {
        return model.config();
    }

    /** Every tensor of the files, by GGUF's names. */
    public List<TensorEntry> tensors() {
        return model.source().catalog().entries();
    }

    /** How it rounds. */
    public Precision precision() {
        return model.precision();
    }

    /** How keys and values are kept. */
    public CacheType cacheType() {
        return model.cacheType();
    }

    /** What computes, in words. */
    public String backend() {
        return model.where();
    }

    /** The memory that it holds at most. */
    public ModelMemory memory() {
        return model.memory();
    }

    /** Runs steps; belongs to the model. */
    public Runner runner() {
        return model.runner();
    }

    /** Frees everything. */
    @Override
    public void close() {
        model.runner().close();
        model.close();
    }
}
