package dev.hearth.sample;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one sequence from logits. Not thread-safe.
 *
 * <p>The steps, in the order of Hugging Face's generate:
 * <ol>
 * <li>the {@link LogitsProcessor}s, in their order;
 * <li>logit bias;
 * <li>penalties: repetition over prompt and output, then frequency and presence over the output alone. From a logit l of a token
 *     that was said n times: {@code (l > 0 ? l / repetition : l * repetition) - frequency * n - (n > 0 ? presence : 0)};
 * <li>{@link Dry}, by what the other penalties left, as in llama.cpp;
 * <li>what is ruled out: tokens not allowed, banned tokens and words, repeated n-grams, the output's end before minTokens. After all
 *     that adds, so that nothing brings such a token back;
 * <li>temperature, or {@link DynamicTemperature}; 0 ends here with the largest logit, the lowest id among equals;
 * <li>top-n-sigma: {@code logit >= max - n * deviation}, of all logits, which is the same at every temperature;
 * <li>top-H over the 100 likeliest of them, renormalised;
 * <li>top-k: exactly k, the lowest ids among equals;
 * <li>top-p over what is left, renormalised: the fewest whose probabilities reach p;
 * <li>min-p: {@code logit >= max + temperature * ln(minP)}, which is {@code probability >= minP * largest probability};
 * <li>locally typical sampling, then the epsilon and the eta cut-off, each renormalised;
 * <li>{@link Xtc}, after all that cuts unlikely tokens, as in llama.cpp: at random by {@link Philox#uniform}(seed, choice, position, 1);
 * <li>{@link Mirostat}, over what is left, as it measures what would be drawn;
 * <li>one draw by the inverse of the cumulative distribution, over the rest in order of ids: the first token at which the running sum
 *     of weights reaches {@link Philox#uniform}(seed, choice, position, 0) times their total. Where nothing but top-p of 0.1 or more cuts,
 *     or nothing at all, by rejection instead: blocks of {@link LogitRow#BLOCK} tokens and tokens in them as {@link BlockDraw} says, with the
 *     numbers (seed, choice, position, 2 + 2 * try) and the next.
 * </ol>
 * vLLM's order has min-p before top-k; llama.cpp's has temperature last, so that its truncations see probabilities at temperature 1.
 * Weights are exp((logit - max) / temperature) in double and come, as all sums, from additions and products alone: the same bits on
 * every machine. Logprobs are of the model's own logits, before step 1.
 *
 * <p>Nothing changes but in {@link #acceptPrompt} and {@link #accept}, so that a draw can be repeated, or refused.
 */
/*
 * Nothing sorts the vocabulary. One pass finds the maxima of blocks; top-k then reads only the blocks that can matter, top-p with other cuts drops
 * the tail by weight, and a radix descent finds the exact edge (LogitBlocks, Candidates, RankCut). One number per token is
 * why it is the inverse and not the Gumbel trick, which would take one per vocabulary entry; rejection takes few, and reads few.
 */
public final class Sampler {
    private final SamplingParams params;
    private final int vocabSize;
    private final List<LogitsProcessor> processors;
    private final int[] biasTokens;
    private final float[] biases;
    private final @Nullable TokenHistory history; // this and the next three: null where nothing reads them
    private final @Nullable Penalties penalties;
    private final @Nullable DryPenalty dry;
    private final @Nullable RuledOut ruledOut;
    private final TokenDraw draw;
    private final boolean readsAll; // logits, or lets others write them
    private int outputs;
    private @Nullable SampleScratch ownScratch;

    /** For a request's only answer, without processors; see the last constructor. */
    public Sampler(SamplingParams params, long seedIfUnset, int vocabSize) {
        this(params, seedIfUnset, 0, vocabSize, List.of());
    }

    /** Where no token ends the output; see the last constructor. */
    public Sampler(
            SamplingParams params, long seedIfUnset, int choice, int vocabSize, List<LogitsProcessor> processors) {
        this(params, seedIfUnset, choice, vocabSize, Set.of(), processors);
    }

    /**
     * A sampler that has seen no token.
     *
     * @param seedIfUnset the seed where {@link SamplingParams#seed} is empty
     * @param choice which of the request's answers, from 0; answers with one seed differ by it
     * @param vocabSize logits in a row
     * @param endTokens those that end the output, ruled out before {@link SamplingParams#minTokens}
     * @param processors run first, in this order
     * @throws IllegalArgumentException if the parameters don't fit the vocabulary, or hold text of which no tokens were made
     */
    public Sampler(
            SamplingParams params,
            long seedIfUnset,
            int choice,
            int vocabSize,
            Set<Integer> endTokens,
            List<LogitsProcessor> processors) {
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
        this.vocabSize = vocabSize;
        this.processors = List.copyOf(processors);
        this.biasTokens = new int[params.logitBias().size()];
        this.biases = new float[biasTokens.length];
        int i = 0;
        for (Map.Entry<Integer, Float> entry : params.logitBias().entrySet()) {
            biasTokens[i] = known(entry.getKey(), "logitBias");
            biases[i++] = entry.getValue();
        }
        params.allowedTokens().forEach(token -> known(token, "allowedTokens"));
        params.bannedTokens().forEach(token -> known(token, "bannedTokens"));
        boolean remembers = params.penalises() || params.dry().isPresent() || params.rulesOut();
        TokenHistory said = new TokenHistory();
        this.history = remembers ? said : null;
        this.penalties = params.penalises() ? new Penalties(params, said) : null;
        this.dry = params.dry()
                .map(d -> new DryPenalty(d, said, tokens(d.breakers(), "dry: breakers")))
                .orElse(null);
        this.ruledOut = params.rulesOut()
                ? new RuledOut(params, tokens(params.bannedWords(), "bannedWords"), ends(endTokens), said)
                : null;
        this.readsAll = runsProcessors() || params.logprobs().isPresent();
        this.draw = new TokenDraw(params, params.seed().orElse(seedIfUnset), choice, vocabSize);
    }

    private List<int[]> tokens(List<Word> words, String place) {
        List<int[]> tokens = new ArrayList<>();
        for (Word word : words) {
            switch (word) {
                case Word.Tokens t -> {
                    t.ids().forEach(id -> known(id, place));
                    tokens.add(t.ids().stream().mapToInt(id -> id).toArray());
                }
                case Word.Text t ->
                    throw new IllegalArgumentException("Sampler: " + place + ": expected tokens, found text \""
                            + t.text() + "\"; a model with a tokenizer makes tokens of it");
            }
        }
        return tokens;
    }

    private int[] ends(Set<Integer> endTokens) {
        return endTokens.stream()
                .mapToInt(t -> t)
                .filter(t -> t < vocabSize) // a tokenizer may have more than the model
                .toArray();
    }

    /**
     * Notes the prompt; may be called in parts.
     *
     * @throws IllegalArgumentException if a token is not in the vocabulary
     */
    public void acceptPrompt(int... tokens) {
        for (int token : tokens) {
            known(token, "prompt");
            if (history != null) {
                history.add(token);
            }
            if (penalties != null) {
                penalties.notePrompt();
            }
            processors.forEach(p -> p.accept(token));
        }
    }

    /**
     * Notes a token of the output. {@link #sample} doesn't call it: a drawn token may yet be refused.
     *
     * @throws IllegalArgumentException if the token is not in the vocabulary
     */
    public void accept(int token) {
        known(token, "output");
        outputs++;
        if (history != null) {
            history.add(token);
        }
        if (penalties != null) {
            penalties.noteOutput();
        }
        draw.accept(token);
        processors.forEach(p -> p.accept(token));
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

    /**
     * As {@link #sample(float[], int, SampleScratch)}, of a row that stays as it is. Without processors and logprobs, only those logits
     * are read that may be drawn or are changed.
     */
    public Sampled sample(LogitRow row, int position, SampleScratch scratch) {
        float[] logits = scratch.row(row.vocabSize());
        if (readsAll || logits.length != vocabSize || position < 0) {
            row.copy(logits, 0, logits.length);
            return sample(logits, position, scratch);
        }
        scratch.blocks.take(row, logits);
        change(scratch.blocks);
        return new Sampled(draw(position, scratch), OptionalDouble.empty(), List.of());
    }

    /**
     * Notes which blocks of a row {@link #sample(LogitRow, int, SampleScratch)} is going to read, or most of them, from its maxima alone: so
     * that they can be brought at once from where they lie.
     */
    public void foresee(LogitRow row, int position, SampleScratch scratch, BitSet blocks) {
        if (readsAll) {
            blocks.set(0, LogitRow.blocks(vocabSize));
            return;
        }
        scratch.blocks.take(row, scratch.row(row.vocabSize()));
        if (Float.isFinite(scratch.blocks.max())) {
            draw.foresee(scratch, position, blocks);
        }
        for (int token : biasTokens) {
            blocks.set(token / LogitRow.BLOCK);
        }
        if (penalties != null) {
            penalties.note(blocks);
        }
        if (ruledOut != null) {
            ruledOut.note(blocks);
        }
    }

    private int choose(float[] logits, int position, SampleScratch scratch) {
        edit(logits, position, scratch);
        return draw(position, scratch);
    }

    private int draw(int position, SampleScratch scratch) {
        LogitCheck.usable(scratch.blocks, "sample: position " + position);
        return draw.token(scratch, position);
    }

    /** Whether code of others has a part in it, which may expect to be called by one thread alone. */
    public boolean runsProcessors() {
        return !processors.isEmpty();
    }

    /** Whether {@link #edit} can change anything. */
    public boolean edits() {
        return runsProcessors() || changes();
    }

    private boolean changes() {
        return biases.length > 0 || penalties != null || dry != null || ruledOut != null;
    }

    /**
     * The steps before the temperature, on logits or on log probabilities: what {@link #sample} begins with. The scratch knows the row's
     * maxima then.
     *
     * @param logits [vocabulary]; overwritten
     * @param position tokens that precede the one to be chosen
     * @throws SamplingException if there are processors, and the row holds NaN or positive infinity
     */
    public void edit(float[] logits, int position, SampleScratch scratch) {
        scratch.blocks.scan(logits);
        if (runsProcessors()) { // a mask must not hide that the model computed NaN
            LogitCheck.usable(scratch.blocks, "sample: position " + position + ", before processors");
            for (LogitsProcessor processor : processors) {
                processor.process(logits, position);
            }
            scratch.blocks.scan(logits);
        }
        change(scratch.blocks);
    }

    private void change(LogitBlocks row) {
        if (!changes()) {
            return;
        }
        for (int i = 0; i < biasTokens.length; i++) {
            row.set(biasTokens[i], row.logit(biasTokens[i]) + biases[i]);
        }
        if (penalties != null) {
            penalties.apply(row);
        }
        if (dry != null) {
            dry.apply(row);
        }
        if (ruledOut != null) {
            ruledOut.apply(row, outputs);
        }
        row.settle();
    }
}
