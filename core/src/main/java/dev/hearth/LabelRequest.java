package dev.hearth;

import dev.hearth.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts, or pairs of texts, for a model that labels them. Immutable. */
public final class LabelRequest {
    /** One text or pair. */
    sealed interface Input {}

    /** One text. */
    record Text(String text) implements Input {}

    /** Two texts that the model sees together. */
    record Pair(String first, String second) implements Input {}

    /** In tokens, with those around them. */
    record Tokens(Encoding encoding) implements Input {}

    private final List<Input> inputs;
    private final boolean truncates;

    private LabelRequest(Builder builder) {
        inputs = List.copyOf(builder.inputs);
        truncates = builder.truncates;
    }

    /** Texts. */
    public static Builder of(String... texts) {
        return new Builder(Arrays.stream(texts).map(Text::new).toList());
    }

    /** One text with each of others: a query with documents, a premise with hypotheses. */
    public static Builder pairs(String first, List<String> seconds) {
        return new Builder(seconds.stream().map(s -> new Pair(first, s)).toList());
    }

    /** Texts or pairs in tokens, as they are. */
    public static Builder ofTokens(Encoding... texts) {
        return new Builder(Arrays.stream(texts).map(Tokens::new).toList());
    }

    List<Input> inputs() {
        return inputs;
    }

    boolean truncates() {
        return truncates;
    }

    /** Collects the settings of a request. Not thread-safe. */
    public static final class Builder {
        private final List<Input> inputs;
        private boolean truncates;

        private Builder(List<? extends Input> inputs) {
            this.inputs = new ArrayList<>(inputs);
        }

        /** Cuts texts that are longer than the model can take, of a pair the longer one first, instead of refusing them. */
        public Builder truncate() {
            truncates = true;
            return this;
        }

        /** The request. */
        public LabelRequest build() {
            return new LabelRequest(this);
        }
    }
}
