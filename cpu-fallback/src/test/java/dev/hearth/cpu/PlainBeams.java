package dev.hearth.cpu;

import dev.hearth.Engine;
import dev.hearth.TokenScore;
import dev.hearth.sample.BeamSearch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Beam search as plainly as it can be said, over {@link Engine#score} of whole beginnings: what the engine's own has to find. */
final class PlainBeams {
    private final Engine engine;
    private final List<Integer> prompt;
    private final Map<List<Integer>, double[]> known = new HashMap<>();

    PlainBeams(Engine engine, int[] prompt) {
        this.engine = engine;
        this.prompt = IntStream.of(prompt).boxed().toList();
    }

    /** Tokens after the prompt, one that ends them included. */
    record Found(List<Integer> ids, double sum, double score) {}

    /** The answers that a search ends with, best first. */
    List<Found> search(BeamSearch search, int maxTokens, Set<Integer> ends) {
        int width = search.width();
        List<Found> beams = List.of(new Found(List.of(), 0, 0));
        List<Found> complete = new ArrayList<>();
        for (int length = 1; ; length++) {
            List<Found> all = new ArrayList<>();
            for (Found beam : beams) {
                double[] logprobs = logprobs(beam.ids);
                for (int token = 0; token < logprobs.length; token++) {
                    List<Integer> ids = new ArrayList<>(beam.ids);
                    ids.add(token);
                    double sum = beam.sum + logprobs[token];
                    all.add(new Found(ids, sum, sum / StrictMath.pow(length, search.lengthPenalty())));
                }
            }
            all.sort(Comparator.comparingDouble(Found::sum).reversed());
            List<Found> next = new ArrayList<>();
            for (int rank = 0; rank < all.size() && next.size() < width; rank++) {
                Found found = all.get(rank);
                if (!ends.contains(found.ids.getLast()) && length < maxTokens) {
                    next.add(found);
                } else if (rank < width) {
                    complete.add(found);
                }
            }
            complete.sort(Comparator.comparingDouble(Found::score).reversed());
            complete = new ArrayList<>(complete.subList(0, Math.min(width, complete.size())));
            if (length == maxTokens || complete.size() == width && ends(search, complete, next, length, maxTokens)) {
                return complete;
            }
            beams = next;
        }
    }

    private static boolean ends(BeamSearch search, List<Found> complete, List<Found> next, int length, int maxTokens) {
        double hoped = switch (search.earlyStopping()) {
            case AT_ONCE -> Double.NEGATIVE_INFINITY;
            case UNLIKELY_BETTER -> next.getFirst().score;
            case NEVER_BETTER ->
                next.getFirst().sum
                        / StrictMath.pow(search.lengthPenalty() > 0 ? maxTokens : length, search.lengthPenalty());
        };
        return hoped <= complete.getLast().score;
    }

    private double[] logprobs(List<Integer> ids) {
        return known.computeIfAbsent(ids, key -> {
            List<Integer> text = new ArrayList<>(prompt);
            text.addAll(key);
            text.add(0);
            int vocabulary = engine.config().vocabSize();
            double[] logprobs = new double[vocabulary];
            List<TokenScore> scores =
                    engine.score(text.stream().mapToInt(i -> i).toArray(), vocabulary);
            scores.getLast().top().forEach(t -> logprobs[t.id()] = t.logprob());
            return logprobs;
        });
    }
}
