package dev.hearth.sample;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides a beam search from rows of logits: which beginnings go on, and which answers are complete. Ties go to the beginning that was
 * likelier before, then to the lowest token. Not thread-safe.
 */
/*
 * As transformers 5 does it (_beam_search in generation/utils.py). Of the continuations of all beginnings the likeliest are looked at, enough of them that as many
 * as the width don't end; an end counts only among the first of them, as many as the width. Edits of a row are those of log probabilities,
 * which are not made to sum to one again.
 */
public final class BeamScorer {
    private static final Comparator<Continuation> BEST = Comparator.comparingDouble(Continuation::sum)
            .reversed()
            .thenComparingInt(Continuation::beam)
            .thenComparingInt(c -> c.sampled.token());

    private final BeamSearch search;
    private final int maxTokens;
    private final Set<Integer> endTokens;
    private final OptionalInt logprobs;
    private final int looks;
    private final List<Continuation> continuations = new ArrayList<>();
    private final List<Answer> complete = new ArrayList<>(); // best first
    private List<Beam> beams = List.of(Beam.EMPTY); // best first
    private int added;
    private int length;
    private boolean over;

    /**
     * A search that has seen nothing.
     *
     * @param maxTokens most tokens of an answer
     * @param endTokens those that end an answer
     * @param logprobs how many of the likeliest tokens to report with each; empty for no log probabilities
     */
    public BeamScorer(BeamSearch search, int maxTokens, Set<Integer> endTokens, OptionalInt logprobs) {
        this.search = search;
        this.maxTokens = maxTokens;
        this.endTokens = Set.copyOf(endTokens);
        this.logprobs = logprobs;
        this.looks = Math.max(2, 1 + endTokens.size()) * search.width();
    }

    /** A beginning and how it may go on. */
    private record Continuation(int beam, Sampled sampled, double sum) {}

    /**
     * An answer.
     *
     * @param ended whether its last token is one that ends it
     */
    public record Answer(Beam beam, double score, boolean ended) {}

    /**
     * How one beginning goes on.
     *
     * @param beam which of those before it continues
     */
    public record Next(int beam, int token) {}

    /**
     * Notes how a beginning may go on; once for each, in any order.
     *
     * @param beam which of those that {@link #advance} gave; 0 at the start
     * @param logits [vocabulary], the model's
     * @param position tokens that precede the next one, those of the prompt included
     * @param edits of this beginning; empty where there are none
     * @return whether it was the last
     * @throws SamplingException if the logits hold NaN or positive infinity
     */
    public boolean add(int beam, float[] logits, int position, Optional<Sampler> edits, SampleScratch scratch) {
        Logprobs own = Logprobs.of(logits, scratch);
        List<TokenLogprob> top = logprobs.isPresent() ? own.top(logprobs.getAsInt()) : List.of();
        int count = Math.min(looks, logits.length);
        List<TokenLogprob> best =
                edits.isPresent() ? edited(own, logits, position, count, edits.get(), scratch) : own.top(count);
        double sum = beams.get(beam).sum();
        for (TokenLogprob token : best) {
            OptionalDouble reported =
                    logprobs.isPresent() ? OptionalDouble.of(own.at(token.token())) : OptionalDouble.empty();
            continuations.add(new Continuation(beam, new Sampled(token.token(), reported, top), sum + token.logprob()));
        }
        return ++added == beams.size();
    }

    private static List<TokenLogprob> edited(
            Logprobs own, float[] logits, int position, int count, Sampler edits, SampleScratch scratch) {
        float[] row = scratch.copyOf(logits);
        for (int token = 0; token < row.length; token++) {
            row[token] = (float) own.at(token);
        }
        edits.edit(row, position, scratch);
        return Logprobs.likeliest(row, count, scratch)
                .mapToObj(token -> new TokenLogprob(token, row[token]))
                .toList();
    }

    /**
     * The beginnings that go on, likeliest first, when all were added; none when the search is over.
     *
     * @throws SamplingException if every token is ruled out before any answer is complete
     */
    public List<Next> advance() {
        if (added < beams.size()) {
            throw new IllegalStateException("beam search: expected rows of " + beams.size() + ", found " + added);
        }
        length++;
        if (continuations.isEmpty() && complete.isEmpty()) {
            throw new SamplingException("beam search: expected a token to go on with, found every one ruled out;"
                    + " check what bias, bans and processors leave");
        }
        List<Continuation> best =
                continuations.stream().sorted(BEST).limit(looks).toList();
        List<Continuation> open = new ArrayList<>();
        for (int rank = 0; rank < best.size(); rank++) {
            Continuation next = best.get(rank);
            boolean ends = endTokens.contains(next.sampled.token());
            if (!ends && length < maxTokens) {
                open.add(next);
            } else if (rank < search.width()) {
                complete.add(answer(beam(next), ends));
            }
        }
        keepBest(complete);
        List<Continuation> chosen = open.subList(0, Math.min(open.size(), search.width()));
        List<Beam> longer = chosen.stream().map(this::beam).toList();
        over = longer.isEmpty() || enough(longer.getFirst());
        beams = longer.isEmpty() ? beams : longer;
        added = 0;
        continuations.clear();
        return over
                ? List.of()
                : chosen.stream().map(c -> new Next(c.beam, c.sampled.token())).toList();
    }

    private Beam beam(Continuation next) {
        return new Beam(beams.get(next.beam), next.sampled, next.sum, length);
    }

    private Answer answer(Beam beam, boolean ended) {
        return new Answer(beam, search.score(beam.sum(), Math.max(1, beam.length())), ended);
    }

    private void keepBest(List<Answer> answers) {
        answers.sort(Comparator.comparingDouble(Answer::score).reversed()); // stable: the earlier of equals stays
        if (answers.size() > search.width()) {
            answers.subList(search.width(), answers.size()).clear();
        }
    }

    /** Whether enough answers are complete, given the likeliest that are not. */
    private boolean enough(Beam likeliest) {
        if (complete.size() < search.width()) {
            return false;
        }
        if (search.earlyStopping() == BeamSearch.EarlyStopping.AT_ONCE) {
            return true;
        }
        boolean longest = search.earlyStopping() == BeamSearch.EarlyStopping.NEVER_BETTER && search.lengthPenalty() > 0;
        return search.score(likeliest.sum(), longest ? maxTokens : length)
                <= complete.getLast().score();
    }

    /** The best answers, best first; where fewer are complete, beginnings behind them, in the same order. */
    public List<Answer> answers(int count) {
        Stream<Answer> begun = beams.stream().filter(b -> b.length() > 0).map(beam -> answer(beam, false));
        return Stream.concat(complete.stream(), over ? Stream.empty() : begun)
                .limit(count)
                .toList();
    }
}
