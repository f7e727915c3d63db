package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Causal self-attention with grouped key heads; Vaswani and others 2017, arXiv:1706.03762; Ainslie and others 2023, arXiv:2305.13245. */
public final class Attention {
    private final LayerPlan.Entry plan;
    private final Qkv qkv;
    private final Linear output;
    private final @Nullable RmsNorm queryNorm;
    private final @Nullable RmsNorm keyNorm;

    private Attention(
            LayerPlan.Entry plan, Qkv qkv, Linear output, @Nullable RmsNorm queryNorm, @Nullable RmsNorm keyNorm) {
        this.plan = plan;
        this.qkv = qkv;
        this.output = output;
        this.queryNorm = queryNorm;
        this.keyNorm = keyNorm;
    }

    /** Attention of a planned layer. */
    public static Attention of(LayerPlan.Entry plan, Qkv qkv, Linear output) {
        return new Attention(plan, qkv, output, null, null);
    }

    /** The same with each query and key head normed before it is rotated. */
    public Attention withHeadNorm(RmsNorm query, RmsNorm key) {
        return new Attention(plan, qkv, output, query, key);
    }

    /** [tokens, hidden] to [tokens, hidden]; writes the step's keys and values. */
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        Tensor query = qkv.query().forward(input, x.rows(), step);
        Tensor key = qkv.key().forward(input, x.rows(), step);
        Tensor value = qkv.value().forward(input, x.rows(), step);
        if (queryNorm != null && keyNorm != null) {
            queryNorm.inPlace(query, step);
            keyNorm.inPlace(key, step);
        }
        if (plan.rope().isPresent()) {
            step.ops().rotate(query, step.batch().positions(), plan.rope().get());
            step.ops().rotate(key, step.batch().positions(), plan.rope().get());
        }
        KvView kv = step.states().get(plan.group()).layer(plan.indexInGroup());
        step.ops().store(kv, key, value, step.batch());
        Tensor heads = step.rows(query.width());
        step.ops().attend(heads, query, kv, plan.attention(), step.batch());
        return output.forward(heads, step);
    }
}
