package dev.hearth.cli;

import dev.hearth.BareModel;
import dev.hearth.format.TensorEntry;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Precision;
import dev.hearth.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations that steps need: every matrix that a token meets times its activations, and what attention multiplies, queries with keys
 * and shares with values. Norms, activation functions and the recurrences of states of fixed size are left out.
 *
 * @param token of the layers' matrices, for a token
 * @param logits of the last matrix, for a row of logits
 * @param attention of each layer that attends
 */
record Arithmetic(Operations token, Operations logits, List<Scores> attention) {
    /**
     * Attention of a layer.
     *
     * @param perPosition operations of a token for each position that it sees
     */
    record Scores(AttentionSpec seen, double perPosition) {}

    static Arithmetic of(BareModel model) {
        ModelConfig config = model.config();
        return new Arithmetic(layers(model), logits(model), attention(config));
    }

    private static Operations layers(BareModel model) {
        double part = Traffic.expertPart(model.config());
        Operations sum = Operations.NONE;
        for (TensorEntry tensor : model.tensors()) {
            if (tensor.shape().rank() > 1 && !Traffic.isTable(tensor.name()) && !Traffic.isVocabulary(tensor.name())) {
                sum = sum.plus(product(tensor, model.precision()).times(Traffic.isOfExperts(tensor.name()) ? part : 1));
            }
        }
        return sum;
    }

    private static Operations logits(BareModel model) {
        String name = Traffic.headName(model);
        return model.tensors().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .map(t -> product(t, model.precision()))
                .orElse(Operations.NONE);
    }

    private static Operations product(TensorEntry weight, Precision precision) {
        double operations = 2.0 * weight.shape().elements();
        return switch (precision.activation(weight.type().orElse(DType.F32))) {
            case F32 -> new Operations(0, 0, operations);
            case BF16 -> new Operations(0, operations, 0);
            default -> new Operations(operations, 0, 0);
        };
    }

    private static List<Scores> attention(ModelConfig config) {
        var plan = new LayerPlan(config);
        List<Scores> scores = new ArrayList<>();
        for (int i = 0; i < config.layerCount(); i++) {
            ModelConfig.Layer layer = config.layers().get(i);
            if (layer.mixer().attends()) {
                double width = layer.headDim() + layer.values().dim();
                scores.add(new Scores(plan.layer(i).attention(), 2 * width * config.headCount()));
            }
        }
        return List.copyOf(scores);
    }

    /** What a workload computes in all its sequences: logits of the last token of a prompt, of every token that is decoded. */
    Operations of(Workload work) {
        double seen = 0;
        for (Scores layer : attention) {
            for (int position = work.depth(); position < work.positions(); position++) {
                seen += layer.perPosition * (position + 1 - layer.seen.firstVisible(position));
            }
        }
        double rows = work.kind() == Workload.Kind.PROMPT ? 1 : work.tokens();
        return token.times(work.tokens())
                .plus(logits.times(rows))
                .plus(new Operations(0, 0, seen))
                .times(work.sequences());
    }
}
