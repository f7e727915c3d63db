package dev.hearth.model;

import dev.hearth.layer.Head;
import dev.hearth.layer.Input;
import dev.hearth.layer.Norm;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decoder-only network. Stateless: state lives in the pages that a {@link Step} names. Any thread may use it with its own step. */
public final class Decoder {
    private final Input input;
    private final List<? extends DecoderBlock> blocks;
    private final Norm norm;
    private final Head head;
    private final List<StateSpec> states;

    /** Layers in the order of the data flow; {@code states} are the groups that the plan gave them. */
    public Decoder(
            Input input, List<? extends DecoderBlock> blocks, Norm norm, Head head, List<? extends StateSpec> states) {
        this.input = input;
        this.blocks = blocks;
        this.norm = norm;
        this.head = head;
        this.states = List.copyOf(states);
    }

    /** What it keeps for each sequence. */
    public List<StateSpec> states() {
        return states;
    }

    /** Logits of the step's chosen tokens, F32 [logit rows, vocabulary]; they last until the next step and are there after the fence. */
    public Tensor forward(Step step) {
        step.scratch().beginStep();
        Tensor residual = input.forward(step);
        @Nullable Tensor delta = null;
        for (DecoderBlock block : blocks) {
            step.scratch().beginLayer();
            delta = block.forward(residual, delta, step);
        }
        Tensor chosen = chosen(residual, step);
        return head.forward(norm.addThenNorm(chosen, delta == null ? null : chosen(delta, step), step), step);
    }

    private static Tensor chosen(Tensor x, Step step) {
        Tensor out = step.scratch().forStep(DType.F32, step.logitRows().rows(), x.width());
        step.ops().gather(out, x, step.logitRows());
        return out;
    }
}
