package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole outputs, token after token, against the plain definitions: each step alone, then any of them together. */
class SamplerStepsTest {
    private static final int STEPS = 12;
    private static final List<Word> BREAKERS = List.of(Word.of(1), Word.of(2, 0), Word.of(2, 0, 3));

    /** One setting each, odd enough to have no edge where rounding decides. */
    static List<SamplingParams> everyStep() {
        return List.of(
                with(b -> b.dynamicTemperature(new DynamicTemperature(0.6, 1.3))),
                with(b -> b.dynamicTemperature(new DynamicTemperature(3, 0.7))),
                with(b -> b.topNSigma(1.013)),
                with(b -> b.topNSigma(0.317)),
                with(b -> b.topH(0.4137)),
                with(b -> b.topP(0.9137).topPDecay(new TopPDecay(0.7, 0.1213, Set.of(0, 3)))),
                with(b -> b.typicalP(0.6137)),
                with(b -> b.typicalP(0.2137)),
                with(b -> b.epsilonCutoff(0.0313)),
                with(b -> b.etaCutoff(0.1313)),
                with(b -> b.xtc(new Xtc(0.6, 0.0817))),
                with(b -> b.mirostat(new Mirostat(Mirostat.Version.V1, 2.13, 0.31))),
                with(b -> b.mirostat(new Mirostat(Mirostat.Version.V2, 2.13, 0.31))),
                with(b -> b.mirostat(new Mirostat(Mirostat.Version.V2, 0.713, 0.31))),
                with(b -> b.repetitionPenalty(1.7).frequencyPenalty(0.3).presencePenalty(0.6)),
                with(b -> b.repetitionPenalty(1.7)
                        .frequencyPenalty(0.3)
                        .presencePenalty(0.6)
                        .penaltyWindow(4)),
                with(b -> b.dry(new Dry(0.8, 1.75, 1, 0, List.of()))),
                with(b -> b.dry(new Dry(1.3, 1.4, 2, 9, BREAKERS))),
                with(b -> b.noRepeatNgramSize(1).minTokens(3)),
                with(b -> b.noRepeatNgramSize(2)),
                with(b -> b.noRepeatNgramSize(3)),
                with(b -> b.allowedTokens(Set.of(0, 1, 2, 3, 4, 6))),
                with(b -> b.bannedTokens(Set.of(0, 2))),
                with(b -> b.bannedWords(List.of(Word.of(3), Word.of(0, 1), Word.of(1, 2, 0)))),
                with(b -> b.minTokens(4)));
    }

