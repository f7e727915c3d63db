package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mamba's selective state space, a head a channel; Gu and Dao 2023, arXiv:2312.00752, section 3. */
public final class MambaMixer implements TokenMixer {
    /**
     * What makes a token's steps and what it writes and reads.
     *
     * @param all from [channels] to [rank + 2 state size]: steps of low rank, b, c
     * @param steps from [rank] to [channels], with the bias of the steps
     */
    public record Selection(Linear all, Linear steps) {}

    private record Norms(Norm steps, Norm b, Norm c) {}

    private final Linear input;
    private final Convolution convolution;
    private final Selection selection;
    private final Scan scan;
    private final Linear output;
    private final @Nullable Norms norms;

    private MambaMixer(
            Linear input,
            Convolution convolution,
            Selection selection,
            Scan scan,
            Linear output,
            @Nullable Norms norms) {
        this.input = input;
        this.convolution = convolution;
        this.selection = selection;
        this.scan = scan;
        this.output = output;
        this.norms = norms;
    }

    /**
     * The mixer.
     *
     * @param input from [hidden] to [2 channels]: the channels, then their gates
     * @param output from [channels] to [hidden]
     */
    public static MambaMixer of(Linear input, Convolution convolution, Selection selection, Scan scan, Linear output) {
        return new MambaMixer(input, convolution, selection, scan, output, null);
    }

    /** The same with steps of low rank, b and c normed. */
    public MambaMixer withNorms(Norm steps, Norm b, Norm c) {
        return new MambaMixer(input, convolution, selection, scan, output, new Norms(steps, b, c));
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor both = input.forward(x, step);
        Tensor channels = both.columns(0, scan.width());
        convolution.into(channels, channels, step);
        Tensor selected = selection.all.forward(channels, step);
        long rank = selected.width() - 2 * scan.groupWidth();
        Tensor steps = selected.columns(0, rank);
        Tensor b = selected.columns(rank, scan.groupWidth());
        Tensor c = selected.columns(rank + scan.groupWidth(), scan.groupWidth());
        if (norms != null) {
            norms.steps.inPlace(steps, step);
            norms.b.inPlace(b, step);
            norms.c.inPlace(c, step);
        }
        scan.inPlace(channels, selection.steps.forward(steps, step), b, c, step);
        Tensor gate = both.columns(scan.width(), scan.width());
        step.ops().gate(gate, gate, channels, Activation.SILU);
        return output.forward(gate, step);
    }
}
