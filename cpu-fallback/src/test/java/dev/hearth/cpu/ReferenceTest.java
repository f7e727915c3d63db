package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.model.Architectures;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the README says of every family, that its logits and greedy tokens are checked, needs a reference of each. */
class ReferenceTest {
    /** Values of {@code model_type} without a reference, and why there is none. */
    private static final Map<String, String> WITHOUT = Map.of(
            "kimi_k2", "the layers of deepseek_v3; transformers has no model of this name",
            "camembert", "the layers of roberta",
            "llama4", "wraps llama4_text",
            "qwen3_5", "wraps qwen3_5_text",
            "gemma3", "wraps gemma3_text",
            "gemma3n", "wraps gemma3n_text",
            "gemma4", "wraps gemma4_text");

    @Test
    void everyModelType_hasAReference() {
        Set<String> missing = new TreeSet<>();
        Architectures.all().forEach(f -> missing.addAll(f.modelTypes()));
        missing.removeAll(Reference.modelTypes());
        missing.removeAll(WITHOUT.keySet());
        assertThat(missing)
                .as("families without a model under src/test/resources/oracles; tools/make_oracle.py makes one")
                .isEmpty();
    }

    @Test
    void exceptions_areNeeded() {
        assertThat(WITHOUT.keySet()).allSatisfy(type -> {
            assertThat(Architectures.all()).anyMatch(f -> f.modelTypes().contains(type));
            assertThat(Reference.modelTypes()).doesNotContain(type);
        });
    }
}
