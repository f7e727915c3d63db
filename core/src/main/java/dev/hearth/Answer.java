package dev.hearth;

import dev.hearth.tokenizer.StreamingDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What is said of one answer as its tokens come: text, thoughts, calls of tools, log probabilities. One thread at a time. */
final class Answer {
    private final Optional<StreamingDecoder> decoder; // a model without a tokenizer has no text
    private final StopMatcher stops;
    private final int minTokens;
    private final ChatOutput output;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<Event.ToolCall> toolCalls = new ArrayList<>();
    private final List<Integer> ids = new ArrayList<>();
    private final List<TokenScore> logprobs = new ArrayList<>();
    private int written;

    /** One without a token yet, whose decoder knows the prompt, and in which stops count after {@code minTokens}. */
    Answer(Optional<StreamingDecoder> decoder, StopMatcher stops, int minTokens, ChatOutput output) {
        this.decoder = decoder;
        this.stops = stops;
        this.minTokens = minTokens;
        this.output = output;
    }

    /**
     * Begins with a prompt.
     *
     * @param spelled its text
     * @param scores of its tokens, if they are part of the answer
     */
    void echo(int[] prompt, String spelled, List<TokenScore> scores, List<Event> events) {
        for (int id : prompt) {
            ids.add(id);
        }
        Event.Text event = new Event.Text(spelled, scores);
        text.append(event.text());
        logprobs.addAll(scores);
        if (!event.text().isEmpty() || !scores.isEmpty()) {
            events.add(event);
        }
    }

    /** The next token, with its log probability if that is part of the answer. */
    void append(int token, Optional<TokenScore> score, List<Event> events) {
        ids.add(token);
        List<Event> more = new ArrayList<>();
        String piece = decoder.map(d -> d.push(token)).orElse("");
        output.push(++written <= minTokens ? stops.pass(piece) : stops.push(piece), more);
        score.ifPresent(s -> {
            logprobs.add(s);
            if (more.isEmpty() || !(more.getLast() instanceof Event.Text last)) {
                more.add(new Event.Text("", List.of(s)));
            } else {
                more.set(more.size() - 1, new Event.Text(last.text(), List.of(s)));
            }
        });
        collect(more);
        events.addAll(more);
    }

    /** Whether its text has come to a stop. */
    boolean stopped() {
        return stops.stopped();
    }

    /** No more tokens: what was held back. */
    void finish(List<Event> events) {
        List<Event> more = new ArrayList<>();
        if (!stops.stopped()) {
            output.push(stops.push(decoder.map(StreamingDecoder::finish).orElse("")) + stops.finish(), more);
        }
        output.finish(more);
        collect(more);
        events.addAll(more);
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

    /** All of it. */
    Completion completion(List<TokenScore> promptLogprobs, FinishReason finish, Usage usage) {
        return new Completion(
                text.toString(),
                thinking.toString(),
                toolCalls,
                ids,
                logprobs,
                promptLogprobs,
                OptionalDouble.empty(),
                finish,
                usage);
    }
}
