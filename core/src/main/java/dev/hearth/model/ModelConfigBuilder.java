package dev.hearth.model;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.RopeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ModelConfig} in the making: a reader of a format fills in what most families share, then the family amends it. Setters
 * are named as the record's components and return the builder. Used by one thread.
 */
public final class ModelConfigBuilder {
    private final String place;
    private final String architecture;
    private int vocabSize;
    private int hiddenSize;
    private int contextLength;
    private int headCount;
    private int kvHeadCount;
    private int headDim;
    private int mlpSize;
    private float normEpsilon;
    private Activation activation = Activation.SILU;
    private List<ModelConfig.Layer> layers = new ArrayList<>();
    private @Nullable Float attentionScale;
    private float attentionSoftcap;
    private float logitSoftcap;
    private float embeddingScale = 1;
    private float normOffset;
    private Optional<ModelConfig.Moe> moe = Optional.empty();
    private int window = AttentionSpec.NO_WINDOW;
    private Optional<RopeConfig> fullRope = Optional.empty();
    private Optional<RopeConfig> slidingRope = Optional.empty();
    private final Map<String, List<Double>> settings = new HashMap<>();

    /** Of a family's name and the file that errors name. */
    public ModelConfigBuilder(String place, String architecture) {
        this.place = place;
        this.architecture = architecture;
    }

    ModelConfigBuilder(ModelConfig c) {
        this(c.place(), c.architecture());
        vocabSize = c.vocabSize();
        hiddenSize = c.hiddenSize();
        contextLength = c.contextLength();
        headCount = c.headCount();
        kvHeadCount = c.kvHeadCount();
        headDim = c.headDim();
        mlpSize = c.mlpSize();
        normEpsilon = c.normEpsilon();
        activation = c.activation();
        layers = new ArrayList<>(c.layers());
        attentionScale = c.attentionScale();
        attentionSoftcap = c.attentionSoftcap();
        logitSoftcap = c.logitSoftcap();
        embeddingScale = c.embeddingScale();
        normOffset = c.normOffset();
        moe = c.moe();
        settings.putAll(c.settings());
    }

    /** The configuration. @throws dev.hearth.format.ModelFormatException if the numbers don't fit each other */
    public ModelConfig build() {
        return new ModelConfig(
                place,
                architecture,
                vocabSize,
                hiddenSize,
                contextLength,
                headCount,
                kvHeadCount,
                headDim,
                mlpSize,
                normEpsilon,
                activation,
                layers,
                attentionScale == null ? (float) Math.pow(headDim, -0.5) : attentionScale,
                attentionSoftcap,
                logitSoftcap,
                embeddingScale,
                normOffset,
                moe,
                settings);
    }

    public ModelConfigBuilder vocabSize(int value) {
        vocabSize = value;
        return this;
    }

    public ModelConfigBuilder hiddenSize(int value) {
        hiddenSize = value;
        return this;
    }

    public ModelConfigBuilder contextLength(int value) {
        contextLength = value;
        return this;
    }

    /** Query heads, key heads and elements of each, of the model and of every layer planned so far. */
    public ModelConfigBuilder heads(int queries, int keys, int dim) {
        headCount = queries;
        kvHeadCount = keys;
        headDim = dim;
        return layers((layer, i) -> layer.withHeads(keys, dim));
    }

    /** Feed-forward size, of the model and of every layer planned so far. */
    public ModelConfigBuilder mlpSize(int value) {
        mlpSize = value;
        return layers((layer, i) -> layer.withMlpSize(value));
    }

    public ModelConfigBuilder normEpsilon(double value) {
        normEpsilon = (float) value;
        return this;
    }

    public ModelConfigBuilder activation(Activation value) {
        activation = value;
        return this;
    }

    /** The factor of query · key; without a call 1 / sqrt(head dimension). */
    public ModelConfigBuilder attentionScale(double value) {
        attentionScale = (float) value;
        return this;
    }

    public ModelConfigBuilder attentionSoftcap(double value) {
        attentionSoftcap = (float) value;
        return this;
    }

    public ModelConfigBuilder logitSoftcap(double value) {
        logitSoftcap = (float) value;
        return this;
    }

    public ModelConfigBuilder embeddingScale(double value) {
        embeddingScale = (float) value;
        return this;
    }

    public ModelConfigBuilder normOffset(double value) {
        normOffset = (float) value;
        return this;
    }

    public ModelConfigBuilder moe(ModelConfig.Moe value) {
        moe = Optional.of(value);
        return this;
    }

    /** Changes the mixture of experts, if the file has one. */
    public ModelConfigBuilder moe(UnaryOperator<ModelConfig.Moe> change) {
        moe = moe.map(change);
        return this;
    }

    /** A number that only some families have; a switch is 1 or 0. */
    public ModelConfigBuilder setting(String name, double value) {
        return setting(name, List.of(value));
    }

    /** Numbers that only some families have. */
    public ModelConfigBuilder setting(String name, List<Double> values) {
        settings.put(name, List.copyOf(values));
        return this;
    }

