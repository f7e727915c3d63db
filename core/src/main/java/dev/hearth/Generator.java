package dev.hearth;

import dev.hearth.model.Encoder;
import dev.hearth.sample.BeamScorer;
import dev.hearth.sample.BeamSearch;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampler;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.ScratchPool;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.QueueFullException;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.Terms;
import dev.hearth.schedule.TokenList;
import dev.hearth.tokenizer.StreamingDecoder;
import dev.hearth.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Turns requests into sequences of an engine's loop. Any thread. */
final class Generator {
    private final LoadedModel model;
    private final EngineLoop loop;
    private final PromptReader prompts;
    private final Words words;
    private final SampleScratch scratch; // the loop's thread only
    private final ScratchPool scratches = new ScratchPool();

    Generator(LoadedModel model, EngineLoop loop, SampleScratch scratch) {
        this.model = model;
        this.loop = loop;
        this.prompts = new PromptReader(model);
        this.words = new Words(model.tokenizer(), model.config().vocabSize());
        this.scratch = scratch;
    }

    /** See {@link Engine#generate}. */
    Generation generate(Request request) {
        if (request.choices().computed() > 1) {
            throw new IllegalArgumentException("request: expected one choice, found "
                    + request.choices().computed() + "; use completeAll for several");
        }
        return start(request, 1).getFirst();
    }

    /** See {@link Engine#completeAll}. */
    List<Completion> completeAll(Request request) {
        Choices choices = request.choices();
        List<Generation> running = start(request, choices.computed());
        try {
            List<Completion> completions = new ArrayList<>();
            for (Generation generation : running) {
                Engine.awaited(generation);
                completions.addAll(generation.completions());
            }
            List<TokenScore> promptLogprobs = completions.getFirst().promptLogprobs();
            if (choices.ranks()) {
                completions.sort(Comparator.<Completion>comparingDouble(c -> meanLogprob(c, request.echo()))
                        .reversed());
            }
            boolean scored = request.sampling(model.sampling()).logprobs().isPresent();
            List<Completion> given = new ArrayList<>();
            for (Completion completion :
                    completions.stream().limit(choices.wanted()).toList()) {
                Completion told = completion.withPromptLogprobs(given.isEmpty() ? promptLogprobs : List.of());
                given.add(scored ? told : told.withoutLogprobs());
            }
            return given;
        } finally {
            running.forEach(Generation::close);
        }
    }

