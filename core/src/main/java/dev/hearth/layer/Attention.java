package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Causal self-attention with grouped key heads; Vaswani and others 2017, arXiv:1706.03762; Ainslie and others 2023, arXiv:2305.13245. */
public final class Attention implements TokenMixer {
    private final LayerPlan.Entry plan;
    private final Linears inputs; // queries, keys and values, or queries alone
    private final boolean stores;
    private final Linear output;
    private @Nullable Norm queryNorm;
    private @Nullable Norm keyNorm;
    private @Nullable Norm valueNorm;
    private boolean rotatesFirst;
    private @Nullable Norm outputNorm;
    private @Nullable RopeSpec queryScaling;
    private @Nullable Linear gate;
    private @Nullable RowFunction clamp;

    private Attention(LayerPlan.Entry plan, Linears inputs, boolean stores, Linear output) {
        this.plan = plan;
        this.inputs = inputs;
        this.stores = stores;
        this.output = output;
    }

    /** Attention of a planned layer. */
    public static Attention of(LayerPlan.Entry plan, Qkv qkv, Linear output) {
        return new Attention(plan, new Linears(qkv.query(), qkv.key(), qkv.value()), true, output);
    }

    /** Attention to the keys and values that an earlier layer, whose plan is given, has stored. */
    public static Attention sharing(LayerPlan.Entry earlier, Linear queries, Linear output) {
        return new Attention(earlier, new Linears(queries), false, output);
    }

    private Attention copy() {
        return copy(plan);
    }

    private Attention copy(LayerPlan.Entry other) {
        var copy = new Attention(other, inputs, stores, output);
        copy.queryNorm = queryNorm;
        copy.keyNorm = keyNorm;
        copy.valueNorm = valueNorm;
        copy.rotatesFirst = rotatesFirst;
        copy.outputNorm = outputNorm;
        copy.queryScaling = queryScaling;
        copy.gate = gate;
        copy.clamp = clamp;
        return copy;
    }

    /** The same with the heads' results, [heads * value dim], multiplied by the sigmoid of a product of the input. */
    public Attention withGate(Linear product) {
        var copy = copy();
        copy.gate = product;
        return copy;
    }

    /** The same with what {@code slopes} makes each head's scores lose by distance in place of positions, F32 [heads]. */
    public Attention withSlopes(Weight slopes) {
        return copy(new LayerPlan.Entry(
                plan.attention().withSlopes(slopes), plan.rope(), plan.group(), plan.indexInGroup()));
    }

    /** The same with what scores gain by content and distance. */
    public Attention withRelative(RelativeTerms terms) {
        return copy(new LayerPlan.Entry(
                plan.attention().withRelative(terms), plan.rope(), plan.group(), plan.indexInGroup()));
    }

    /** The same with queries, keys and values clamped as they come from their products. */
    public Attention withClamp(RowFunction.Clamp bounds) {
        var copy = copy();
        copy.clamp = bounds;
        return copy;
    }

    /** The same with scores times a factor. */
    public Attention withScaleFactor(float factor) {
        return copy(new LayerPlan.Entry(
                plan.attention().withScale(plan.attention().scale() * factor),
                plan.rope(),
                plan.group(),
                plan.indexInGroup()));
    }

    /** The same with a score of each head that takes part in the softmax and has no value, F32 [heads]. */
    public Attention withSinks(Weight sinks) {
        return copy(
                new LayerPlan.Entry(plan.attention().withSinks(sinks), plan.rope(), plan.group(), plan.indexInGroup()));
    }

    /** The same with queries turned once more, as {@link RopeSpec#scaling} does to make them larger with the position. */
    public Attention withQueryScaling(RopeSpec scaling) {
        var copy = copy();
        copy.queryScaling = scaling;
        return copy;
    }

    /** The same with queries normed before they are rotated, for a layer without keys. */
    public Attention withQueryNorm(Norm query) {
        var copy = copy();
        copy.queryNorm = query;
        return copy;
    }

    /** The same with values normed. */
    public Attention withValueNorm(Norm value) {
        var copy = copy();
        copy.valueNorm = value;
        return copy;
    }

    /** The same with queries and keys normed before they are rotated, by head or whole, as the norms' groups say. */
    public Attention withHeadNorm(Norm query, Norm key) {
        var copy = copy();
        copy.queryNorm = query;
        copy.keyNorm = key;
        return copy;
    }

    /** The same with queries and keys normed after they are rotated. */
    public Attention withHeadNormAfterRotation(Norm query, Norm key) {
        var copy = withHeadNorm(query, key);
        copy.rotatesFirst = true;
        return copy;
    }

    /** The same with the heads' results normed before the last product. */
    public Attention withOutputNorm(Norm norm) {
        var copy = copy();
        copy.outputNorm = norm;
        return copy;
    }

    /** Writes the step's keys and values. */
    @Override
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        List<Tensor> made = inputs.forward(input, x.rows(), step);
        if (clamp != null) {
            for (Tensor product : made) {
                step.ops().map(product, product, clamp);
            }
        }
        Tensor query = turned(made.getFirst(), queryNorm, step);
        if (queryScaling != null) {
            step.ops().rotate(query, step.batch().positions(), queryScaling);
        }
        KvView kv = step.kv(plan);
        if (stores) {
            Tensor key = turned(made.get(1), keyNorm, step);
            Tensor value = made.get(2);
            if (valueNorm != null) {
                valueNorm.inPlace(value, step);
            }
            step.ops().store(kv, key, value, step.batch());
        }
        Tensor heads = step.rows(query.width());
        step.ops().attend(heads, query, kv, plan.attention(), step.batch());
        if (outputNorm != null) {
            outputNorm.inPlace(heads, step);
        }
        if (gate != null) {
            Tensor open = gate.forward(input, x.rows(), step);
            step.ops().gate(heads, open, heads, Activation.SIGMOID);
        }
        return output.forward(heads, step);
    }

    /** Queries or keys, normed and rotated. */
    private Tensor turned(Tensor x, @Nullable Norm norm, Step step) {
        if (norm != null && !rotatesFirst) {
            norm.inPlace(x, step);
        }
        plan.rope().ifPresent(r -> step.ops().rotate(x, step.batch().positions(), r));
        if (norm != null && rotatesFirst) {
            norm.inPlace(x, step);
        }
        return x;
    }
}
