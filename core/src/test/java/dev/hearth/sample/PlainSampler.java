package dev.hearth.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The definitions as they are written, with full sorts and boxes: what {@link Sampler} must agree with. */
final class PlainSampler {
    private final SamplingParams params;
    private final long seed;
    private final Set<Integer> ends;
    private final List<Integer> prompt;
    private final List<Integer> output = new ArrayList<>();
    private double topP;
    private double mu;
    private double surprise;

    PlainSampler(SamplingParams params, long seed, Set<Integer> ends, List<Integer> prompt) {
        this.params = params;
        this.seed = seed;
        this.ends = ends;
        this.prompt = prompt;
        topP = params.truncation().topP();
        mu = params.truncation().mirostat().map(m -> 2 * m.tau()).orElse(0.0);
    }

    /** The bound on surprise, in bits. */
    double mu() {
        return mu;
    }

    float[] adjusted(float[] logits) {
        return PlainLogits.adjusted(logits, params, prompt, output, ends);
    }

    int sample(float[] logits, int position) {
        double[] probabilities = distribution(adjusted(logits), params, topP);
        if (params.temperature() > 0) {
            Truncation t = params.truncation();
            if (t.xtc().isPresent()
                    && Philox.uniform(seed, 0, position, 1) <= t.xtc().get().probability()) {
                exclude(probabilities, t.xtc().get().threshold());
            }
            double[] before = probabilities.clone();
            t.mirostat().ifPresent(m -> mirostat(probabilities, m, mu));
            int token = choose(adjusted(logits), params, topP, probabilities, seed, position);
            surprise = -StrictMath.log(before[token]) / StrictMath.log(2);
            return token;
        }
        return inverse(probabilities, 0.5);
    }

    /** Takes the token that was drawn. */
    void accept(int token) {
        output.add(token);
        params.truncation().topPDecay().ifPresent(d -> {
            topP = Math.max(topP * d.decay(), d.min());
            topP = d.resetTokens().contains(token) ? params.truncation().topP() : topP;
        });
        params.truncation().mirostat().ifPresent(m -> mu = mu - m.eta() * (surprise - m.tau()));
    }

    /** Logits after bias and penalties. */
    static float[] adjusted(float[] logits, SamplingParams p, List<Integer> prompt, List<Integer> output) {
        return PlainLogits.adjusted(logits, p, prompt, output, Set.of());
    }

    /** The probability of each token after temperature and truncations but XTC and mirostat, each renormalising; 0 where it was cut. */
    static double[] distribution(float[] logits, SamplingParams p) {
        return distribution(logits, p, p.truncation().topP());
    }

    private static double[] distribution(float[] logits, SamplingParams p, double topP) {
        Truncation t = p.truncation();
        List<Integer> ranked = ranked(logits);
        double max = logits[ranked.get(0)];
        double[] probabilities = new double[logits.length];
        double temperature = temperature(logits, ranked, p);
        if (temperature == 0) {
            probabilities[ranked.get(0)] = 1;
            return probabilities;
        }
        for (int token : ranked) {
            probabilities[token] = StrictMath.exp((logits[token] - max) / temperature);
        }
        List<Integer> kept = ranked;
        if (t.topNSigma() > 0) {
            double bound = max - t.topNSigma() * deviation(logits, ranked);
            kept = kept.stream().filter(i -> logits[i] >= bound).toList();
        }
        kept = t.topH() < 1 ? topH(probabilities, kept, t.topH()) : kept;
        kept = t.topK() == 0 ? kept : kept.subList(0, Math.min(t.topK(), kept.size()));
        renormalise(probabilities, kept);
        kept = nucleus(probabilities, kept, topP);
        renormalise(probabilities, kept);
        if (t.minP() > 0) {
            kept = atLeast(probabilities, kept, t.minP() * probabilities[kept.get(0)]);
        }
        if (t.typicalP() < 1) {
            kept = typical(probabilities, kept, t.typicalP());
        }
        if (t.epsilonCutoff() > 0) {
            kept = atLeast(probabilities, kept, Math.min(t.epsilonCutoff(), largest(probabilities)));
        }
        if (t.etaCutoff() > 0) {
            double flat = Math.sqrt(t.etaCutoff()) * Math.exp(-entropy(probabilities, kept));
            atLeast(probabilities, kept, Math.min(Math.min(t.etaCutoff(), flat), largest(probabilities)));
        }
        return probabilities;
    }