    /**
     * Plans the layers anew: all attend, none with a window until {@link #slide} says which.
     *
     * @param window positions that a sliding layer sees
     * @param full the rotation of layers that see everything
     * @param sliding the rotation of sliding layers
     */
    ModelConfigBuilder plan(int count, int window, RopeConfig full, RopeConfig sliding) {
        this.window = window;
        fullRope = Optional.of(full);
        slidingRope = Optional.of(sliding);
        layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(new ModelConfig.Layer(
                    ModelConfig.Mixer.ATTENTION,
                    AttentionSpec.NO_WINDOW,
                    AttentionSpec.NO_WINDOW,
                    fullRope,
                    kvHeadCount,
                    headDim,
                    new KvLayout.Values.Apart(headDim),
                    mlpSize,
                    0));
        }
        return this;
    }

    /** Gives the chosen layers the file's window and the rotation of sliding layers, the others neither; by index from 0. */
    public ModelConfigBuilder slide(IntPredicate chosen) {
        return layers((layer, i) -> chosen.test(i)
                ? layer.withWindow(window).withRope(slidingRope)
                : layer.withWindow(AttentionSpec.NO_WINDOW).withRope(fullRope));
    }

    /** The rotation of sliding layers from the next {@link #slide} on. */
    public ModelConfigBuilder slidingRope(RopeConfig rope) {
        slidingRope = Optional.of(rope);
        return this;
    }

    /** Which elements of a head every rotation pairs. */
    public ModelConfigBuilder pairing(RopeSpec.Pairing pairing) {
        return ropes(r -> r.withPairing(pairing));
    }

    /** Changes every rotation. */
    public ModelConfigBuilder ropes(UnaryOperator<RopeConfig> change) {
        fullRope = fullRope.map(change);
        slidingRope = slidingRope.map(change);
        return layers((layer, i) -> layer.withRope(layer.rope().map(change)));
    }

    /** Changes the rotation of layers that slide. */
    public ModelConfigBuilder slidingRopes(UnaryOperator<RopeConfig> change) {
        slidingRope = slidingRope.map(change);
        return layers((layer, i) -> layer.window() == AttentionSpec.NO_WINDOW
                ? layer
                : layer.withRope(layer.rope().map(change)));
    }

    /** Takes the rotation away from the chosen layers, by index from 0, which then don't encode positions. */
    public ModelConfigBuilder withoutRope(IntPredicate chosen) {
        return layers((layer, i) -> chosen.test(i) ? layer.withRope(Optional.empty()) : layer);
    }

    /** Gives the chosen layers, by index from 0, a state of {@code size} F32 numbers in the place of attention. */
    public ModelConfigBuilder recur(IntPredicate chosen, double size) {
        setting(LayerPlan.RECURRENT_SIZE, Math.max(1, size));
        return layers((layer, i) -> chosen.test(i) ? layer.withMixer(ModelConfig.Mixer.RECURRENT) : layer);
    }

    /** Lets tokens see later ones, within a layer's window on both sides. */
    public ModelConfigBuilder bothWays() {
        return setting(ModelConfig.BOTH_WAYS, 1);
    }

    /** The window of layers that have one. */
    public ModelConfigBuilder windows(IntUnaryOperator change) {
        window = window == AttentionSpec.NO_WINDOW ? window : change.applyAsInt(window);
        return layers((layer, i) -> layer.window() == AttentionSpec.NO_WINDOW
                ? layer
                : layer.withWindow(change.applyAsInt(layer.window())));
    }

    /** Factor of the logits. */
    public ModelConfigBuilder logitScale(double value) {
        return setting("logit_scale", value);
    }

    /** How many elements of a head every rotation turns. */
    public ModelConfigBuilder rotaryDim(int elements) {
        fullRope = fullRope.map(r -> r.withRotaryDim(elements));
        slidingRope = slidingRope.map(r -> r.withRotaryDim(elements));
        return layers((layer, i) -> layer.withRope(layer.rope().map(r -> r.withRotaryDim(elements))));
    }

    /** Keeps the first layers alone. */
    public ModelConfigBuilder firstLayers(int count) {
        layers = new ArrayList<>(layers.subList(0, Math.clamp(count, 0, layers.size())));
        return this;
    }

    /** Changes every layer; the function gets the layer and its index from 0. */
    public ModelConfigBuilder layers(BiFunction<ModelConfig.Layer, Integer, ModelConfig.Layer> change) {
        for (int i = 0; i < layers.size(); i++) {
            layers.set(i, change.apply(layers.get(i), i));
        }
        return this;
    }

    /** Plans every layer to mix positions by a state of fixed size; the model has neither attention nor feed-forward layers. */
    public ModelConfigBuilder withoutAttention() {
        return heads(1, 1, 1)
                .mlpSize(1)
                .layers((layer, i) ->
                        layer.withMixer(ModelConfig.Mixer.RECURRENT).withRope(Optional.empty()));
    }

    /** The model has no experts, whatever the file says of their number. */
    public ModelConfigBuilder withoutExperts() {
        moe = Optional.empty();
        return this;
    }

    /** The file that errors name. */
    public String place() {
        return place;
    }

    /** Number of layers planned. */
    public int layerCount() {
        return layers.size();
    }

    public int hiddenSize() {
        return hiddenSize;
    }

    public int headCount() {
        return headCount;
    }

    public int headDim() {
        return headDim;
    }

    public int kvHeadCount() {
        return kvHeadCount;
    }

    public int mlpSize() {
        return mlpSize;
    }

    public int contextLength() {
        return contextLength;
    }

    /** The window that the file gives to sliding layers. */
    public int window() {
        return window;
    }
}
