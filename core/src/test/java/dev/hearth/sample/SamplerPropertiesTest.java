package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SamplerPropertiesTest {
    private static final float NONE = Float.NEGATIVE_INFINITY;

    @Property(tries = 600)
    void sample_agreesWithTheDefinition(
            @ForAll("rows") float[] logits,
            @ForAll("params") SamplingParams params,
            @ForAll @Size(max = 12) List<@IntRange(max = 1000) Integer> prompt,
            @ForAll @Size(max = 12) List<@IntRange(max = 1000) Integer> output,
            @ForAll long seed) {
        List<Integer> promptTokens = prompt.stream().map(t -> t % logits.length).toList();
        List<Integer> outputTokens = output.stream().map(t -> t % logits.length).toList();
        SamplingParams fitted = fitted(params, logits.length);
        Sampler sampler = new Sampler(fitted, seed, logits.length);
        sampler.acceptPrompt(promptTokens.stream().mapToInt(t -> t).toArray());
        outputTokens.forEach(sampler::accept);
        float[] adjusted = PlainSampler.adjusted(logits, fitted, promptTokens, outputTokens);
        double[] expected = PlainSampler.distribution(adjusted, fitted);
        for (int position = 0; position < 8; position++) {
            float[] row = logits.clone();
            int token = sampler.sample(row, position).token();
            assertThat(token)
                    .isEqualTo(PlainSampler.choose(
                            adjusted, fitted, fitted.truncation().topP(), expected, seed, position));
            assertThat(row).containsExactly(adjusted);
        }
    }

    @Property(tries = 300)
    void sample_ofARowWithMaximaIsTheSame(
            @ForAll("rows") float[] first,
            @ForAll("rows") float[] second,
            @ForAll("params") SamplingParams params,
            @ForAll @IntRange(max = 3) int sigma,
            @ForAll long seed) {
        SampleScratch shared = new SampleScratch();
        for (int position = 0; position < 6; position++) {
            float[] logits = position % 3 == 1 ? second : first; // the scratch still has another's
            SamplingParams fitted =
                    fitted(params, logits.length).toBuilder().topNSigma(sigma).build();
            Sampled expected = new Sampler(fitted, seed, logits.length).sample(logits.clone(), position);
            float[] kept = logits.clone();
            Sampled found = new Sampler(fitted, seed, logits.length).sample(Draws.row(kept), position, shared);
            assertThat(found).isEqualTo(expected);
            assertThat(kept).containsExactly(logits);
        }
    }

    /** Settings of which the maxima of blocks tell all that will be read. */
    @Property(tries = 300)
    void foreseenBlocks_areAllThatAreRead(
            @ForAll("rows") float[] logits, @ForAll("params") SamplingParams params, @ForAll long seed) {
        SamplingParams foreseeable = fitted(params, logits.length).toBuilder()
                .logitBias(Map.of())
                .topP(params.truncation().topK() > 0 ? params.truncation().topP() : 1)
                .build();
        if (foreseeable.truncation().topK() == 0 && foreseeable.truncation().minP() == 0) {
            foreseeable = foreseeable.toBuilder().temperature(0).build();
        }
        Sampler sampler = new Sampler(foreseeable, seed, logits.length);
        BitSet foreseen = new BitSet();
        sampler.foresee(Draws.row(logits), 3, new SampleScratch(), foreseen);
        LogitRow row = new LogitRow() {
            @Override
            public int vocabSize() {
                return logits.length;
            }

            @Override
            public void copy(float[] to, int from, int end) {
                assertThat(foreseen.get(from / BLOCK)).as("block at %d", from).isTrue();
                Draws.row(logits).copy(to, from, end);
            }

            @Override
            public void copyMaxima(float[] to) {
                Draws.row(logits).copyMaxima(to);
            }
        };
        assertThat(sampler.sample(row, 3, new SampleScratch()))
                .isEqualTo(sampler.sample(Draws.row(logits), 3, new SampleScratch()));
        assertThat(foreseen.length()).isLessThanOrEqualTo(LogitRow.blocks(logits.length));
    }

    @Property(tries = 300)
    void topK_keepsExactlyTheFirstKByRank(@ForAll("rows") float[] logits, @ForAll @IntRange(min = 1, max = 600) int k) {
        Candidates candidates = topK(logits, k);
        double[] expected = PlainSampler.distribution(logits, PlainSampler.with(1, k, 1, 0));
        long finite =
                IntStream.range(0, logits.length).filter(t -> logits[t] > NONE).count();
        assertThat(candidates.count()).isEqualTo((int) Math.min(k, finite));
        for (int i = 0; i < candidates.count(); i++) {
            assertThat(expected[candidates.token(i)]).isPositive();
        }
    }

    @Property(tries = 300)
    void topP_keepsTheMinimalSet(@ForAll("rows") float[] logits, @ForAll("shares") double share) {
        RankCut cut = new RankCut();
        LogitBlocks blocks = new LogitBlocks(cut);
        Candidates candidates = new Candidates(cut);
        blocks.scan(logits);
        blocks.gather(Double.NEGATIVE_INFINITY, candidates);
        candidates.weigh(blocks.max(), 1);
        double all = candidates.total();
        candidates.keepShare(share);
        assertThat(candidates.total()).isGreaterThanOrEqualTo(share * all * (1 - 1e-12));
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < candidates.count(); i++) {
            least = Math.min(least, candidates.logit(i));
        }
        // one fewer would not do
        assertThat(candidates.count() == 1
                        || candidates.total() - Math.exp(least - blocks.max()) < share * all * (1 + 1e-12))
                .isTrue();
    }

    @Property(tries = 300)
    void nucleus_hasEveryTokenBeforeTheShareIsReached(
            @ForAll("rows") float[] logits, @ForAll("fewShares") double share, @ForAll("heats") double temperature) {
        SampleScratch scratch = new SampleScratch();
        scratch.blocks.scan(logits);
        double[] expected = PlainSampler.distribution(logits, PlainSampler.with(temperature, 0, share, 0));
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] > NONE) {
                scratch.whole.begin(temperature);
                assertThat(scratch.whole.isAmongFirst(token, share))
                        .as("token %d", token)
                        .isEqualTo(expected[token] > 0);
            }
        }
    }

    /** Most of the weight is in a block that is far below the largest logit. */
    @Example
    void nucleus_goesOnInBlocksThatWereNotWeighedYet() {
        float[] logits = new float[2 * LogitRow.BLOCK];
        Arrays.fill(logits, -30);
        Arrays.fill(logits, LogitRow.BLOCK, logits.length, -3);
        logits[0] = 0;
        logits[1] = -2.5f;
        SampleScratch scratch = new SampleScratch();
        scratch.blocks.scan(logits);
        double[] expected = PlainSampler.distribution(logits, PlainSampler.with(1, 0, 0.5, 0));
        for (int token = 0; token < logits.length; token++) {
            scratch.whole.begin(1);
            assertThat(scratch.whole.isAmongFirst(token, 0.5)).isEqualTo(expected[token] > 0);
        }
        assertThat(expected[1]).isPositive();
    }

    @Provide
    Arbitrary<Double> fewShares() {
        return Arbitraries.of(0.1234, 0.5001, 0.9001, 0.99901);
    }

    @Provide
    Arbitrary<Double> heats() {
        return Arbitraries.of(0.3, 1.0, 2.5);
    }

    @Property(tries = 200)
    void temperature_towardsZeroIsGreedy(@ForAll("rows") float[] logits, @ForAll long seed) {
        int best = new Sampler(SamplingParams.greedy(), 0, logits.length)
                .sample(logits.clone(), 0)
                .token();
        int cold = new Sampler(PlainSampler.with(1e-6, 0, 1, 0), seed, logits.length)
                .sample(logits.clone(), 0)
                .token();
        assertThat(logits[cold]).isEqualTo(logits[best]);
    }

    @Property(tries = 200)
    void bias_ofAHundredForces(
            @ForAll("rows") float[] logits, @ForAll @IntRange(max = 600) int any, @ForAll long seed) {
        int forced = any % logits.length;
        logits[forced] = -10;
        int token = new Sampler(PlainSampler.bias(Map.of(forced, 100f)), seed, logits.length)
                .sample(logits, 0)
                .token();
        assertThat(token).isEqualTo(forced);
    }

    private static Candidates topK(float[] logits, int k) {
        RankCut cut = new RankCut();
        LogitBlocks blocks = new LogitBlocks(cut);
        Candidates candidates = new Candidates(cut);
        blocks.scan(logits);
        blocks.gather(blocks.reachedBy(k), candidates);
        candidates.keepLargest(k);
        return candidates;
    }

    private static SamplingParams fitted(SamplingParams params, int vocabSize) {
        Map<Integer, Float> bias = new HashMap<>();
        params.logitBias().forEach((token, value) -> bias.put(token % vocabSize, value));
        return params.toBuilder().logitBias(bias).build();
    }

    /** Rows of 1 to 500 logits, coarse and so with ties, fine, or half ruled out; the first is always finite. */
    @Provide
    Arbitrary<float[]> rows() {
        Arbitrary<Float> coarse = Arbitraries.integers().between(-20, 20).map(i -> i / 2f);
        Arbitrary<Float> fine = Arbitraries.floats().between(-20, 20).ofScale(5);
        Arbitrary<Float> sparse = Arbitraries.frequencyOf(Tuple.of(1, coarse), Tuple.of(1, Arbitraries.just(NONE)));
        return Arbitraries.of(List.of(coarse, fine, sparse))
                .flatMap(values -> values.array(float[].class).ofMinSize(1).ofMaxSize(500))
                .map(row -> {
                    row[0] = row[0] == NONE ? 0 : row[0];
                    return row;
                });
    }

    @Provide
    Arbitrary<Double> shares() {
        return Arbitraries.doubles().between(0, 0.9999).ofScale(4);
    }

    @Provide
    Arbitrary<SamplingParams> params() {
        Arbitrary<SamplingParams> truncations = Combinators.combine(
                        Arbitraries.of(0.0, 0.3, 0.7, 1.0, 2.5),
                        Arbitraries.of(0, 0, 1, 2, 5, 40, 400),
                        Arbitraries.of(1.0, 0.0, 0.1234, 0.5001, 0.9001, 0.99901),
                        Arbitraries.of(0.0, 0.0, 0.051, 0.51, 1.0))
                .as(PlainSampler::with);
        Arbitrary<Map<Integer, Float>> bias = Arbitraries.maps(
                        Arbitraries.integers().between(1, 500),
                        Arbitraries.floats().between(-5, 5).ofScale(2))
                .ofMaxSize(4);
        return Combinators.combine(
                        truncations,
                        Arbitraries.of(1.0, 1.3, 0.8),
                        Arbitraries.of(0.0, 0.7, -0.4),
                        Arbitraries.of(0.0, 1.1, -0.6),
                        bias)
                .as((p, repetition, frequency, presence, b) -> p.toBuilder()
                        .repetitionPenalty(repetition)
                        .frequencyPenalty(frequency)
                        .presencePenalty(presence)
                        .logitBias(b)
                        .build());
    }
}
