package dev.hearth.model;

import dev.hearth.spi.Batch;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Everything that one forward pass needs and that changes from pass to pass. A batch is ragged: any number of sequences, any
 * number of tokens of each.
 *
 * @param ids I32 [tokens, 1]
 * @param types I32 [tokens, 1]: which part of its text a token belongs to, 0 for the first
 * @param batch where each token belongs
 * @param states for each state group of the network the pages of the step's sequences
 * @param logitRows I32 [count, 1]: the tokens that are chosen, whose logits or hidden states are wanted
 */
public record Step(
        Ops ops,
        Scratch scratch,
        Precision precision,
        Tensor ids,
        Tensor types,
        Batch batch,
        List<State> states,
        Tensor logitRows) {
    /** The state of one group: a view for each of its layers, counted within the group. */
    public sealed interface State {
        /** Keys and values. */
        record Kv(IntFunction<KvView> layers) implements State {}

        /** State of fixed size. */
        record Recurrent(IntFunction<RecurrentView> layers) implements State {}
    }

    /** The keys and values of a layer. @throws IllegalArgumentException if the group has none */
    public KvView kv(LayerPlan.Entry plan) {
        if (states.get(plan.group()) instanceof State.Kv kv) {
            return kv.layers().apply(plan.indexInGroup());
        }
        throw new IllegalArgumentException("step: state group " + plan.group() + " has no keys");
    }

    /** The state of fixed size of a layer. @throws IllegalArgumentException if the group has none */
    public RecurrentView recurrent(LayerPlan.Recurrent plan) {
        if (states.get(plan.group()) instanceof State.Recurrent state) {
            return state.layers().apply(plan.indexInGroup());
        }
        throw new IllegalArgumentException("step: state group " + plan.group() + " has no state of fixed size");
    }

    /** Number of tokens. */
    public long tokenCount() {
        return batch.tokenCount();
    }

    /** Room for F32 values, one row a token, that outlives this layer by one. */
    public Tensor rows(long width) {
        return scratch.forLayer(DType.F32, tokenCount(), width);
    }
}
