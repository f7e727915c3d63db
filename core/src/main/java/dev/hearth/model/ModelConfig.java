package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.RoutingSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a model file says about the model, whichever format it has. Numbers have been checked to be in a range in which they
 * can mean something; whether tensors fit them is checked when weights are read. Made by {@link ModelConfigBuilder}.
 *
 * @param place file that errors name
 * @param architecture name of the family, {@link Architectures.Family#name()}
 * @param contextLength positions that the model was made for, or fewer where the engine limits them
 * @param kvHeadCount key heads of most layers; a {@link Layer} has its own
 * @param headDim elements of a head in most layers; a {@link Layer} has its own
 * @param mlpSize elements between the products of a feed-forward layer
 * @param layers one a layer, in order
 * @param attentionScale factor of query · key
 * @param attentionSoftcap 0 for none
 * @param logitSoftcap 0 for none
 * @param embeddingScale factor of the token embedding
 * @param normOffset what a norm's stored weights lack: 1 for Gemma in the Hugging Face layout, else 0
 * @param settings numbers that only some families have, by GGUF's name of the key where it has one
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
        Optional<Moe> moe,
        Map<String, List<Double>> settings) {
    private static final int LARGEST_HEAD = 1 << 14; // beyond any model; keeps every product of sizes within an int
    private static final int LARGEST_HEAD_COUNT = 1 << 14;

    /** How a layer lets positions see one another. */
    public enum Mixer {
        /** By keys and values of earlier positions. */
        ATTENTION,
        /** By a state of fixed size that each position changes. */
        RECURRENT,
        /** By both, side by side. */
        BOTH,
        /** By the keys and values of an earlier layer, {@link #keysOf}. */
        SHARED,
        /** Not at all. */
        NONE;

        /** Whether the layer has keys and values of its own. */
        public boolean attends() {
            return this == ATTENTION || this == BOTH;
        }

        /** Whether the layer has a state of fixed size. */
        public boolean recurs() {
            return this == RECURRENT || this == BOTH;
        }
    }

    /**
     * What may differ between layers.
     *
     * @param window positions seen, {@link dev.hearth.spi.AttentionSpec#NO_WINDOW} for all
     * @param chunk positions that see only each other, {@link dev.hearth.spi.AttentionSpec#NO_WINDOW} for all
     * @param rope empty where positions are not encoded
     * @param headDim elements of a key
     * @param values where values are and how large
     * @param stage which device of a {@link Pipeline} it runs on, from 0
     */
    public record Layer(
            Mixer mixer,
            int window,
            int chunk,
            Optional<RopeConfig> rope,
            int kvHeadCount,
            int headDim,
            KvLayout.Values values,
            int mlpSize,
            int stage) {
        /** Whether it sees the last positions only. */
        public boolean slides() {
            return window != AttentionSpec.NO_WINDOW;
        }

        /** The same with another way to mix positions. */
        public Layer withMixer(Mixer other) {
            return new Layer(other, window, chunk, rope, kvHeadCount, headDim, values, mlpSize, stage);
        }

        /** The same with another rotation, or none. */
        public Layer withRope(Optional<RopeConfig> other) {
            return new Layer(mixer, window, chunk, other, kvHeadCount, headDim, values, mlpSize, stage);
        }

        /** The same with other key heads, values of the same size. */
        public Layer withHeads(int heads, int dim) {
            return new Layer(mixer, window, chunk, rope, heads, dim, new KvLayout.Values.Apart(dim), mlpSize, stage);
        }

        /** The same with other values. */
        public Layer withValues(KvLayout.Values other) {
            return new Layer(mixer, window, chunk, rope, kvHeadCount, headDim, other, mlpSize, stage);
        }

        /** The same with another window. */
        public Layer withWindow(int positions) {
            return new Layer(mixer, positions, chunk, rope, kvHeadCount, headDim, values, mlpSize, stage);
        }

        /** The same in chunks, which bound the window too. */
        public Layer withChunk(int positions) {
            return new Layer(mixer, positions, positions, rope, kvHeadCount, headDim, values, mlpSize, stage);
        }

        /** The same on another device. */
        public Layer withStage(int other) {
            return new Layer(mixer, window, chunk, rope, kvHeadCount, headDim, values, mlpSize, other);
        }

        /** The same with another feed-forward size. */
        public Layer withMlpSize(int size) {
            return new Layer(mixer, window, chunk, rope, kvHeadCount, headDim, values, size, stage);
        }
    }

    /**
     * Mixture of experts.
     *
     * @param expertCount experts of a layer
     * @param expertSize elements between an expert's products
     * @param sharedSize elements between the products of what every token uses beside its experts; 0 for none
     * @param routing how a token chooses
     */
    public record Moe(int expertCount, int expertSize, int sharedSize, RoutingSpec routing) {
        /** Experts that a token uses. */
        public int usedCount() {
            return routing.expertCount();
        }

        /** The same with another way to choose. */
        public Moe withRouting(RoutingSpec other) {
            return new Moe(expertCount, expertSize, sharedSize, other);
        }

        /** The same with a shared expert of another size. */
        public Moe withSharedSize(int size) {
            return new Moe(expertCount, expertSize, size, routing);
        }

        private void check(String place) {
            atLeastOne(place, "number of experts", expertCount);
            atLeastOne(place, "expert size", expertSize);
            if (sharedSize < 0 || sharedSize > 1 << 28) {
                throw new ModelFormatException(
                        place, "expected a shared expert of 0 to 2^28 elements, found " + sharedSize);
            }
            if (usedCount() < 1 || usedCount() > expertCount) {
                throw new ModelFormatException(
                        place, "expected 1 to " + expertCount + " experts a token, found " + usedCount());
            }
            if (!routing.fits(expertCount)) {
                throw new ModelFormatException(
                        place, "expected groups that " + expertCount + " experts can be in, found " + routing);
            }
        }
    }

    /** Checks that the numbers fit each other. */
    public ModelConfig {
        layers = List.copyOf(layers);
        settings = Map.copyOf(settings);
        atLeastOne(place, "vocabulary size", vocabSize);
        atLeastOne(place, "hidden size", hiddenSize);
        atLeastOne(place, "context length", contextLength);
        atLeastOne(place, "number of layers", layers.size());
        atLeastOne(place, "number of heads", headCount);
        checkHeads(place, headCount, kvHeadCount, headDim);
        atLeastOne(place, "feed-forward size", mlpSize);
        atMost(place, "number of heads", headCount, LARGEST_HEAD_COUNT);
        if (!(normEpsilon >= 0 && normEpsilon < 1)) {
            throw new ModelFormatException(
                    place, "expected a norm epsilon of at least 0 and below 1, found " + normEpsilon);
        }
        for (Layer layer : layers) {
            checkLayer(place, headCount, layer);
        }
        moe.ifPresent(m -> m.check(place));
    }

    private static void checkLayer(String place, int headCount, Layer layer) {
        if (!layer.mixer().attends()) {
            return;
        }
        checkHeads(place, headCount, layer.kvHeadCount(), layer.headDim());
        int rotary = layer.rope().map(RopeConfig::rotaryDim).orElse(2);
        if (layer.window() < 1 || layer.chunk() < 1 || rotary < 2 || rotary > layer.headDim() || rotary % 2 != 0) {
            throw new ModelFormatException(
                    place,
                    "expected an even number of rotary dimensions up to " + layer.headDim()
                            + " and a window of at least 1, found " + rotary + " and " + layer.window());
        }
    }

    private static void checkHeads(String place, int headCount, int kvHeadCount, int headDim) {
        atLeastOne(place, "number of key heads", kvHeadCount);
        atLeastOne(place, "head dimension", headDim);
        atMost(place, "head dimension", headDim, LARGEST_HEAD);
        if (headCount % kvHeadCount != 0) {
            throw new ModelFormatException(
                    place, "expected key heads that divide the " + headCount + " heads, found " + kvHeadCount);
        }
    }

    /** Factor of the logits, 1 where the model has none. */
    public float logitScale() {
        return (float) setting("logit_scale", 1);
    }

    /** The setting that tokens see later ones. */
    public static final String BOTH_WAYS = "both_ways";

    /** The setting that the model is made to label whole texts. */
    public static final String LABELS_TEXTS = "labels_texts";

    /** Whether the model is made to label whole texts. */
    public boolean labelsTexts() {
        return flag(LABELS_TEXTS);
    }

    /** Whether tokens see later ones, within a layer's window on both sides: the model then reads whole texts alone. */
    public boolean bothWays() {
        return flag(BOTH_WAYS);
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

    /** Whether the file gave this setting. */
    public boolean has(String setting) {
        return settings.containsKey(setting);
    }

    /** A number that only some families have. @throws ModelFormatException if the file doesn't give it */
    public double setting(String name) {
        return numbers(name).getFirst();
    }

    /** A number that only some families have, or {@code otherwise}. */
    public double setting(String name, double otherwise) {
        return has(name) ? setting(name) : otherwise;
    }

    /**
     * A size that only some families have.
     *
     * @throws ModelFormatException if the file doesn't give it, or it isn't a whole number of at least 1 and at most 2^28
     */
    public int size(String name) {
        double value = setting(name);
        if (value != Math.rint(value)) {
            throw new ModelFormatException(place, "expected a whole number as " + name + ", found " + value);
        }
        atLeastOne(place, name, (int) value);
        return (int) value;
    }

    /** Whether a switch that only some families have is on; off where the file doesn't say. */
    public boolean flag(String name) {
        return setting(name, 0) != 0;
    }

    /** Numbers that only some families have. @throws ModelFormatException if the file doesn't give them */
    public List<Double> numbers(String name) {
        List<Double> values = settings.get(name);
        if (values == null || values.isEmpty()) {
            throw missing(name);
        }
        return values;
    }

    /**
     * The layer whose keys and values a layer uses: its own, or where it shares them the last before it that has some with the same window and
     * size.
     *
     * @throws ModelFormatException if there is none
     */
    public int keysOf(int index) {
        Layer own = layers.get(index);
        for (int i = index; i >= 0; i--) {
            Layer layer = layers.get(i);
            if (layer.mixer().attends() && layer.window() == own.window() && layer.headDim() == own.headDim()) {
                return i;
            }
        }
        throw missing("layer whose keys layer " + index + " can use");
    }

    /** Whether the layers from one on need no keys of those before it, so that a device can begin with it. */
    public boolean canBeginAt(int first) {
        for (int i = first; i < layers.size(); i++) {
            if (layers.get(i).mixer() == Mixer.SHARED && keysOf(i) < first) {
                return false;
            }
        }
        return true;
    }

    /** The error for something that the configuration should say and doesn't. */
    public ModelFormatException missing(String what) {
        return new ModelFormatException(place, "expected a " + what + ", found nothing");
    }

    /** The same model with another bound on positions. */
    public ModelConfig withContextLength(int context) {
        return new ModelConfigBuilder(this).contextLength(context).build();
    }

    /** The same model with its layers on devices, a number from 0 for each layer. */
    public ModelConfig withStages(List<Integer> stages) {
        return new ModelConfigBuilder(this)
                .layers((layer, i) -> layer.withStage(stages.get(i)))
                .build();
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
