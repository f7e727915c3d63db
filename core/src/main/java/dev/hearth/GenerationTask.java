package dev.hearth;

import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampled;
import dev.hearth.sample.Sampler;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import dev.hearth.tokenizer.StreamingDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One generation seen from the engine's loop: chooses tokens, turns them into events and knows when to stop. */
final class GenerationTask implements Sequence.Listener {
    private static final int PROMPT_CHUNK = 256;

    /** Where events go; called by the loop's thread only. */
    interface Sink {
        void events(List<Event> events);

        void finished(Completion completion);

        void failed(Throwable failure);

        /** Whether it can take more events now. */
        boolean ready();
    }

    private final TokenList tokens;
    private final int promptTokens;
    private final int maxTokens;
    private final int minTokens;
    private final Set<Integer> endTokens;
    private final Sampler sampler;
    private final Optional<StreamingDecoder> decoder; // a model without a tokenizer has no text
    private final StopMatcher stops;
    private final ChatOutput output;
    private final boolean scores;
    private final Optional<GenerationTask> first; // of the same prompt
    private final Sink sink;
    private final long startNanos = System.nanoTime();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<Event.ToolCall> toolCalls = new ArrayList<>();
    private final List<Integer> ids = new ArrayList<>();
    private final List<TokenScore> logprobs = new ArrayList<>();
    private final SampleScratch scratch;
    private boolean past; // its prompt; the loop's thread only
    private int cachedTokens;
    private int outputTokens;
    private long queuedNanos;
    private long firstTokenNanos;
    private @Nullable FinishReason reason;

    /** With the task to whose prompt this one leaves it to be computed, if there is one. */
    GenerationTask(TokenList tokens, Plan plan, Optional<GenerationTask> first, Sink sink) {
        this.tokens = tokens;
        this.promptTokens = tokens.size();
        this.maxTokens = plan.maxTokens;
        this.endTokens = plan.endTokens;
        this.sampler = plan.sampler;
        this.decoder = plan.decoder;
        this.stops = plan.stops;
        this.minTokens = plan.minTokens;
        this.output = plan.output;
        this.scores = plan.scores;
        this.scratch = plan.scratch;
        this.first = first;
        this.sink = sink;
    }

    /** What a request comes to on this engine. */
    record Plan(
            int maxTokens,
            int minTokens,
            Set<Integer> endTokens,
            Sampler sampler,
            Optional<StreamingDecoder> decoder,
            StopMatcher stops,
            ChatOutput output,
            boolean scores,
            SampleScratch scratch) {}

    @Override
    public Chunk.Logits wanted(boolean last) {
        return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
    }

    @Override
    public boolean choosesTokens() {
        return true;
    }

    @Override
    public int chunkLimit() {
        return PROMPT_CHUNK;
    }

    @Override
    public boolean ready() {
        return first.map(task -> task.past).orElse(true) && sink.ready();
    }

    @Override
    public void started(int cached) {
        cachedTokens = cached;
        queuedNanos = System.nanoTime() - startNanos;
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        past = true;
        Sampled sampled = sampler.sample(results.logits(row), position + 1, scratch);
        if (outputTokens++ == 0) {
            firstTokenNanos = System.nanoTime() - startNanos;
        }
        List<Event> events = new ArrayList<>();
        boolean ended = endTokens.contains(sampled.token());
        if (!ended) {
            append(sampled, events);
        }
        if (ended || stops.stopped()) {
            reason = FinishReason.STOP;
        } else if (outputTokens >= maxTokens) {
            reason = FinishReason.LENGTH;
        } else {
            tokens.add(sampled.token());
        }
        sink.events(events);
    }

    private void append(Sampled sampled, List<Event> events) {
        sampler.accept(sampled.token());
        ids.add(sampled.token());
        String piece = decoder.map(d -> d.push(sampled.token())).orElse("");
        output.push(outputTokens <= minTokens ? stops.pass(piece) : stops.push(piece), events);
        if (scores) {
            TokenScore score = score(sampled);
            logprobs.add(score);
            if (events.isEmpty() || !(events.getLast() instanceof Event.Text last)) {
                events.add(new Event.Text("", List.of(score)));
            } else {
                events.set(events.size() - 1, new Event.Text(last.text(), List.of(score)));
            }
        }
        collect(events);
    }

    private static TokenScore score(Sampled sampled) {
        List<TokenScore.Alternative> top = sampled.top().stream()
                .map(t -> new TokenScore.Alternative(t.token(), t.logprob()))
                .toList();
        return new TokenScore(sampled.token(), sampled.logprob(), top);
    }

    private void collect(List<Event> events) {
        for (Event event : events) {
            switch (event) {
                case Event.Text t -> text.append(t.text());
                case Event.Thinking t -> thinking.append(t.text());
                case Event.ToolCall call -> toolCalls.add(call);
                case Event.Finished f -> throw new IllegalStateException("a generation ended twice");
            }
        }
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        past = true;
        if (end == Sequence.End.FAILED) {
            sink.failed(failure == null ? new IllegalStateException("no cause was given") : failure);
            return;
        }
        FinishReason finish = switch (end) {
            case DONE -> reason == null ? FinishReason.LENGTH : reason;
            case CANCELLED -> FinishReason.CANCELLED;
            case LATE -> FinishReason.DEADLINE;
            case CLOSED -> FinishReason.ENGINE_CLOSED;
            case FAILED -> throw new IllegalStateException("handled above");
        };
        List<Event> events = new ArrayList<>();
        if (!stops.stopped()) {
            output.push(stops.push(decoder.map(StreamingDecoder::finish).orElse("")) + stops.finish(), events);
        }
        output.finish(events);
        collect(events);
        Usage usage = new Usage(
                promptTokens,
                cachedTokens,
                outputTokens,
                Duration.ofNanos(queuedNanos),
                Duration.ofNanos(firstTokenNanos),
                Duration.ofNanos(System.nanoTime() - startNanos));
        events.add(new Event.Finished(finish, usage));
        sink.events(events);
        sink.finished(new Completion(text.toString(), thinking.toString(), toolCalls, ids, logprobs, finish, usage));
    }
}