    /** Of the tokens that were generated. */
    private static double meanLogprob(Completion completion, boolean echoed) {
        int prompt = echoed ? completion.usage().promptTokens() : 0;
        int generated = Math.max(0, completion.ids().size() - prompt);
        List<TokenScore> scores = completion.logprobs();
        return scores.subList(scores.size() - generated, scores.size()).stream()
                .mapToDouble(score -> score.logprob().orElseThrow())
                .average()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    /** Starts so many choices of a request; others wait for the first one's prompt. */
    private List<Generation> start(Request request, int count) {
        requireDecoder("generates text");
        PromptReader.Tokens prompt = prompts.read(request.prompt());
        int maxTokens = room(request, prompt.list());
        Set<Integer> ends = ends(request.stops());
        SamplingParams asked = words.resolve(request.sampling(model.sampling()), request.allowedWords(), ends);
        if (asked.minTokens() > maxTokens) {
            throw new IllegalArgumentException("request: minTokens: expected at most the " + maxTokens
                    + " tokens that the answer may have, found " + asked.minTokens());
        }
        SamplingParams params = request.choices().ranks() && asked.logprobs().isEmpty()
                ? asked.toBuilder().logprobs(0).build()
                : asked;
        var plan = new GenerationPlan(
                maxTokens,
                ends,
                promptScores(request, asked, prompt.list()),
                request.echo() ? Optional.of(new GenerationPlan.Echo(spelled(prompt))) : Optional.empty(),
                params.logprobs().isPresent(),
                scratches);
        Supplier<Answer> answers = () -> new Answer(
                model.tokenizer().map(t -> after(prompt.list(), t)),
                request.stops().matcher(),
                params.minTokens(),
                prompt.output().get());
        Prepared prepared = new Prepared(prompt.list(), request, params, plan, answers);
        return request.choices()
                .search()
                .map(search -> List.of(search(prepared, search)))
                .orElseGet(() -> start(prepared, count));
    }

    /** As it was given, if it was text; a model without a tokenizer has none. */
    private String spelled(PromptReader.Tokens prompt) {
        return prompt.text()
                .or(() -> model.tokenizer()
                        .map(t -> t.decodeSkippingSpecial(prompt.list().from(0))))
                .orElse("");
    }

    private static StreamingDecoder after(TokenList prompt, Tokenizer tokenizer) {
        StreamingDecoder decoder = tokenizer.streamingSkippingSpecial();
        decoder.begin(prompt.from(0));
        return decoder;
    }

    /** A request on its way into the loop. */
    private record Prepared(
            TokenList prompt, Request request, SamplingParams params, GenerationPlan plan, Supplier<Answer> answers) {
        int maxPositions() {
            return prompt.size() + plan.maxTokens();
        }
    }

    private List<Generation> start(Prepared prepared, int count) {
        long seed = ThreadLocalRandom.current().nextLong();
        Terms terms = prepared.request.standing().terms();
        List<Generation> started = new ArrayList<>();
        Optional<GenerationTask> first = Optional.empty();
        try {
            for (int choice = 0; choice < count; choice++) {
                TokenList tokens = new TokenList(prepared.prompt.from(0));
                Generation generation = new Generation();
                GenerationTask task = new GenerationTask(
                        tokens,
                        prepared.plan,
                        sampler(prepared, seed, choice),
                        prepared.answers.get(),
                        first,
                        generation.sink());
                first = first.isEmpty() ? Optional.of(task) : first;
                generation.started(submit(tokens, prepared.maxPositions(), terms, task));
                started.add(generation);
            }
        } catch (RuntimeException e) {
            started.forEach(Generation::close);
            throw e;
        }
        return started;
    }

    /** A sampler that has seen the prompt. */
    private Sampler sampler(Prepared prepared, long seed, int choice) {
        Sampler sampler = new Sampler(
                prepared.params,
                seed,
                choice,
                model.config().vocabSize(),
                prepared.plan.endTokens(),
                prepared.request.logitsProcessors());
        sampler.acceptPrompt(prepared.prompt.from(0));
        return sampler;
    }

    private Generation search(Prepared prepared, BeamSearch search) {
        SamplingParams own = prepared.request.sampling(SamplingParams.builder().build());
        if (own.draws()) {
            throw new IllegalArgumentException(
                    "request: beams: expected no setting of draws at random, found temperature " + own.temperature()
                            + " and " + own.truncation() + "; a search takes the likeliest answers");
        }
        TokenList tokens = new TokenList(prepared.prompt.from(0));
        var scorer = new BeamScorer(
                search, prepared.plan.maxTokens(), prepared.plan.endTokens(), prepared.params.logprobs());
        Optional<Supplier<Sampler>> edits =
                sampler(prepared, 0, 0).edits() ? Optional.of(() -> sampler(prepared, 0, 0)) : Optional.empty();
        Generation generation = new Generation();
        BeamTask task = new BeamTask(
                tokens,
                prepared.plan,
                scorer,
                prepared.request.choices().wanted(),
                prepared.answers,
                edits,
                generation.sink());
        generation.started(submit(
                tokens, prepared.maxPositions(), prepared.request.standing().terms(), task.listener()));
        return generation;
    }

    /** Where those of the prompt's tokens go, if anybody wants them: an echo with log probabilities has them too. */
    private Optional<TextScores> promptScores(Request request, SamplingParams params, TokenList prompt) {
        OptionalInt echoed = request.echo() ? params.logprobs() : OptionalInt.empty();
        OptionalInt wanted = request.promptLogprobs().isPresent() ? request.promptLogprobs() : echoed;
        if (wanted.orElse(0) > model.config().vocabSize()) {
            throw new IllegalArgumentException("request: promptLogprobs: expected at most the vocabulary of "
                    + model.config().vocabSize() + ", found " + wanted.getAsInt());
        }
        return wanted.stream()
                .mapToObj(alternatives -> new TextScores(prompt, alternatives, scratch))
                .findFirst();
    }

    /** Computes the prompt of a request and nothing more; how many tokens it has. */
    int preload(Request request) {
        requireDecoder("generates text");
        TokenList tokens = tokens(request);
        int count = tokens.size();
        PreloadTask task = new PreloadTask();
        submit(tokens, count, request.standing().terms(), task);
        WholeTexts.joined(task.result());
        return count;
    }

    /** The prompt of a request. */
    TokenList tokens(Request request) {
        TokenList tokens = prompts.read(request.prompt()).list();
        if (tokens.size() > model.config().contextLength()) {
            throw new ContextLengthException("the prompt has " + tokens.size() + " tokens, more than the context of "
                    + model.config().contextLength());
        }
        return tokens;
    }

    /** Tokens that the vocabulary has. */
    TokenList checked(int[] ids) {
        return prompts.checked(ids);
    }

    private Set<Integer> ends(Stops stops) {
        Set<Integer> ends = new TreeSet<>(stops.tokens());
        if (stops.turn() == Stops.Turn.ENDS) {
            ends.addAll(model.endTokens());
        }
        return ends;
    }

    /** How many tokens may follow. */
    private int room(Request request, TokenList prompt) {
        int context = model.config().contextLength();
        int room = context - prompt.size();
        int maxTokens = request.maxTokens().orElse(room);
        if (room < 1 || maxTokens > room) {
            throw new ContextLengthException("the prompt has " + prompt.size() + " tokens and "
                    + request.maxTokens().orElse(1) + " are to follow, together more than the context of " + context
                    + "; shorten the prompt, ask for fewer tokens, or load the engine with a longer context");
        }
        return maxTokens;
    }

    private Sequence submit(TokenList tokens, int maxPositions, Terms terms, Sequence.Listener listener) {
        try {
            Sequence sequence = loop.submit(tokens, maxPositions, terms, listener);
            if (sequence == null) {
                throw new EngineClosedException("the engine is closed");
            }
            return sequence;
        } catch (QueueFullException e) {
            throw new EngineBusyException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Refuses models that don't write text. */
    void requireDecoder(String what) {
        boolean encoder = model.network() instanceof Encoder;
        if (encoder || model.config().labelsTexts()) {
            throw new IllegalArgumentException(model.source().place() + ": expected a model that " + what + ", found "
                    + (encoder ? "an encoder, which reads whole texts" : "one that labels texts")
                    + "; use embed, rerank, classify or fillMask");
        }
    }
}
