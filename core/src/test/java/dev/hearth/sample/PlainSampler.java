package dev.hearth.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The definitions as they are written, with full sorts and boxes: what {@link Sampler} must agree with. */
final class PlainSampler {
    private PlainSampler() {}

    /** Logits after bias and penalties. */
    static float[] adjusted(float[] logits, SamplingParams p, List<Integer> prompt, List<Integer> output) {
        float[] out = logits.clone();
        for (int t = 0; t < out.length; t++) {
            Float bias = p.logitBias().get(t);
            if (bias != null) {
                out[t] = out[t] + bias;
            }
            int token = t;
            long times = output.stream().filter(o -> o == token).count();
            double l = out[t];
            if (times > 0 || prompt.contains(token)) {
                l = l < 0 ? l * p.repetitionPenalty() : l / p.repetitionPenalty();
            }
            if (times > 0) {
                l -= p.frequencyPenalty() * times;
                l -= p.presencePenalty();
            }
            out[t] = (float) l;
        }
        return out;
    }

    /** The probability of each token after temperature, top-k, top-p and min-p, each renormalising; 0 where it was cut. */
    static double[] distribution(float[] logits, SamplingParams p) {
        List<Integer> ranked = new ArrayList<>();
        for (int t = 0; t < logits.length; t++) {
            if (logits[t] > Float.NEGATIVE_INFINITY) {
                ranked.add(t);
            }
        }
        ranked.sort(Comparator.comparingDouble((Integer t) -> -(double) logits[t] + 0.0)
                .thenComparingInt(t -> t));
        if (p.temperature() == 0) {
            double[] one = new double[logits.length];
            one[ranked.get(0)] = 1;
            return one;
        }
        double max = logits[ranked.get(0)];
        double[] probabilities = new double[logits.length];
        for (int t : ranked) {
            probabilities[t] = StrictMath.exp((logits[t] - max) / p.temperature());
        }
        List<Integer> kept = p.topK() == 0 ? ranked : ranked.subList(0, Math.min(p.topK(), ranked.size()));
        renormalise(probabilities, kept);
        kept = nucleus(probabilities, kept, p.topP());
        renormalise(probabilities, kept);
        if (p.minP() > 0) {
            double least = p.minP() * probabilities[kept.get(0)];
            kept = kept.stream().filter(t -> probabilities[t] >= least).toList();
            renormalise(probabilities, kept);
        }
        return probabilities;
    }

    /** The first token at which the running sum, in order of ids, reaches {@code uniform}. */
    static int inverse(double[] probabilities, double uniform) {
        double sum = 0;
        int last = -1;
        for (int t = 0; t < probabilities.length; t++) {
            sum += probabilities[t];
            if (probabilities[t] > 0) {
                last = t;
                if (sum >= uniform) {
                    return t;
                }
            }
        }
        return last;
    }

    static SamplingParams with(double temperature, int topK, double topP, double minP) {
        return SamplingParams.builder()
                .temperature(temperature)
                .topK(topK)
                .topP(topP)
                .minP(minP)
                .build();
    }

    static SamplingParams bias(Map<Integer, Float> bias) {
        return SamplingParams.builder().logitBias(bias).build();
    }

    private static List<Integer> nucleus(double[] probabilities, List<Integer> ranked, double share) {
        if (share == 1) {
            return ranked;
        }
        double sum = 0;
        int n = 0;
        while (n < ranked.size() && (n == 0 || sum < share)) {
            sum += probabilities[ranked.get(n++)];
        }
        return ranked.subList(0, n);
    }

    private static void renormalise(double[] probabilities, List<Integer> kept) {
        double sum = kept.stream().mapToDouble(t -> probabilities[t]).sum();
        double[] old = probabilities.clone();
        Arrays.fill(probabilities, 0);
        for (int t : kept) {
            probabilities[t] = old[t] / sum;
        }
    }
}
