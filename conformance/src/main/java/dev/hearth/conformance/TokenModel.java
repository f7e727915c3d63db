package dev.hearth.conformance;

import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.List;

/** A language model on one device, as the kit needs it. One thread at a time. */
public interface TokenModel extends AutoCloseable {
    /**
     * Part of a step.
     *
     * @param sequence index of the sequence
     * @param count how many of its tokens, those that follow what earlier steps took
     */
    record Part(int sequence, int count) {}

    /** Loads models. */
    @FunctionalInterface
    interface Loader {
        /**
         * A model on a device that the caller keeps open.
         *
         * @param path a Hugging Face folder or a GGUF file
         */
        TokenModel load(Device device, Path path, Precision precision);
    }

    /**
     * Computes sequences from empty state by ragged steps.
     *
     * @param sequences ids of each
     * @param steps each a list of parts, at most one a sequence; together they take every token
     * @return [sequence][position][vocabulary]: the logits after each token
     */
    float[][][] logits(List<int[]> sequences, List<List<Part>> steps);

    @Override
    void close();
}
