package dev.hearth.model;

import dev.hearth.layer.Head;
import dev.hearth.layer.Input;
import dev.hearth.layer.Norm;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A network that reads a sequence in any number of steps, each token after those before it. */
public final class Decoder implements Network {
    private final Input input;
    private final List<? extends DecoderBlock> blocks;
    private final Norm norm;
    private final Head head;
    private final List<StateSpec> states;
    private final Optional<Classifier> classifier;

    /** Layers in the order of the data flow; {@code states} are the groups that the plan gave them. */
    public Decoder(
            Input input, List<? extends DecoderBlock> blocks, Norm norm, Head head, List<? extends StateSpec> states) {
        this(input, blocks, norm, head, List.copyOf(states), Optional.empty());
    }

    private Decoder(
            Input input,
            List<? extends DecoderBlock> blocks,
            Norm norm,
            Head head,
            List<StateSpec> states,
            Optional<Classifier> classifier) {
        this.input = input;
        this.blocks = blocks;
        this.norm = norm;
        this.head = head;
        this.states = states;
        this.classifier = classifier;
    }

    /** The same with what makes labels. */
    public Decoder withClassifier(Classifier other) {
        return new Decoder(input, blocks, norm, head, states, Optional.of(other));
    }

    @Override
    public List<StateSpec> states() {
        return states;
    }

    @Override
    public Tensor logits(Step step) {
        return head.forward(hidden(step), step.atEnd());
    }

    @Override
    public Optional<Classifier> classifier() {
        return classifier;
    }

    @Override
    public Tensor hidden(Step step) {
        step.workspace().beginStep();
        Step here = step;
        Tensor residual = input.forward(here);
        @Nullable Tensor delta = null;
        for (int i = 0; i < blocks.size(); i++) {
            Step next = here.atLayer(i);
            if (next.stage() != here.stage()) {
                residual = next.taken(residual, here);
                delta = delta == null ? null : next.taken(delta, here);
                here = next;
            }
            here.scratch().beginLayer();
            delta = blocks.get(i).forward(residual, delta, here);
        }
        Tensor chosen = chosen(residual, here);
        return norm.addThenNorm(chosen, delta == null ? null : chosen(delta, here), here);
    }

    private static Tensor chosen(Tensor x, Step step) {
        Tensor out = step.scratch().forStep(DType.F32, step.logitRows().rows(), x.width());
        step.ops().gather(out, x, step.logitRows());
        return out;
    }
}
