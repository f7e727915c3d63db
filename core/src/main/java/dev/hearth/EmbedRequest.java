package dev.hearth;

import dev.hearth.embedding.EmbeddingConfig.Scaling;
import dev.hearth.embedding.Pooling;
import dev.hearth.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Texts to embed, and how. Immutable; settings that are left alone take what the model's makers chose. */
public final class EmbedRequest {
    /** One text. */
    sealed interface Input {}

    /** As a person writes it. */
    record Text(String text) implements Input {}

    /** In tokens, with those around it. */
    record Tokens(Encoding encoding) implements Input {}

    /** What stands before every text. */
    sealed interface Prompt {}

    /** A prompt of the model's, by name. */
    record Named(String name) implements Prompt {}

    /** A prompt as it is, empty for none. */
    record Literal(String text) implements Prompt {}

    private final List<Input> inputs;
    private final Optional<Prompt> prompt;
    private final OptionalInt dimensions;
    private final Optional<Scaling> scaling;
    private final Optional<Pooling> pooling;
    private final boolean truncates;

    private EmbedRequest(Builder builder) {
        inputs = List.copyOf(builder.inputs);
        prompt = builder.prompt;
        dimensions = builder.dimensions;
        scaling = builder.scaling;
        pooling = builder.pooling;
        truncates = builder.truncates;
    }

    /** Texts, tokenised as the model's tokenizer does by default. */
    public static Builder of(String... texts) {
        return of(Arrays.asList(texts));
    }

    /** Texts, tokenised as the model's tokenizer does by default. */
    public static Builder of(List<String> texts) {
        return new Builder(texts.stream().map(Text::new).toList());
    }

    /** Texts in tokens, as they are: no prompt and nothing around them is added. */
    public static Builder ofTokens(Encoding... texts) {
        return new Builder(Arrays.stream(texts).map(Tokens::new).toList());
    }

    List<Input> inputs() {
        return inputs;
    }

    Optional<Prompt> prompt() {
        return prompt;
    }

    OptionalInt dimensions() {
        return dimensions;
    }

    Optional<Scaling> scaling() {
        return scaling;
    }

    Optional<Pooling> pooling() {
        return pooling;
    }

    boolean truncates() {
        return truncates;
    }

    /** Collects the settings of a request. Not thread-safe. */
    public static final class Builder {
        private final List<Input> inputs;
        private Optional<Prompt> prompt = Optional.empty();
        private OptionalInt dimensions = OptionalInt.empty();
        private Optional<Scaling> scaling = Optional.empty();
        private Optional<Pooling> pooling = Optional.empty();
        private boolean truncates;

        private Builder(List<? extends Input> inputs) {
            this.inputs = new ArrayList<>(inputs);
        }

        /** Puts one of the model's prompts before every text, {@code query} or {@code document} in many models. */
        public Builder prompt(String name) {
            prompt = Optional.of(new Named(name));
            return this;
        }

        /** Puts this before every text; empty for no prompt, not even the model's default. */
        public Builder promptText(String text) {
            prompt = Optional.of(new Literal(text));
            return this;
        }

        /** Keeps only the first elements of each embedding; for models trained for it, Kusupati and others 2022, arXiv:2205.13147. */
        public Builder dimensions(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("embed request: dimensions: expected at least 1, found " + count);
            }
            dimensions = OptionalInt.of(count);
            return this;
        }

        /** Makes every embedding as long as 1. */
        public Builder normalised() {
            scaling = Optional.of(Scaling.UNIT);
            return this;
        }

        /** Leaves every embedding as long as it comes. */
        public Builder unnormalised() {
            scaling = Optional.of(Scaling.NONE);
            return this;
        }

        /** Pools in another way than the model's makers chose, or than they said; products that follow pooling stay. */
        public Builder pooling(Pooling other) {
            pooling = Optional.of(other);
            return this;
        }

        /** Cuts off the end of a text that is longer than the model can take, instead of refusing it. */
        public Builder truncate() {
            truncates = true;
            return this;
        }

        /** The request. */
        public EmbedRequest build() {
            return new EmbedRequest(this);
        }
    }
}
