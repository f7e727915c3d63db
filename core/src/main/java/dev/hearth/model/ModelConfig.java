package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.Activation;
import java.util.List;
import java.util.Optional;

/**
 * What a model file says about the model, whichever format it has. Numbers have been checked to be in a range in which they
 * can mean something; whether tensors fit them is checked when weights are read.
 *
 * @param place file that errors name
 * @param architecture GGUF's name of the family: {@code qwen3}
 * @param contextLength positions that the model was made for, or fewer where the engine limits them
 * @param mlpSize elements between the products of a feed-forward layer
 * @param layers one a layer, in order
 * @param attentionScale factor of query · key
 * @param attentionSoftcap 0 for none
 * @param logitSoftcap 0 for none
 * @param embeddingScale factor of the token embedding
 * @param normOffset what a norm's stored weights lack: 1 for Gemma in the Hugging Face layout, else 0
 */
public record ModelConfig(
        String place,
        String architecture,
        int vocabSize,
        int hiddenSize,
        int contextLength,
        int headCount,
        int kvHeadCount,
        int headDim,
        int mlpSize,
        float normEpsilon,
        Activation activation,
        List<Layer> layers,
        float attentionScale,
        float attentionSoftcap,
        float logitSoftcap,
        float embeddingScale,
        float normOffset,
        Optional<Moe> moe) {
    private static final int LARGEST_HEAD = 1 << 14; // beyond any model; keeps every product of sizes within an int
    private static final int LARGEST_HEAD_COUNT = 1 << 14;

    /**
     * What may differ between layers.
     *
     * @param window positions seen, {@link dev.hearth.spi.AttentionSpec#NO_WINDOW} for all
     * @param rope empty where positions are not encoded
     */
    public record Layer(int window, Optional<RopeConfig> rope) {}

    /**
     * Mixture of experts.
     *
     * @param expertCount experts of a layer
     * @param usedCount experts that a token uses
     * @param expertSize elements between an expert's products
     * @param normalised whether the used experts' weights sum to one
     */
    public record Moe(int expertCount, int usedCount, int expertSize, boolean normalised) {}

    /** Checks that the numbers fit each other. */
    public ModelConfig {
        layers = List.copyOf(layers);
        atLeastOne(place, "vocabulary size", vocabSize);
        atLeastOne(place, "hidden size", hiddenSize);
        atLeastOne(place, "context length", contextLength);
        atLeastOne(place, "number of layers", layers.size());
        atLeastOne(place, "number of heads", headCount);
        atLeastOne(place, "number of key heads", kvHeadCount);
        atLeastOne(place, "head dimension", headDim);
        atLeastOne(place, "feed-forward size", mlpSize);
        atMost(place, "head dimension", headDim, LARGEST_HEAD);
        atMost(place, "number of heads", headCount, LARGEST_HEAD_COUNT);
        if (headCount % kvHeadCount != 0) {
            throw new ModelFormatException(
                    place, "expected key heads that divide the " + headCount + " heads, found " + kvHeadCount);
        }
        if (!(normEpsilon >= 0 && normEpsilon < 1)) {
            throw new ModelFormatException(
                    place, "expected a norm epsilon of at least 0 and below 1, found " + normEpsilon);
        }
        for (Layer layer : layers) {
            int rotary = layer.rope().map(RopeConfig::rotaryDim).orElse(2);
            if (layer.window() < 1 || rotary < 2 || rotary > headDim || rotary % 2 != 0) {
                throw new ModelFormatException(
                        place,
                        "expected an even number of rotary dimensions up to " + headDim
                                + " and a window of at least 1, found " + rotary + " and " + layer.window());
            }
        }
        moe.ifPresent(m -> {
            atLeastOne(place, "number of experts", m.expertCount());
            atLeastOne(place, "expert size", m.expertSize());
            if (m.usedCount() < 1 || m.usedCount() > m.expertCount()) {
                throw new ModelFormatException(
                        place, "expected 1 to " + m.expertCount() + " experts a token, found " + m.usedCount());
            }
        });
    }

    /** Number of layers. */
    public int layerCount() {
        return layers.size();
    }

    /** Elements of all query heads. */
    public int queryWidth() {
        return Math.multiplyExact(headCount, headDim);
    }

    /** Elements of all key heads. */
    public int keyWidth() {
        return Math.multiplyExact(kvHeadCount, headDim);
    }

    /** The error for something that the configuration should say and doesn't. */
    public ModelFormatException missing(String what) {
        return new ModelFormatException(place, "expected a " + what + ", found nothing");
    }

    /** The same model with another bound on positions. */
    public ModelConfig withContextLength(int context) {
        return new ModelConfig(
                place,
                architecture,
                vocabSize,
                hiddenSize,
                context,
                headCount,
                kvHeadCount,
                headDim,
                mlpSize,
                normEpsilon,
                activation,
                layers,
                attentionScale,
                attentionSoftcap,
                logitSoftcap,
                embeddingScale,
                normOffset,
                moe);
    }

    private static void atMost(String place, String what, int value, int limit) {
        if (value > limit) {
            throw new ModelFormatException(place, "expected a " + what + " of at most " + limit + ", found " + value);
        }
    }

    private static void atLeastOne(String place, String what, int value) {
        if (value < 1 || value > 1 << 28) {
            throw new ModelFormatException(
                    place, "expected a " + what + " of at least 1 and at most 2^28, found " + value);
        }
    }
}