    private static SamplingParams with(UnaryOperator<SamplingParams.Builder> change) {
        return change.apply(SamplingParams.builder()).build();
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void output_agreesWithTheDefinition(SamplingParams params) {
        for (int seed = 1; seed <= 60; seed++) {
            agree(params, seed);
        }
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void step_changesOutputs(SamplingParams params) {
        int changed = 0;
        for (int seed = 1; seed <= 60; seed++) {
            changed +=
                    output(params, seed).equals(output(SamplingParams.builder().build(), seed)) ? 0 : 1;
        }
        assertThat(changed).isPositive();
    }

    @Property(tries = 500)
    void output_agreesWithTheDefinitionOfAnyTogether(@ForAll("mixtures") SamplingParams params, @ForAll int seed) {
        agree(params, seed);
    }

    /** Small vocabularies, so that tokens repeat; coarse logits, so that some are equal. */
    private static void agree(SamplingParams params, int seed) {
        Random random = new Random(seed);
        int vocabSize = vocabSize(seed);
        List<Integer> prompt = prompt(random);
        Set<Integer> ends = Set.of(4);
        Sampler sampler = new Sampler(params, seed, 0, vocabSize, ends, List.of());
        sampler.acceptPrompt(prompt.stream().mapToInt(t -> t).toArray());
        PlainSampler plain = new PlainSampler(params, seed, ends, prompt);
        SampleScratch scratch = new SampleScratch();
        for (int step = 0; step < STEPS; step++) {
            float[] row = row(random, vocabSize);
            float[] adjusted = plain.adjusted(row);
            if (nothingLeft(adjusted)) {
                return;
            }
            int position = prompt.size() + step;
            int expected = plain.sample(row, position);
            float[] kept = row.clone();
            assertThat(sampler.sample(Draws.row(kept), position, scratch).token())
                    .as("from blocks: seed %d, step %d, %s", seed, step, params)
                    .isEqualTo(expected);
            assertThat(kept).containsExactly(row);
            assertThat(sampler.sample(row, position).token())
                    .as("seed %d, step %d, %s", seed, step, params)
                    .isEqualTo(expected);
            assertThat(row).containsExactly(adjusted);
            sampler.accept(expected);
            plain.accept(expected);
        }
    }

    private static boolean nothingLeft(float[] row) {
        for (float logit : row) {
            if (logit > Float.NEGATIVE_INFINITY) {
                return false;
            }
        }
        return true;
    }

    private static List<Integer> output(SamplingParams params, int seed) {
        Random random = new Random(seed);
        int vocabSize = vocabSize(seed);
        Sampler sampler = new Sampler(params, seed, 0, vocabSize, Set.of(4), List.of());
        List<Integer> prompt = prompt(random);
        sampler.acceptPrompt(prompt.stream().mapToInt(t -> t).toArray());
        List<Integer> output = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            try {
                output.add(sampler.sample(row(random, vocabSize), prompt.size() + step)
                        .token());
            } catch (SamplingException e) {
                return output; // every token is ruled out by now
            }
            sampler.accept(output.getLast());
        }
        return output;
    }

    private static int vocabSize(int seed) {
        return 7 + Math.floorMod(seed, 23) * Math.floorMod(seed, 11);
    }

    private static List<Integer> prompt(Random random) {
        return random.ints(random.nextInt(9), 0, 4).boxed().toList();
    }

    private static float[] row(Random random, int vocabSize) {
        float[] row = new float[vocabSize];
        double spread = 0.5 + 3 * random.nextDouble();
        boolean coarse = random.nextBoolean();
        for (int t = 0; t < vocabSize; t++) {
            double logit = spread * random.nextGaussian() + (t < 5 ? 2 : 0);
            row[t] = (float) (coarse ? Math.round(2 * logit) / 2.0 : logit);
        }
        return row;
    }

    @Provide
    Arbitrary<SamplingParams> mixtures() {
        return Arbitraries.randomValue(random -> {
            SamplingParams.Builder b = SamplingParams.builder().temperature(0.4 + 1.3 * random.nextDouble());
            List<Runnable> steps = Arrays.asList(
                    () -> b.dynamicTemperature(new DynamicTemperature(0.613, 0.5 + random.nextDouble())),
                    () -> b.topNSigma(0.3 + 2 * random.nextDouble()),
                    () -> b.topH(0.2 + 0.79 * random.nextDouble()),
                    () -> b.topK(1 + random.nextInt(30)),
                    () -> b.topP(0.5 + 0.4999 * random.nextDouble())
                            .topPDecay(new TopPDecay(0.8137, 0.2137, Set.of(2))),
                    () -> b.minP(0.2 * random.nextDouble()),
                    () -> b.typicalP(0.3 + 0.6999 * random.nextDouble()),
                    () -> b.epsilonCutoff(0.1 * random.nextDouble()),
                    () -> b.etaCutoff(0.1 * random.nextDouble()),
                    () -> b.xtc(new Xtc(random.nextDouble(), 0.3 * random.nextDouble())),
                    () -> b.repetitionPenalty(0.8 + random.nextDouble()).penaltyWindow(random.nextInt(9)),
                    () -> b.frequencyPenalty(random.nextDouble() - 0.3),
                    () -> b.presencePenalty(random.nextDouble() - 0.3),
                    () -> b.dry(new Dry(
                            random.nextDouble() + 0.01,
                            1 + random.nextDouble(),
                            1 + random.nextInt(3),
                            random.nextInt(12),
                            random.nextBoolean() ? BREAKERS : List.of())),
                    () -> b.noRepeatNgramSize(2 + random.nextInt(3)),
                    () -> b.bannedTokens(Set.of(random.nextInt(7))),
                    () -> b.bannedWords(List.of(Word.of(random.nextInt(5), random.nextInt(5)))),
                    () -> b.minTokens(random.nextInt(9)));
            boolean all = random.nextInt(5) == 0;
            if (random.nextInt(3) == 0) {
                b.mirostat(new Mirostat(
                        random.nextBoolean() ? Mirostat.Version.V1 : Mirostat.Version.V2,
                        0.5 + 4 * random.nextDouble(),
                        0.3137));
            }
            steps.forEach(step -> {
                if (all || random.nextInt(4) == 0) {
                    step.run();
                }
            });
            return b.build();
        });
    }
}
