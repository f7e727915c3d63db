package dev.hearth;

import dev.hearth.chat.ChatTemplate;
import dev.hearth.format.Json;
import dev.hearth.model.Encoder;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampler;
import dev.hearth.sample.SamplingParams;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.QueueFullException;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.Terms;
import dev.hearth.schedule.TokenList;
import dev.hearth.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Turns requests into sequences of an engine's loop. Any thread. */
final class Generator {
    private final LoadedModel model;
    private final EngineLoop loop;
    private final Words words;
    private final SampleScratch scratch; // the loop's thread only

    Generator(LoadedModel model, EngineLoop loop, SampleScratch scratch) {
        this.model = model;
        this.loop = loop;
        this.words = new Words(model.tokenizer(), model.config().vocabSize());
        this.scratch = scratch;
    }

    /** See {@link Engine#generate}. */
    Generation generate(Request request) {
        if (request.choices().tried() > 1) {
            throw new IllegalArgumentException("request: expected one choice, found "
                    + request.choices().tried() + "; use completeAll for several");
        }
        return start(request, 1).getFirst();
    }

    /** See {@link Engine#completeAll}. */
    List<Completion> completeAll(Request request) {
        Request.Choices choices = request.choices();
        List<Generation> running = start(request, choices.tried());
        try {
            List<Completion> completions = new ArrayList<>();
            for (Generation generation : running) {
                completions.add(Engine.awaited(generation));
            }
            if (choices.ranks()) {
                completions.sort(
                        Comparator.comparingDouble(Generator::meanLogprob).reversed());
            }
            boolean scored = request.sampling(model.sampling()).logprobs().isPresent();
            return completions.subList(0, choices.wanted()).stream()
                    .map(c -> scored ? c : c.withoutLogprobs())
                    .toList();
        } finally {
            running.forEach(Generation::close);
        }
    }

    private static double meanLogprob(Completion completion) {
        return completion.logprobs().stream()
                .mapToDouble(score -> score.logprob().orElseThrow())
                .average()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    /** Starts so many choices of a request; others wait for the first one's prompt. */
    private List<Generation> start(Request request, int count) {
        requireDecoder("generates text");
        Prepared prompt = prepare(request.prompt());
        int maxTokens = room(request, prompt.tokens);
        Set<Integer> ends = ends(request);
        SamplingParams asked = words.resolve(request.sampling(model.sampling()), request.allowedWords(), ends);
        if (asked.minTokens() > maxTokens) {
            throw new IllegalArgumentException("request: minTokens: expected at most the " + maxTokens
                    + " tokens that the answer may have, found " + asked.minTokens());
        }
        SamplingParams params = request.choices().ranks() && asked.logprobs().isEmpty()
                ? asked.toBuilder().logprobs(0).build()
                : asked;
        long seed = ThreadLocalRandom.current().nextLong();
        Terms terms = request.standing().terms();
        List<Generation> started = new ArrayList<>();
        Optional<GenerationTask> first = Optional.empty();
        try {
            for (int choice = 0; choice < count; choice++) {
                TokenList tokens = new TokenList(prompt.tokens.from(0));
                Sampler sampler =
                        new Sampler(params, seed, choice, model.config().vocabSize(), ends, request.logitsProcessors());
                sampler.acceptPrompt(tokens.from(0));
                var plan = new GenerationTask.Plan(
                        maxTokens,
                        params.minTokens(),
                        ends,
                        sampler,
                        model.tokenizer().map(Tokenizer::streamingSkippingSpecial),
                        request.stops(),
                        prompt.output.get(),
                        params.logprobs().isPresent(),
                        scratch);
                Generation generation = new Generation();
                GenerationTask task = new GenerationTask(tokens, plan, first, generation.sink());
                first = first.isEmpty() ? Optional.of(task) : first;
                generation.started(submit(tokens, tokens.size() + maxTokens, terms, task));
                started.add(generation);
            }
        } catch (RuntimeException e) {
            started.forEach(Generation::close);
            throw e;
        }
        return started;
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
        TokenList tokens = prepare(request.prompt()).tokens;
        if (tokens.size() > model.config().contextLength()) {
            throw new ContextLengthException("the prompt has " + tokens.size() + " tokens, more than the context of "
                    + model.config().contextLength());
        }
        return tokens;
    }

    private Set<Integer> ends(Request request) {
        Set<Integer> ends = new TreeSet<>(request.stopTokens());
        if (!request.ignoreEos()) {
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

    /** A prompt in tokens, and how each answer is to be read. */
    private record Prepared(TokenList tokens, Supplier<ChatOutput> output) {}

    private Prepared prepare(Request.Prompt prompt) {
        Prepared prepared = read(prompt);
        if (prepared.tokens.size() == 0) {
            throw new IllegalArgumentException("request: expected a prompt of at least one token, found none");
        }
        return prepared;
    }

    private Prepared read(Request.Prompt prompt) {
        return switch (prompt) {
            case Request.Text text ->
                new Prepared(checked(model.requiredTokenizer().encode(text.text())), ChatOutput::plain);
            case Request.Ids ids ->
                new Prepared(
                        checked(ids.ids().stream().mapToInt(Integer::intValue).toArray()), ChatOutput::plain);
            case Request.Chat chat -> {
                ChatTemplate template = model.template()
                        .orElseThrow(() -> new IllegalArgumentException(model.source()
                                        .place() + " has no chat template; use Request.prompt for text to continue"));
                ChatTemplate.Rendered rendered = template.render(templateInput(chat));
                int[] ids = model.requiredTokenizer().encode(rendered.text(), rendered.literal());
                yield new Prepared(checked(ids), () -> ChatOutput.of(template.source(), rendered.text()));
            }
        };
    }

    /** Tokens that the vocabulary has. */
    TokenList checked(int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= model.config().vocabSize()) {
                throw new IllegalArgumentException("request: token " + i + ": expected an id of 0 to "
                        + (model.config().vocabSize() - 1) + ", found " + ids[i]);
            }
        }
        return new TokenList(ids);
    }

    private Json.Obj templateInput(Request.Chat chat) {
        Map<String, Json> input = new LinkedHashMap<>(chat.variables());
        List<Json> messages = new ArrayList<>();
        chat.messages().forEach(m -> messages.add(m.json()));
        input.put("messages", new Json.Arr(messages));
        List<Json> tools = new ArrayList<>();
        chat.tools().forEach(t -> tools.add(t.json()));
        input.put("tools", tools.isEmpty() ? Json.Null.NULL : new Json.Arr(tools));
        input.put("add_generation_prompt", new Json.Bool(true));
        input.put(
                "bos_token",
                model.source().specialToken(model.requiredTokenizer().bosId()));
        input.put(
                "eos_token",
                model.source().specialToken(model.requiredTokenizer().eosId()));
        return new Json.Obj(input);
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
