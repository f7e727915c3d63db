package dev.hearth.model;

import dev.hearth.layer.Input;
import dev.hearth.layer.MaskedHead;
import dev.hearth.layer.Norm;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** A network that reads whole sequences, each in one step, and keeps nothing of them. Every token may see every other. */
public final class Encoder implements Network {
    /** The layers. */
    private interface Body {
        /** The step's chosen tokens after the last norm, [chosen, hidden]. */
        Tensor forward(Step step);
    }

    private final Body body;
    private final List<StateSpec> layerStates;
    private final Optional<MaskedHead> head;
    private final Optional<Classifier> classifier;

    private Encoder(
            Body body, List<StateSpec> layerStates, Optional<MaskedHead> head, Optional<Classifier> classifier) {
        this.body = body;
        this.layerStates = List.copyOf(layerStates);
        this.head = head;
        this.classifier = classifier;
    }

    /** Layers in the order of the data flow; {@code layerStates} are the groups that the plan gave them. */
    public static Encoder of(Input input, List<? extends EncoderBlock> blocks, List<StateSpec> layerStates) {
        return new Encoder(
                step -> chosen(rows(input, blocks, step), step), layerStates, Optional.empty(), Optional.empty());
    }

    /** Layers and a norm after the last. */
    public static Encoder of(Input input, List<? extends EncoderBlock> blocks, Norm norm, List<StateSpec> layerStates) {
        return new Encoder(
                step -> norm.inPlace(chosen(rows(input, blocks, step), step), step),
                layerStates,
                Optional.empty(),
                Optional.empty());
    }

    /** A decoder's layers, which attend as their plan says; its head is left out. */
    public static Encoder of(Decoder decoder) {
        return new Encoder(decoder::hidden, decoder.states(), Optional.empty(), decoder.classifier());
    }

    /** The same with a head that finds masked tokens, if the model has one. */
    public Encoder withHead(Optional<MaskedHead> other) {
        return new Encoder(body, layerStates, other, classifier);
    }

    /** The same with what makes labels, if the model has it. */
    public Encoder withClassifier(Optional<Classifier> other) {
        return new Encoder(body, layerStates, head, other);
    }

    private static Tensor rows(Input input, List<? extends EncoderBlock> blocks, Step step) {
        step.workspace().beginStep();
        Tensor x = input.forward(step);
        for (EncoderBlock block : blocks) {
            step.scratch().beginLayer();
            block.forward(x, step);
        }
        return x;
    }

    private static Tensor chosen(Tensor x, Step step) {
        Tensor out = step.scratch().forStep(DType.F32, step.logitRows().rows(), x.width());
        step.ops().gather(out, x, step.logitRows());
        return out;
    }

    @Override
    public List<StateSpec> states() {
        return List.of();
    }

    /** What one layer at a time needs of each sequence within a step. */
    public List<StateSpec> layerStates() {
        return layerStates;
    }

    @Override
    public Tensor hidden(Step step) {
        return body.forward(step);
    }

    @Override
    public Tensor logits(Step step) {
        MaskedHead there = head.orElseThrow(() -> new IllegalArgumentException(
                "expected a model with a head that finds masked tokens, found one without"));
        return there.forward(body.forward(step), step);
    }

    @Override
    public Optional<Classifier> classifier() {
        return classifier;
    }

    /** Whether it can tell what stands in the place of a masked token. */
    public boolean fillsMasks() {
        return head.isPresent();
    }
}
