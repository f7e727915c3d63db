package dev.hearth.sample;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one sequence from logits. Not thread-safe.
 *
 * <p>The steps, in the order of Hugging Face's generate (vLLM's differs in that min-p comes before top-k):
 * <ol>
 * <li>the {@link LogitsProcessor}s, in their order;
 * <li>logit bias;
 * <li>penalties: repetition over prompt and output, then frequency and presence over the output alone. From a logit l of a token
 *     that was said n times: {@code (l > 0 ? l / repetition : l * repetition) - frequency * n - (n > 0 ? presence : 0)};
 * <li>temperature; 0 ends here with the largest logit, the lowest id among equals;
 * <li>top-k: exactly k, the lowest ids among equals;
 * <li>top-p over what top-k left, renormalised: the fewest whose probabilities reach p;
 * <li>min-p: {@code logit >= max + temperature * ln(minP)}, which is {@code probability >= minP * largest probability};
 * <li>one draw by the inverse of the cumulative distribution, over the rest in order of ids: the first token at which the running sum
 *     of weights reaches {@link Philox#uniform}(seed, choice, position, 0) times their total.
 * </ol>
 * Weights are exp((logit - max) / temperature) in double and come, as all sums, from additions and products alone: the same bits on
 * every machine. Logprobs are of the model's own logits, before step 1.
 */
/*
 * Nothing sorts the vocabulary. One pass finds the maxima of blocks; top-k then reads only the blocks that can matter, top-p drops
 * the tail by weight, and a radix descent finds the exact edge (LogitBlocks, Candidates, RankCut). One number per token is
 * why it is the inverse and not the Gumbel trick, which would take one per vocabulary entry.
 */
public final class Sampler {
    private final SamplingParams params;
    private final long seed;
    private final int choice;
    private final int vocabSize;
    private final List<LogitsProcessor> processors;
    private final int[] biasTokens;
    private final float[] biases;
    private final @Nullable TokenCounts said; // null where nothing reads it
    private final double minPDistance; // temperature * ln(minP)
    private @Nullable SampleScratch ownScratch;

    /** For a request's only answer, without processors; see the other constructor. */
    public Sampler(SamplingParams params, long seedIfUnset, int vocabSize) {
        this(params, seedIfUnset, 0, vocabSize, List.of());
    }

    /**
     * A sampler that has seen no token.
     *
     * @param seedIfUnset the seed where {@link SamplingParams#seed} is empty
     * @param choice which of the request's answers, from 0; answers with one seed differ by it
     * @param vocabSize logits in a row
     * @param processors run first, in this order
     * @throws IllegalArgumentException if the parameters don't fit the vocabulary
     */
    public Sampler(
            SamplingParams params, long seedIfUnset, int choice, int vocabSize, List<LogitsProcessor> processors) {
        if (vocabSize < 1) {
            throw new IllegalArgumentException("Sampler: vocabSize: expected 1 or more, found " + vocabSize);
        }
        if (choice < 0) {
            throw new IllegalArgumentException("Sampler: choice: expected 0 or more, found " + choice);
        }
        if (params.logprobs().orElse(0) > vocabSize) {
            throw new IllegalArgumentException("Sampler: logprobs: expected at most the vocabulary of " + vocabSize
                    + ", found " + params.logprobs().orElseThrow());
        }
        this.params = params;
        this.seed = params.seed().orElse(seedIfUnset);
        this.choice = choice;
        this.vocabSize = vocabSize;
        this.processors = List.copyOf(processors);
        this.biasTokens = new int[params.logitBias().size()];
        this.biases = new float[biasTokens.length];
        int i = 0;
        for (Map.Entry<Integer, Float> entry : params.logitBias().entrySet()) {
            biasTokens[i] = known(entry.getKey(), "logitBias");
            biases[i++] = entry.getValue();
        }
        this.said = params.penalises() ? new TokenCounts() : null;
        this.minPDistance = params.minP() > 0 ? params.temperature() * StrictMath.log(params.minP()) : 0;
    }

    /**
     * Notes the prompt, for the repetition penalty; may be called in parts.
     *
     * @throws IllegalArgumentException if a token is not in the vocabulary
     */
    public void acceptPrompt(int... tokens) {
        for (int token : tokens) {
            known(token, "prompt");
            if (said != null) {
                said.addPrompt(token);
            }
        }
    }

    /**
     * Notes a token of the output, for the penalties. {@link #sample} doesn't call it: a drawn token may yet be refused.
     *
     * @throws IllegalArgumentException if the token is not in the vocabulary
     */
    public void accept(int token) {
        known(token, "output");
        if (said != null) {
            said.addOutput(token);
        }
    }

    private int known(int token, String place) {
        if (token < 0 || token >= vocabSize) {
            throw new IllegalArgumentException(
                    "Sampler: " + place + ": expected tokens below " + vocabSize + ", found " + token);
        }
        return token;
    }

    /** As {@link #sample(float[], int, SampleScratch)}, with memory of this sampler's own. */
    public Sampled sample(float[] logits, int position) {
        if (ownScratch == null) {
            ownScratch = new SampleScratch();
        }
        return sample(logits, position, ownScratch);
    }

    /**
     * Chooses the token at a position. The same parameters, tokens accepted, logits, seed, choice and position give the same token.
     *
     * @param logits [vocabulary], the model's; overwritten
     * @param position tokens that precede the one to be drawn
     * @throws SamplingException if the logits, or what the steps made of them, hold NaN or positive infinity, or if no token is left
     * @throws IllegalArgumentException if the row is not as long as the vocabulary, or the position negative
     */
    public Sampled sample(float[] logits, int position, SampleScratch scratch) {
        if (logits.length != vocabSize) {
            throw new IllegalArgumentException(
                    "sample: logits: expected [" + vocabSize + "], found [" + logits.length + "]");
        }
        if (position < 0) {
            throw new IllegalArgumentException("sample: position: expected 0 or more, found " + position);
        }
        if (params.logprobs().isEmpty()) {
            return new Sampled(choose(logits, position, scratch), OptionalDouble.empty(), List.of());
        }
        float[] raw = scratch.copyOf(logits);
        int token = choose(logits, position, scratch);
        Logprobs logprobs = Logprobs.of(raw, scratch);
        return new Sampled(
                token,
                OptionalDouble.of(logprobs.at(token)),
                logprobs.top(params.logprobs().getAsInt()));
    }

    private int choose(float[] logits, int position, SampleScratch scratch) {
        LogitBlocks blocks = scratch.blocks;
        if (!processors.isEmpty()) {
            blocks.scan(logits); // a mask must not hide that the model computed NaN
            LogitCheck.usable(blocks, "sample: position " + position + ", before processors");
            for (LogitsProcessor processor : processors) {
                processor.process(logits, position);
            }
        }
        bias(logits);
        if (said != null) {
            penalise(logits, said);
        }
        blocks.scan(logits);
        LogitCheck.usable(blocks, "sample: position " + position);
        return params.temperature() == 0 ? blocks.argmax() : draw(blocks, position, scratch.candidates);
    }

    private void bias(float[] logits) {
        for (int i = 0; i < biasTokens.length; i++) {
            logits[biasTokens[i]] += biases[i];
        }
    }

    private void penalise(float[] logits, TokenCounts counts) {
        double repetition = params.repetitionPenalty();
        for (int entry = 0; entry < counts.size(); entry++) {
            int token = counts.token(entry);
            int times = counts.outputCount(entry);
            double logit = logits[token] > 0 ? logits[token] / repetition : logits[token] * repetition;
            logit -= params.frequencyPenalty() * times;
            logit -= times > 0 ? params.presencePenalty() : 0;
            logits[token] = (float) logit;
        }
    }

    private int draw(LogitBlocks blocks, int position, Candidates candidates) {
        boolean allTokens = params.topK() == 0 || params.topK() >= vocabSize;
        boolean allMass = params.topP() == 1;
        double minPBound = params.minP() > 0 ? blocks.max() + minPDistance : Double.NEGATIVE_INFINITY;
        if (!allTokens) {
            blocks.gather(blocks.reachedBy(params.topK()), candidates);
            candidates.keepLargest(params.topK());
        } else {
            blocks.gather(allMass ? minPBound : Double.NEGATIVE_INFINITY, candidates);
        }
        candidates.weigh(blocks.max(), params.temperature());
        if (!allMass) {
            candidates.keepShare(params.topP());
        }
        candidates.keepFrom(minPBound);
        return candidates.inverse(Philox.uniform(seed, choice, position, 0));
    }
}
