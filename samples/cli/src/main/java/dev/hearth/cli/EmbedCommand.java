package dev.hearth.cli;

import dev.hearth.EmbedRequest;
import dev.hearth.Embeddings;
import dev.hearth.Engine;
import dev.hearth.embedding.Pooling;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Embeddings of texts. */
@Command(name = "embed", description = "Embeddings of texts.", mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--text", paramLabel = "TEXT", description = "A text to embed; may be repeated.")
    private List<String> texts = new ArrayList<>();

    @Option(names = "--ids", paramLabel = "1,2,3", description = "A text in tokens; may be repeated.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--prompt", paramLabel = "NAME", description = "One of the model's prompts, put before each text.")
    @Nullable
    private String prompt;

    @Option(names = "--prompt-text", paramLabel = "TEXT", description = "A prompt as it is; empty for none.")
    @Nullable
    private String promptText;

    @Option(names = "--dimensions", paramLabel = "N", description = "Only the first N elements.")
    @Nullable
    private Integer dimensions;

    @Option(names = "--pooling", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}; by default the model's.")
    @Nullable
    private Pooling pooling;

    @Option(names = "--unnormalised", description = "Leave the vectors as long as they come.")
    private boolean unnormalised;

    @Option(names = "--truncate", description = "Cut texts that are too long instead of refusing them.")
    private boolean truncate;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        TokenInput.oneOf("--text", texts.isEmpty() ? null : texts, "--ids", ids.isEmpty() ? null : ids);
        if (prompt != null && promptText != null) {
            throw new IllegalArgumentException("expected --prompt or --prompt-text, found both");
        }
        EmbedRequest request = request();
        try (Engine engine = engineOptions.load()) {
            Embeddings embeddings = engine.embed(request);
            List<float[]> vectors = embeddings.vectors();
            if (!json) {
                vectors.forEach(v -> System.out.println(java.util.Arrays.toString(v)));
            } else if (vectors.size() == 1) {
                JsonOutput.print(JsonOutput.object("embedding", JsonOutput.floats(vectors.getFirst())));
            } else {
                List<Json> all =
                        vectors.stream().map(v -> (Json) JsonOutput.floats(v)).toList();
                JsonOutput.print(JsonOutput.object("embeddings", new Json.Arr(all)));
            }
        }
        return 0;
    }

    private EmbedRequest request() {
        EmbedRequest.Builder builder = texts.isEmpty()
                ? EmbedRequest.ofTokens(ids.stream()
                        .map(i -> Encoding.of(TokenInput.ids("--ids", i)))
                        .toArray(Encoding[]::new))
                : EmbedRequest.of(texts);
        if (prompt != null) {
            builder.prompt(prompt);
        }
        if (promptText != null) {
            builder.promptText(promptText);
        }
        if (dimensions != null) {
            builder.dimensions(dimensions);
        }
        if (pooling != null) {
            builder.pooling(pooling);
        }
        if (unnormalised) {
            builder.unnormalised();
        }
        if (truncate) {
            builder.truncate();
        }
        return builder.build();
    }
}
