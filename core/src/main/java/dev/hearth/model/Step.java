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
 * @param stage the device of the workspace on which it goes on
 * @param ids I32 [tokens, 1]
 * @param types I32 [tokens, 1]: which part of its text a token belongs to, 0 for the first
 * @param batches where each token belongs, for each device
 * @param states for each state group of the network the pages of the step's sequences
 * @param logitRows I32 [count, 1]: the tokens that are chosen, whose logits or hidden states are wanted
 */
public record Step(
        Workspace workspace,
        int stage,
        Precision precision,
        Tensor ids,
        Tensor types,
        List<Batch> batches,
        List<State> states,
        Tensor logitRows) {
    /** The state of one group: a view for each of its layers, counted within the group. */
    public sealed interface State {
        /** The device that has it. */
        int stage();

        /** Keys and values. */
        record Kv(int stage, IntFunction<KvView> layers) implements State {}

        /** State of fixed size. */
        record Recurrent(int stage, IntFunction<RecurrentView> layers) implements State {}
    }

    /** The queue of its device. */
    public Ops ops() {
        return workspace.pipeline().devices().get(stage).ops();
    }

    /** Memory of its device. */
    public Scratch scratch() {
        return workspace.scratch(stage);
    }

    /** Where each token belongs. */
    public Batch batch() {
        return batches.get(stage);
    }

    /** The step on the device of a layer. */
    Step atLayer(int layer) {
        return at(workspace.pipeline().stageOf(layer));
    }

    /** The step on the device of what follows the layers. */
    public Step atEnd() {
        return at(workspace.pipeline().stageCount() - 1);
    }

    private Step at(int other) {
        return other == stage ? this : new Step(workspace, other, precision, ids, types, batches, states, logitRows);
    }

    /** What an earlier device has computed, here. */
    Tensor taken(Tensor x, Step from) {
        return workspace.moved(x, from.stage, stage);
    }

    /** The keys and values of a layer. @throws IllegalArgumentException if the group has none */
    public KvView kv(LayerPlan.Entry plan) {
        if (state(plan.group()) instanceof State.Kv kv) {
            return kv.layers().apply(plan.indexInGroup());
        }
        throw new IllegalArgumentException("step: state group " + plan.group() + " has no keys");
    }

    /** The state of fixed size of a layer. @throws IllegalArgumentException if the group has none */
    public RecurrentView recurrent(LayerPlan.Recurrent plan) {
        if (state(plan.group()) instanceof State.Recurrent state) {
            return state.layers().apply(plan.indexInGroup());
        }
        throw new IllegalArgumentException("step: state group " + plan.group() + " has no state of fixed size");
    }

    private State state(int group) {
        State state = states.get(group);
        assert state.stage() == stage : "layers that share keys are on one device";
        return state;
    }

    /** Number of tokens. */
    public long tokenCount() {
        return batch().tokenCount();
    }

    /** Room for F32 values, one row a token, that outlives this layer by one. */
    public Tensor rows(long width) {
        return scratch().forLayer(DType.F32, tokenCount(), width);
    }
}
