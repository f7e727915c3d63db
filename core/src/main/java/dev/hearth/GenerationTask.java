package dev.hearth;

import dev.hearth.sample.LogitRow;
import dev.hearth.sample.Sampled;
import dev.hearth.sample.Sampler;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One generation seen from the engine's loop: chooses tokens, turns them into events and knows when to stop. */
final class GenerationTask implements Sequence.Listener {
    /** Where events go; called by the loop's thread only. */
    interface Sink {
        void events(List<Event> events);

        /** The answers, of which events told the first. */
        void finished(List<Completion> completions);

        void failed(Throwable failure);

        /** Whether it can take more events now. */
        boolean ready();
    }

    private final TokenList tokens;
    private final GenerationPlan plan;
    private final Sampler sampler;
    private final Answer answer;
    private final Optional<GenerationTask> first; // of the same prompt
    private final Sink sink;
    private final UsageMeter meter;
    private boolean past; // its prompt; the loop's thread only
    private @Nullable Sampled chosen; // before its turn
    private int outputTokens;
    private FinishReason reason = FinishReason.LENGTH;

    /** With the task to whose prompt this one leaves it to be computed, and scored, if there is one. */
    GenerationTask(
            TokenList tokens,
            GenerationPlan plan,
            Sampler sampler,
            Answer answer,
            Optional<GenerationTask> first,
            Sink sink) {
        this.tokens = tokens;
        this.plan = plan;
        this.sampler = sampler;
        this.answer = answer;
        this.first = first;
        this.sink = sink;
        this.meter = new UsageMeter(tokens.size());
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        return first.isEmpty() ? plan.wanted(last) : last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
    }

    @Override
    public boolean leavesPrefix() {
        return true;
    }

    @Override
    public boolean choosesTokens() {
        return true;
    }

    @Override
    public int chunkLimit() {
        return plan.chunkLimit();
    }

    @Override
    public boolean ready() {
        return first.map(task -> task.past).orElse(true) && sink.ready();
    }

    @Override
    public void started(Sequence sequence, int cached) {
        meter.started(cached);
    }

    @Override
    public void foresee(Results results, int row, int count, int position) {
        int next = position + count;
        if (first.isEmpty() && plan.scoresPrompt()) {
            results.want(row, count);
        }
        if (next == tokens.size()) {
            int last = row + count - 1;
            results.want(last, plan.scratches().use(scratch -> {
                BitSet blocks = new BitSet();
                sampler.foresee(results.logits(last), next, scratch, blocks);
                return blocks;
            }));
        }
    }

    /** Chooses the next token, unless others have a part in that who may expect the loop's thread. */
    @Override
    public void prepare(Results results, int row, int count, int position) {
        int next = position + count;
        if (next == tokens.size() && !sampler.runsProcessors()) {
            chosen = sample(results.logits(row + count - 1), next);
        }
    }

    private Sampled sample(LogitRow logits, int position) {
        return plan.scratches().use(scratch -> sampler.sample(logits, position, scratch));
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        if (first.isEmpty() && plan.scoresPrompt()) {
            plan.promptScores().orElseThrow().accept(results, row, count, position);
        }
        int next = position + count;
        if (next == tokens.size()) {
            Sampled token = chosen == null ? sample(results.logits(row + count - 1), next) : chosen;
            chosen = null;
            append(token);
        }
    }

    private void append(Sampled sampled) {
        past = true;
        List<Event> events = new ArrayList<>();
        if (outputTokens++ == 0) {
            meter.firstToken();
            plan.echo(answer, tokens.from(0), events);
        }
        boolean ended = plan.endTokens().contains(sampled.token());
        if (!ended) {
            sampler.accept(sampled.token());
            answer.append(
                    sampled.token(),
                    sampled.logprob().stream()
                            .mapToObj(p -> TextScores.score(sampled.token(), p, sampled.top()))
                            .findFirst(),
                    events);
        }
        if (ended || answer.stopped()) {
            reason = FinishReason.STOP;
        } else if (outputTokens >= plan.maxTokens()) {
            reason = FinishReason.LENGTH;
        } else {
            tokens.add(sampled.token());
        }
        sink.events(events);
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        past = true;
        if (end == Sequence.End.FAILED) {
            sink.failed(failure == null ? new IllegalStateException("no cause was given") : failure);
            return;
        }
        List<Event> events = new ArrayList<>();
        answer.finish(events);
        FinishReason finish = FinishReason.of(end, reason);
        Usage usage = meter.usage(outputTokens);
        events.add(new Event.Finished(finish, usage));
        sink.events(events);
        sink.finished(List.of(answer.completion(first.isEmpty() ? plan.told() : List.of(), finish, usage)));
    }
}
