package dev.hearth.cli;

import dev.hearth.Engine;
import dev.hearth.LabelRequest;
import dev.hearth.Ranked;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Documents in the order in which they answer a query. */
@Command(
        name = "rerank",
        description = "Documents in the order in which they answer a query.",
        mixinStandardHelpOptions = true)
final class RerankCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--query", paramLabel = "TEXT", description = "The query.")
    @Nullable
    private String query;

    @Option(names = "--document", paramLabel = "TEXT", description = "A document; may be repeated.")
    private List<String> documents = new ArrayList<>();

    @Option(names = "--ids", paramLabel = "1,2,3", description = "A query and a document in tokens; may be repeated.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--truncate", description = "Cut texts that are too long instead of refusing them.")
    private boolean truncate;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        TokenInput.oneOf("--query", query, "--ids", ids.isEmpty() ? null : ids);
        if ((query == null) != documents.isEmpty()) {
            throw new IllegalArgumentException("expected --query with at least one --document");
        }
        LabelRequest.Builder builder = query == null
                ? LabelRequest.ofTokens(ids.stream()
                        .map(i -> Encoding.of(TokenInput.ids("--ids", i)))
                        .toArray(Encoding[]::new))
                : LabelRequest.pairs(query, documents);
        if (truncate) {
            builder.truncate();
        }
        try (Engine engine = engineOptions.load()) {
            List<Ranked> ranking = engine.rerank(builder.build());
            if (json) {
                JsonOutput.print(JsonOutput.object(
                        "results",
                        new Json.Arr(ranking.stream()
                                .map(r -> (Json) JsonOutput.object(
                                        "index", new Json.Int(r.index()),
                                        "score", new Json.Real(r.score()),
                                        "logit", new Json.Real(r.logit())))
                                .toList())));
            } else {
                ranking.forEach(r -> System.out.printf(
                        Locale.ROOT,
                        "%8.4f  %s%n",
                        r.score(),
                        query == null ? ids.get(r.index()) : documents.get(r.index())));
            }
        }
        return 0;
    }
}