    private static List<Integer> ranked(float[] logits) {
        List<Integer> ranked = new ArrayList<>();
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] > Float.NEGATIVE_INFINITY) {
                ranked.add(token);
            }
        }
        ranked.sort(Comparator.comparingDouble((Integer i) -> -(double) logits[i] + 0.0)
                .thenComparingInt(i -> i));
        return ranked;
    }

    private static double temperature(float[] logits, List<Integer> ranked, SamplingParams p) {
        if (p.temperature() == 0 || p.dynamicTemperature().isEmpty() || ranked.size() < 2) {
            return p.temperature();
        }
        double[] probabilities = new double[logits.length];
        for (int t : ranked) {
            probabilities[t] = StrictMath.exp((double) logits[t] - logits[ranked.get(0)]);
        }
        renormalise(probabilities, ranked);
        DynamicTemperature d = p.dynamicTemperature().get();
        double low = Math.max(0, p.temperature() - d.range());
        double high = p.temperature() + d.range();
        double share = Math.min(1, entropy(probabilities, ranked) / Math.log(ranked.size()));
        return low + (high - low) * Math.pow(Math.max(0, share), d.exponent());
    }

    private static double deviation(float[] logits, List<Integer> tokens) {
        double mean = tokens.stream().mapToDouble(t -> logits[t]).average().orElseThrow();
        return Math.sqrt(tokens.stream()
                .mapToDouble(t -> Math.pow(logits[t] - mean, 2))
                .average()
                .orElseThrow());
    }

    private static List<Integer> topH(double[] weights, List<Integer> ranked, double share) {
        List<Integer> first = ranked.subList(0, Math.min(100, ranked.size()));
        double[] probabilities = weights.clone();
        renormalise(probabilities, first);
        double bound = share * entropy(probabilities, first);
        double sum = 0;
        int n = 0;
        for (int token : first) {
            sum -= probabilities[token] * StrictMath.log(probabilities[token]);
            if (n > 0 && sum > bound) {
                break;
            }
            n++;
        }
        return first.subList(0, n);
    }

    private static List<Integer> typical(double[] probabilities, List<Integer> kept, double share) {
        double entropy = entropy(probabilities, kept);
        ToDoubleFunction<Integer> distance = t -> (float) Math.abs(-StrictMath.log(probabilities[t]) - entropy);
        List<Integer> byDistance = new ArrayList<>(kept);
        byDistance.sort(Comparator.comparingDouble(distance).thenComparingInt(t -> t));
        List<Integer> nearest = nucleus(probabilities, byDistance, share);
        renormalise(probabilities, nearest);
        return kept.stream().filter(nearest::contains).toList();
    }

    /** XTC, where it happens. */
    static void exclude(double[] probabilities, double threshold) {
        List<Integer> top = tokens(probabilities).stream()
                .filter(t -> probabilities[t] >= threshold)
                .toList();
        if (top.size() > 1) {
            top.subList(0, top.size() - 1).forEach(t -> probabilities[t] = 0);
            renormalise(probabilities, tokens(probabilities));
        }
    }

    /** Mirostat's cut. */
    static void mirostat(double[] probabilities, Mirostat m, double mu) {
        List<Integer> ranked = tokens(probabilities);
        if (m.version() == Mirostat.Version.V2) {
            List<Integer> kept = ranked.stream()
                    .filter(t -> -StrictMath.log(probabilities[t]) / StrictMath.log(2) <= mu)
                    .toList();
            renormalise(probabilities, kept.isEmpty() ? ranked.subList(0, 1) : kept);
            return;
        }
        double above = 0;
        double below = 0;
        for (int i = 1; i < Math.min(100, ranked.size()); i++) {
            double t = Math.log((i + 1.0) / i);
            above += t * Math.log(probabilities[ranked.get(i - 1)] / probabilities[ranked.get(i)]);
            below += t * t;
        }
        double s = above / below;
        double e = s - 1;
        double k = Math.pow(e * Math.pow(2, mu) / (1 - Math.pow(probabilities.length, -e)), 1 / s);
        renormalise(probabilities, ranked.subList(0, Math.max(1, (int) Math.min(ranked.size(), k))));
    }

    /** Tokens that are left, likeliest first, lowest ids first among equals. */
    private static List<Integer> tokens(double[] probabilities) {
        List<Integer> tokens = new ArrayList<>();
        for (int t = 0; t < probabilities.length; t++) {
            if (probabilities[t] > 0) {
                tokens.add(t);
            }
        }
        tokens.sort(Comparator.comparingDouble((Integer t) -> -probabilities[t]).thenComparingInt(t -> t));
        return tokens;
    }

    private static double entropy(double[] probabilities, List<Integer> tokens) {
        return tokens.stream()
                .mapToDouble(t -> probabilities[t])
                .filter(q -> q > 0)
                .map(q -> -q * StrictMath.log(q))
                .sum();
    }

    private static double largest(double[] probabilities) {
        return Arrays.stream(probabilities).max().orElseThrow();
    }

    private static List<Integer> atLeast(double[] probabilities, List<Integer> kept, double least) {
        List<Integer> likely =
                kept.stream().filter(t -> probabilities[t] >= least).toList();
        renormalise(probabilities, likely);
        return likely;
    }

    /** The token that a position's random numbers choose, of what is left. */
    static int choose(float[] adjusted, SamplingParams p, double topP, double[] left, long seed, int position) {
        Truncation only = new Truncation(
                0,
                1,
                0,
                p.truncation().topP(),
                p.truncation().topPDecay(),
                0,
                1,
                0,
                0,
                Optional.empty(),
                Optional.empty());
        return p.truncation().equals(only) && topP >= 0.1 && p.temperature() > 0
                ? rejection(
                        adjusted,
                        p.dynamicTemperature().isEmpty() ? p.temperature() : temperature(adjusted, ranked(adjusted), p),
                        left,
                        seed,
                        position)
                : inverse(left, Philox.uniform(seed, 0, position, 0));
    }

    /** By tries, until one finds a token that is left. */
    private static int rejection(float[] logits, double temperature, double[] left, long seed, int position) {
        if (temperature == 0) {
            return inverse(left, 0.5);
        }
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        int blocks = (logits.length + 127) / 128;
        double[] bounds = new double[blocks];
        for (int token = 0; token < logits.length; token++) {
            int size = Math.min(logits.length - token / 128 * 128, 128);
            double bound = size * StrictMath.exp((logits[token] - max) / temperature);
            bounds[token / 128] = Math.max(bounds[token / 128], bound);
        }
        double all = Arrays.stream(bounds).sum();
        for (int number = 2; ; number += 2) {
            double rest = Philox.uniform(seed, 0, position, number) * all;
            int block = 0;
            while (rest > bounds[block]) {
                rest -= bounds[block++];
            }
            double weight = Philox.uniform(seed, 0, position, number + 1) * bounds[block];
            for (int token = 128 * block; token < Math.min(logits.length, 128 * block + 128); token++) {
                double own = StrictMath.exp((logits[token] - max) / temperature);
                if (weight <= own && own > 0) {
                    if (left[token] > 0) {
                        return token;
                    }
                    break;
                }
                weight -= own;
            }
        }
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
