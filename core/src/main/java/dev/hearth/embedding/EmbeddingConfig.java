package dev.hearth.embedding;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a model's makers turn its hidden states into the embedding of a text.
 *
 * @param poolings one or several, whose results are strung together; none where the model doesn't say
 * @param promptUse whether a prompt's tokens are pooled too
 * @param denses products that follow pooling
 * @param scaling what happens to the result's length
 * @param maxTokens most tokens of a text, those around it included; empty for the model's context
 * @param letters what happens to the text's letters
 * @param prompts texts to put before others, by name
 * @param defaultPrompt the name of that which is used unless another is asked for
 */
public record EmbeddingConfig(
        List<Pooling> poolings,
        PromptUse promptUse,
        List<DenseModule> denses,
        Scaling scaling,
        OptionalInt maxTokens,
        Letters letters,
        Map<String, String> prompts,
        Optional<String> defaultPrompt) {
    /** What a prompt's tokens count for. */
    public enum PromptUse {
        /** They are pooled as all others. */
        POOLED,
        /** The text's tokens see them, and only those are pooled. */
        SEEN
    }

    /** The length of an embedding. */
    public enum Scaling {
        /** As it comes. */
        NONE,
        /** Divided by its Euclidean norm. */
        UNIT
    }

    /** The letters of a text. */
    public enum Letters {
        /** As they are. */
        KEPT,
        /** In lower case. */
        LOWER
    }

    /** Of a model that says nothing: a request has to name a pooling. */
    public static final EmbeddingConfig UNKNOWN = new EmbeddingConfig(
            List.of(),
            PromptUse.POOLED,
            List.of(),
            Scaling.NONE,
            OptionalInt.empty(),
            Letters.KEPT,
            Map.of(),
            Optional.empty());

    /** Copies the lists and the map. */
    public EmbeddingConfig {
        poolings = List.copyOf(poolings);
        denses = List.copyOf(denses);
        prompts = Map.copyOf(prompts);
    }

    /** One pooling and nothing else. */
    public static EmbeddingConfig of(Pooling pooling, Scaling scaling) {
        return new EmbeddingConfig(
                List.of(pooling),
                PromptUse.POOLED,
                List.of(),
                scaling,
                OptionalInt.empty(),
                Letters.KEPT,
                Map.of(),
                Optional.empty());
    }

    /** The same with other products. */
    public EmbeddingConfig withDenses(List<DenseModule> other) {
        return new EmbeddingConfig(poolings, promptUse, other, scaling, maxTokens, letters, prompts, defaultPrompt);
    }
}
