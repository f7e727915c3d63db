package dev.hearth.cli;

import dev.hearth.Engine;
import dev.hearth.TokenScore;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How likely a model finds a text. */
@Command(name = "score", description = "Log probabilities of a text's tokens.", mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {
    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--text", paramLabel = "TEXT", description = "The text to score.")
    @Nullable
    private String text;

    @Option(names = "--ids", paramLabel = "1,2,3", description = "The tokens to score.")
    @Nullable
    private String ids;

    @Option(names = "--top", paramLabel = "K", description = "Also the K likeliest tokens at each place.")
    private int top;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        TokenInput.oneOf("--text", text, "--ids", ids);
        if (top < 0) {
            throw new IllegalArgumentException("--top: expected at least 0, found " + top);
        }
        try (Engine engine = engineOptions.load()) {
            int[] tokens =
                    text != null ? engine.tokenizer().encode(text) : TokenInput.ids("--ids", String.valueOf(ids));
            List<TokenScore> scores = engine.score(tokens, top);
            if (json) {
                JsonOutput.print(JsonOutput.scores(scores, top));
            } else {
                table(engine, scores);
            }
        }
        return 0;
    }

    private static void table(Engine engine, List<TokenScore> scores) {
        double sum = 0;
        for (TokenScore score : scores) {
            String logprob = score.logprob().isPresent()
                    ? String.format(Locale.ROOT, "%8.3f", score.logprob().getAsDouble())
                    : "       -";
            System.out.printf(
                    Locale.ROOT,
                    "%8d %s  %s%n",
                    score.id(),
                    logprob,
                    engine.hasTokenizer() ? Shown.token(engine.tokenizer(), score.id()) : "");
            sum += score.logprob().orElse(0);
        }
        int scored = scores.size() - 1;
        if (scored > 0) {
            System.out.printf(Locale.ROOT, "perplexity %.3f over %d tokens%n", Math.exp(-sum / scored), scored);
        }
    }
}
