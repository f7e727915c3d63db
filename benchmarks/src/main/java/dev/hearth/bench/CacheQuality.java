package dev.hearth.bench;

import dev.hearth.BareModel;
import dev.hearth.Engine;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import dev.hearth.state.SequenceState;
import dev.hearth.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What each type of cache costs in accuracy, and what activations cost that fast precision rounds: logits of a text against those of
 * exact precision with a cache of F32. The text is the
 * model's own, drawn token by token at temperature 1 from a fixed seed, so that it is as likely as what the model was trained on.
 */
public final class CacheQuality {
    private static final int SEED = 5;

    private CacheQuality() {}

    /** {@code FIRST TOKENS MODEL…}: prints a row for each model, precision and type, of texts that begin with the token FIRST. */
    public static void main(String[] arguments) {
        if (arguments.length < 3) {
            throw new IllegalArgumentException("expected FIRST TOKENS MODEL..., found " + List.of(arguments));
        }
        int first = Integer.parseInt(arguments[0]);
        System.out.println(
                "| model | tokens | precision | cache | largest difference of a logit | mean KL | perplexity |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- |");
        for (String model : List.of(arguments).subList(2, arguments.length)) {
            measure(Path.of(model), first, Integer.parseInt(arguments[1]));
        }
    }

    private static void measure(Path path, int first, int most) {
        TokenList text = new TokenList(first);
        float[][] exact;
        try (BareModel model = load(path, Precision.EXACT, CacheType.F32)) {
            exact = draw(model, text, Math.min(most, model.config().contextLength()));
        }
        for (Precision precision : Precision.values()) {
            for (CacheType type : CacheType.values()) {
                try (BareModel model = load(path, precision, type)) {
                    float[][] found = logits(model, text, exact.length);
                    System.out.printf(
                            Locale.ROOT,
                            "| %s | %d | %s | %s | %.2g | %.2g | %.5f |%n",
                            path.getFileName(),
                            exact.length,
                            precision,
                            type,
                            largestDifference(exact, found),
                            divergence(exact, found),
                            perplexity(found, text));
                }
            }
        }
    }

    private static BareModel load(Path path, Precision precision, CacheType type) {
        return Engine.builder(path).precision(precision).cacheType(type).loadBare();
    }

    /** Appends tokens until there are {@code count} + 1 and returns the logits of all but the last. */
    private static float[][] draw(BareModel model, TokenList text, int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[][] logits = new float[count][];
        try (SequenceState state = model.runner().cache().admit()) {
            for (int t = 0; t < count; t++) {
                Tensor row = model.runner()
                        .forward(List.of(new Chunk(state, text, t, 1, Chunk.Logits.LAST)))
                        .all();
                logits[t] = row(row, 0);
                text.add(choose(logits[t], random.nextDouble()));
            }
        }
        return logits;
    }

    private static float[][] logits(BareModel model, TokenList text, int count) {
        float[][] logits = new float[count][];
        try (SequenceState state = model.runner().cache().admit()) {
            for (int t = 0; t < count; t += 64) {
                int size = Math.min(64, count - t);
                Tensor rows = model.runner()
                        .forward(List.of(new Chunk(state, text, t, size, Chunk.Logits.ALL)))
                        .all();
                for (int i = 0; i < size; i++) {
                    logits[t + i] = row(rows, i);
                }
            }
        }
        return logits;
    }

    private static float[] row(Tensor rows, int index) {
        float[] row = new float[(int) rows.width()];
        for (int i = 0; i < row.length; i++) {
            row[i] = rows.getFloat(index, i);
        }
        return row;
    }

    private static int choose(float[] logits, double part) {
        double norm = logSum(logits);
        double left = part;
        for (int i = 0; i < logits.length; i++) {
            left -= Math.exp(logits[i] - norm);
            if (left < 0) {
                return i;
            }
        }
        return logits.length - 1;
    }

    private static double largestDifference(float[][] exact, float[][] found) {
        double most = 0;
        for (int t = 0; t < exact.length; t++) {
            for (int i = 0; i < exact[t].length; i++) {
                most = Math.max(most, Math.abs((double) exact[t][i] - found[t][i]));
            }
        }
        return most;
    }

    /** Mean over positions of the sum of p ln(p / q). */
    private static double divergence(float[][] exact, float[][] found) {
        double sum = 0;
        for (int t = 0; t < exact.length; t++) {
            double p = logSum(exact[t]);
            double q = logSum(found[t]);
            for (int i = 0; i < exact[t].length; i++) {
                double own = exact[t][i] - p;
                sum += Math.exp(own) * (own - (found[t][i] - q));
            }
        }
        return sum / exact.length;
    }

    private static double perplexity(float[][] logits, TokenList text) {
        double sum = 0;
        for (int t = 0; t < logits.length; t++) {
            sum += logSum(logits[t]) - logits[t][text.get(t + 1)];
        }
        return Math.exp(sum / logits.length);
    }

    private static double logSum(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }
}
