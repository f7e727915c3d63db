package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Causal self-attention with grouped key heads; Vaswani and others 2017, arXiv:1706.03762; Ainslie and others 2023, arXiv:2305.13245. */
public final class Attention {
    private final LayerPlan.Entry plan;
    private final Qkv qkv;
    private final Linear output;
    private @Nullable Norm queryNorm;
    private @Nullable Norm keyNorm;
    private boolean rotatesFirst;
    private @Nullable Norm outputNorm;
    private @Nullable RopeSpec queryScaling;

    private Attention(LayerPlan.Entry plan, Qkv qkv, Linear output) {
        this.plan = plan;
        this.qkv = qkv;
        this.output = output;
    }

    /** Attention of a planned layer. */
    public static Attention of(LayerPlan.Entry plan, Qkv qkv, Linear output) {
        return new Attention(plan, qkv, output);
    }

    private Attention copy() {
        return copy(plan);
    }

    private Attention copy(LayerPlan.Entry other) {
        var copy = new Attention(other, qkv, output);
        copy.queryNorm = queryNorm;
        copy.keyNorm = keyNorm;
        copy.rotatesFirst = rotatesFirst;
        copy.outputNorm = outputNorm;
        copy.queryScaling = queryScaling;
        return copy;
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

    /** [tokens, hidden] to [tokens, hidden]; writes the step's keys and values. */
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        Tensor query = qkv.query().forward(input, x.rows(), step);
        Tensor key = qkv.key().forward(input, x.rows(), step);
        Tensor value = qkv.value().forward(input, x.rows(), step);
        if (rotatesFirst) {
            rotate(query, key, step);
        }
        if (queryNorm != null && keyNorm != null) {
            queryNorm.inPlace(query, step);
            keyNorm.inPlace(key, step);
        }
        if (!rotatesFirst) {
            rotate(query, key, step);
        }
        if (queryScaling != null) {
            step.ops().rotate(query, step.batch().positions(), queryScaling);
        }
        KvView kv = step.states().get(plan.group()).layer(plan.indexInGroup());
        step.ops().store(kv, key, value, step.batch());
        Tensor heads = step.rows(query.width());
        step.ops().attend(heads, query, kv, plan.attention(), step.batch());
        if (outputNorm != null) {
            outputNorm.inPlace(heads, step);
        }
        return output.forward(heads, step);
    }

    private void rotate(Tensor query, Tensor key, Step step) {
        if (plan.rope().isPresent()) {
            step.ops().rotate(query, step.batch().positions(), plan.rope().get());
            step.ops().rotate(key, step.batch().positions(), plan.rope().get());
        }
    }
}
