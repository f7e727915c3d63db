package dev.hearth.model;

import dev.hearth.layer.Mamba2Mixer;
import dev.hearth.layer.MambaMixer;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.Scan;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.Weight;
import java.util.List;
import java.util.Optional;

/** Reads the Mamba mixer of a layer, under llama.cpp's names. */
public final class MambaWeights {
    private static final String NAMES = """
            layers.{n}.MIXER.in_proj         blk.{n}.ssm_in
            layers.{n}.MIXER.conv1d          blk.{n}.ssm_conv1d
            layers.{n}.MIXER.x_proj          blk.{n}.ssm_x
            layers.{n}.MIXER.dt_proj         blk.{n}.ssm_dt
            =layers.{n}.MIXER.dt_bias        blk.{n}.ssm_dt.bias
            =layers.{n}.MIXER.A_log          blk.{n}.ssm_a_log
            =layers.{n}.MIXER.D              blk.{n}.ssm_d
            layers.{n}.MIXER.norm            blk.{n}.ssm_norm
            layers.{n}.MIXER.dt_layernorm    blk.{n}.ssm_dt_norm
            layers.{n}.MIXER.b_layernorm     blk.{n}.ssm_b_norm
            layers.{n}.MIXER.c_layernorm     blk.{n}.ssm_c_norm
            layers.{n}.MIXER.out_proj        blk.{n}.ssm_out
            """;

    private final ModelConfig config;
    private final LayerWeights layer;
    private final ConvolutionSpec convolution;
    private final ScanSpec scan;

    /** Reads the mixer of this layer. */
    public MambaWeights(ModelConfig config, LayerWeights layer) {
        this.config = config;
        this.layer = layer;
        this.convolution = MambaConfig.convolution(config);
        this.scan = MambaConfig.scan(config);
    }

    /** Rows of {@link Architecture#tensorNames} for a Hugging Face layout that calls a layer's mixer so. */
    public static String names(String mixer) {
        return NAMES.replace("MIXER", mixer);
    }

    /** That of the first version, with the norms that the layer has weights of, or that the file says have none. */
    public MambaMixer first(LayerPlan.Recurrent plan) {
        int inner = scan.headCount();
        int rank = MambaConfig.rank(config);
        int state = scan.stateSize();
        MambaMixer mixer = MambaMixer.of(
                layer.linear("ssm_in", 2 * inner, config.hiddenSize()),
                layer.convolution(plan, "ssm_conv1d", inner, convolution),
                new MambaMixer.Selection(
                        layer.linear("ssm_x", rank + 2 * state, inner), layer.linear("ssm_dt", inner, rank)),
                new Scan(plan, new ScanWeights(decay(inner, state), layer.vector("ssm_d", inner), null), scan),
                layer.linear("ssm_out", config.hiddenSize(), inner));
        if (layer.has("ssm_dt_norm")) {
            return mixer.withNorms(
                    layer.rmsNorm("ssm_dt_norm", rank),
                    layer.rmsNorm("ssm_b_norm", state),
                    layer.rmsNorm("ssm_c_norm", state));
        }
        Optional<Float> epsilon = MambaConfig.plainNormEpsilon(config);
        return epsilon.isEmpty()
                ? mixer
                : mixer.withNorms(
                        layer.plainRmsNorm(rank, epsilon.get()),
                        layer.plainRmsNorm(state, epsilon.get()),
                        layer.plainRmsNorm(state, epsilon.get()));
    }

    /** That of the second version, without norm. */
    public Mamba2Mixer second(LayerPlan.Recurrent plan) {
        int inner = Math.multiplyExact(scan.headCount(), scan.headDim());
        int convolved = inner + 2 * scan.groupCount() * scan.stateSize();
        return Mamba2Mixer.of(
                layer.linear("ssm_in", inner + convolved + scan.headCount(), config.hiddenSize()),
                layer.convolution(plan, "ssm_conv1d", convolved, convolution),
                new Scan(
                        plan,
                        new ScanWeights(
                                decay(scan.headCount(), 1),
                                layer.numbers("ssm_d", scan.headCount()),
                                layer.vector("ssm_dt.bias", scan.headCount())),
                        scan),
                layer.linear("ssm_out", config.hiddenSize(), inner));
    }

    /** Norms of the second version's result, one a group. */
    public List<RmsNorm> groupNorms() {
        int size = scan.headCount() / scan.groupCount() * scan.headDim();
        return layer.rmsNorms("ssm_norm", scan.groupCount(), size);
    }

    /** The Hugging Face layout has the logarithm, GGUF what it stands for. */
    private Weight decay(int heads, int width) {
        return layer.hasTensor("ssm_a_log")
                ? layer.negatedExponentials("ssm_a_log", heads, width)
                : layer.numbers("ssm_a", heads, width);
    }
}
