package dev.hearth;

import dev.hearth.sample.BeamScorer;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampled;
import dev.hearth.sample.Sampler;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A beam search seen from the engine's loop: a sequence for each beginning, which waits, once it has its logits, until all others have
 * theirs. Then those with the best continuations go on, and the sequences of the others fork from them. The loop's thread.
 */
final class BeamTask {
    private final int[] prompt;
    private final GenerationPlan plan;
    private final BeamScorer scorer;
    private final int wanted;
    private final Supplier<Answer> answers;
    private final Optional<Supplier<Sampler>> edits;
    private final GenerationTask.Sink sink;
    private final UsageMeter meter;
    private final Branch trunk;
    private final List<Branch> branches = new ArrayList<>(); // every sequence; the prompt's first
    private List<Branch> beams; // those that go on, likeliest first
    private boolean begun;
    private boolean over;

    /**
     * A search that gives so many answers.
     *
     * @param answers makes one without a token
     * @param edits of log probabilities, for an answer that has the prompt alone
     */
    BeamTask(
            TokenList prompt,
            GenerationPlan plan,
            BeamScorer scorer,
            int wanted,
            Supplier<Answer> answers,
            Optional<Supplier<Sampler>> edits,
            GenerationTask.Sink sink) {
        this.prompt = prompt.from(0);
        this.plan = plan;
        this.scorer = scorer;
        this.wanted = wanted;
        this.answers = answers;
        this.edits = edits;
        this.sink = sink;
        this.meter = new UsageMeter(prompt.size());
        this.trunk = new Branch(prompt);
        this.branches.add(trunk);
        this.beams = List.of(trunk);
    }

    /** Listens to the sequence of the prompt. */
    Sequence.Listener listener() {
        return trunk;
    }

    /** One sequence. */
    private final class Branch implements Sequence.Listener {
        private TokenList tokens;
        private Optional<Sampler> sampler;
        private @Nullable Sequence sequence;
        private boolean wants = true; // logits of its last token

        Branch(TokenList tokens) {
            this.tokens = tokens;
            this.sampler = sampler(tokens);
        }

        @Override
        public Chunk.Logits wanted(boolean last) {
            return plan.wanted(last);
        }

        @Override
        public boolean leavesPrefix() {
            return true;
        }

        @Override
        public boolean choosesTokens() {
            return this == trunk;
        }

        @Override
        public int chunkLimit() {
            return plan.chunkLimit();
        }

        @Override
        public boolean ready() {
            return wants;
        }

        @Override
        public boolean waits() {
            return !over;
        }

        @Override
        public void started(Sequence running, int cached) {
            sequence = running;
            meter.started(cached);
        }

        @Override
        public void accept(Results results, int row, int count, int position) {
            if (plan.scoresPrompt()) {
                plan.promptScores().orElseThrow().accept(results, row, count, position);
            }
            int last = position + count - 1;
            if (last == tokens.size() - 1 && !over) {
                wants = false;
                if (plan.scratches().use(scratch -> add(results, row + count - 1, last + 1, scratch))) {
                    advance();
                }
            }
        }

        private boolean add(Results results, int row, int position, SampleScratch scratch) {
            float[] values = TextScores.row(results, row, scratch);
            return scorer.add(beams.indexOf(this), values, position, sampler, scratch);
        }

        @Override
        public void ended(Sequence.End end, @Nullable Throwable failure) {
            over = true;
            if (end == Sequence.End.FAILED) {
                sink.failed(failure == null ? new IllegalStateException("no cause was given") : failure);
            } else {
                tell(end);
            }
        }

        /** Goes on with one more token. */
        void append(int token) {
            tokens.add(token);
            sampler.ifPresent(s -> s.accept(token));
            wants = true;
        }

        /** Goes on from where another is, with one more token. */
        void follow(Branch other, int token) {
            tokens = new TokenList(other.tokens.from(0));
            tokens.add(token);
            sampler = sampler(tokens);
            wants = true;
            Sequence parent = other.held();
            if (sequence == null) {
                sequence = parent.fork(tokens, this);
            } else {
                sequence.follow(parent, tokens);
            }
        }

        private Sequence held() {
            if (sequence == null) {
                throw new IllegalStateException("beam search: a sequence that goes on has begun");
            }
            return sequence;
        }
    }

    private Optional<Sampler> sampler(TokenList tokens) {
        return edits.map(made -> {
            Sampler sampler = made.get();
            for (int token : tokens.from(prompt.length)) {
                sampler.accept(token);
            }
            return sampler;
        });
    }

    /** All have their logits. The first continuation of each stays with it, others take the places of those that have none. */
    private void advance() {
        if (!begun) {
            begun = true;
            meter.firstToken();
        }
        List<BeamScorer.Next> next = scorer.advance();
        over = next.isEmpty();
        Set<Branch> staying = new HashSet<>();
        next.forEach(n -> staying.add(beams.get(n.beam())));
        List<Branch> free = new ArrayList<>(branches);
        free.removeAll(staying);
        List<Branch> longer = new ArrayList<>();
        List<Runnable> appends = new ArrayList<>(); // after all forks
        for (BeamScorer.Next n : next) {
            Branch parent = beams.get(n.beam());
            if (staying.remove(parent)) {
                longer.add(parent);
                appends.add(() -> parent.append(n.token()));
            } else {
                longer.add(fork(parent, n.token(), free));
            }
        }
        appends.forEach(Runnable::run);
        beams = longer;
    }

    private Branch fork(Branch parent, int token, List<Branch> free) {
        if (free.isEmpty()) {
            Branch branch = new Branch(new TokenList(prompt));
            branches.add(branch);
            branch.follow(parent, token);
            return branch;
        }
        Branch branch = free.removeFirst();
        branch.follow(parent, token);
        return branch;
    }

    private void tell(Sequence.End end) {
        List<Event> events = new ArrayList<>();
        List<Completion> completions = new ArrayList<>();
        for (BeamScorer.Answer found : scorer.answers(wanted)) {
            completions.add(completion(found, end, completions.isEmpty() ? events : new ArrayList<>()));
        }
        if (completions.isEmpty()) { // it ended before its first token
            completions.add(
                    answers.get().completion(List.of(), FinishReason.of(end, FinishReason.LENGTH), meter.usage(0)));
        }
        Completion best = completions.getFirst().withPromptLogprobs(plan.told());
        completions.set(0, best);
        events.add(new Event.Finished(best.finish(), best.usage()));
        sink.events(events);
        sink.finished(completions);
    }

    private Completion completion(BeamScorer.Answer found, Sequence.End end, List<Event> events) {
        Answer answer = answers.get();
        plan.echo(answer, prompt, events);
        List<Sampled> tokens = found.beam().tokens();
        for (Sampled token : found.ended() ? tokens.subList(0, tokens.size() - 1) : tokens) {
            Optional<TokenScore> score = token.logprob().stream()
                    .mapToObj(p -> TextScores.score(token.token(), p, token.top()))
                    .findFirst();
            answer.append(token.token(), score, events);
        }
        answer.finish(events);
        FinishReason itself = found.ended() ? FinishReason.STOP : FinishReason.LENGTH;
        return answer.completion(List.of(), FinishReason.of(end, itself), meter.usage(tokens.size()))
                .withScore(OptionalDouble.of(found.score()));
    }
}
