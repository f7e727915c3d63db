package dev.hearth.sample;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Temperature, truncation and the draw for one sequence, as {@link Sampler} orders them. Not thread-safe. */
final class TokenDraw {
    private static final int TOP_H_TOKENS = 100; // as Hugging Face bounds it
    private static final int TOKEN = 0; // which of a position's random numbers
    private static final int EXCLUSION = 1;
    private static final double LEAST_SHARE = 0.1; // of weight: fewer tokens are found sooner than met by chance

    private final SamplingParams params;
    private final Truncation truncation;
    private final long seed;
    private final int choice;
    private final int vocabSize;
    private final double logMinP;
    private final float[] largest; // for top-H
    private final double[] masses;
    private final @Nullable MirostatBound mirostat;
    private final boolean drawsFromNearlyAll;
    private double topP;

    TokenDraw(SamplingParams params, long seed, int choice, int vocabSize) {
        this.params = params;
        this.truncation = params.truncation();
        this.seed = seed;
        this.choice = choice;
        this.vocabSize = vocabSize;
        this.logMinP = StrictMath.log(truncation.minP());
        this.largest = new float[truncation.topH() < 1 ? TOP_H_TOKENS : 0];
        this.masses = new double[largest.length];
        this.mirostat =
                truncation.mirostat().map(m -> new MirostatBound(m, vocabSize)).orElse(null);
        this.drawsFromNearlyAll = truncation.keepsAllButTail();
        this.topP = truncation.topP();
    }

    /** Moves what moves with the output by a token. */
    void accept(int token) {
        if (truncation.topPDecay().isPresent()) {
            TopPDecay decay = truncation.topPDecay().get();
            topP = decay.resetTokens().contains(token)
                    ? truncation.topP()
                    : Math.max(topP * decay.decay(), decay.min());
        }
        if (mirostat != null) {
            mirostat.accept(token);
        }
    }

    /** Chooses from the row that was scanned. */
    int token(SampleScratch scratch, int position) {
        LogitBlocks blocks = scratch.blocks;
        Candidates candidates = scratch.candidates;
        double temperature = temperature(blocks, candidates);
        if (temperature == 0) {
            return blocks.argmax();
        }
        if (drawsFromNearlyAll && topP >= LEAST_SHARE) {
            return scratch.whole.token(temperature, topP, seed, choice, position);
        }
        float max = blocks.max();
        cut(blocks, temperature, candidates);
        if (truncation.xtc().isPresent()) {
            Xtc xtc = truncation.xtc().get();
            if (Philox.uniform(seed, choice, position, EXCLUSION) <= xtc.probability()) {
                candidates.dropTop(xtc.threshold());
            }
        }
        if (mirostat != null) {
            mirostat.cut(candidates, max, temperature);
        }
        int token = candidates.inverse(Philox.uniform(seed, choice, position, TOKEN));
        if (mirostat != null) {
            mirostat.drew(token, Candidates.exponent(blocks.logit(token), max, temperature));
        }
        return token;
    }

    /** Notes the blocks of the row that was scanned which {@link #token} will read, or most of them. */
    void foresee(SampleScratch scratch, int position, BitSet noted) {
        LogitBlocks row = scratch.blocks;
        double temperature = params.temperature();
        if (temperature == 0) {
            row.note(row.max(), noted);
        } else if (params.dynamicTemperature().isPresent() || truncation.topNSigma() > 0) {
            noted.set(0, row.count());
        } else if (drawsFromNearlyAll && topP >= LEAST_SHARE) {
            scratch.whole.foresee(temperature, seed, choice, position, noted);
        } else if (truncation.topH() < 1) {
            row.note(row.reachedBy(TOP_H_TOKENS), noted);
        } else if (truncation.topK() > 0) {
            row.note(row.reachedBy(Math.min(truncation.topK(), vocabSize)), noted);
        } else {
            row.note(topP == 1 ? row.max() + temperature * logMinP : Double.NEGATIVE_INFINITY, noted);
        }
    }

    private double temperature(LogitBlocks blocks, Candidates candidates) {
        if (params.temperature() == 0 || params.dynamicTemperature().isEmpty()) {
            return params.temperature();
        }
        blocks.gather(Double.NEGATIVE_INFINITY, candidates);
        candidates.weigh(blocks.max(), 1);
        double entropy = candidates.entropy(blocks.max(), 1);
        return params.dynamicTemperature().get().at(params.temperature(), entropy, candidates.count());
    }

    /** Fills the candidates with what the truncations leave that need no draw. */
    private void cut(LogitBlocks blocks, double temperature, Candidates candidates) {
        float max = blocks.max();
        double sigmaBound = truncation.topNSigma() > 0
                ? max - truncation.topNSigma() * blocks.deviation()
                : Double.NEGATIVE_INFINITY;
        double minPBound = truncation.minP() > 0 ? max + temperature * logMinP : Double.NEGATIVE_INFINITY;
        int k = truncation.topK() == 0 ? vocabSize : Math.min(truncation.topK(), vocabSize);
        if (truncation.topH() < 1) {
            blocks.gather(Math.max(blocks.reachedBy(TOP_H_TOKENS), sigmaBound), candidates);
            candidates.keepLargest(Math.min(k, countByEntropy(candidates, temperature)));
        } else if (k < vocabSize) {
            blocks.gather(blocks.reachedBy(k), candidates);
            candidates.keepLargest(k);
            candidates.keepFrom(sigmaBound);
        } else {
            blocks.gather(topP == 1 ? Math.max(minPBound, sigmaBound) : sigmaBound, candidates);
        }
        candidates.weigh(max, temperature);
        if (topP < 1) {
            candidates.keepShare(topP);
        }
        candidates.keepFrom(minPBound);
        if (truncation.typicalP() < 1) {
            candidates.keepTypical(truncation.typicalP(), max, temperature);
        }
        if (truncation.epsilonCutoff() > 0) {
            candidates.keepProbable(truncation.epsilonCutoff());
        }
        if (truncation.etaCutoff() > 0) {
            double eta = truncation.etaCutoff();
            double flat = Math.sqrt(eta) * StrictMath.exp(-candidates.entropy(max, temperature));
            candidates.keepProbable(Math.min(eta, flat));
        }
    }

    /** How many of the likeliest tokens top-H keeps. */
    private int countByEntropy(Candidates candidates, double temperature) {
        int count = candidates.largest(largest);
        Candidates.exponentials(largest, 0, count, largest[0], temperature, masses);
        double total = 0;
        double moment = 0;
        for (int i = 0; i < count; i++) {
            total += masses[i];
            moment += masses[i] * Candidates.exponent(largest[i], largest[0], temperature);
        }
        double logTotal = StrictMath.log(total);
        double bound = truncation.topH() * (logTotal * total - moment); // the entropy, times the total
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += masses[i] * (logTotal - Candidates.exponent(largest[i], largest[0], temperature));
            if (sum > bound) {
                return Math.max(i, 1);
            }
        }
        return count;
    }
}
