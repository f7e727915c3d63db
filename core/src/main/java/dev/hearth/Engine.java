package dev.hearth;

import dev.hearth.chat.ChatTemplate;
import dev.hearth.format.Json;
import dev.hearth.model.Encoder;
import dev.hearth.model.ModelConfig;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampler;
import dev.hearth.sample.SamplingParams;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.EngineStats;
import dev.hearth.schedule.QueueFullException;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.Terms;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Precision;
import dev.hearth.tokenizer.Encoding;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A loaded model that generates, chats, scores, embeds, ranks and labels: whatever it was made for. Any number of threads, virtual ones too, may use one engine; their requests run
 * together, step by step, on the engine's own threads. {@link #close()} ends whatever runs and frees all memory.
 */
public final class Engine implements AutoCloseable {
    private final LoadedModel model;
    private final EngineLoop loop;
    private final WholeTexts texts;
    private final SampleScratch scratch = new SampleScratch(); // the loop's thread only
    private boolean closed;

    Engine(LoadedModel model, EngineLoop.Limits limits) {
        this.model = model;
        this.loop = new EngineLoop(
                model.runner(), limits, "hearth-" + model.source().place());
        this.texts = new WholeTexts(model, loop);
    }

    /** Loads a model folder or GGUF file, or a model of a Hugging Face cache by name, with defaults; see {@link EngineBuilder}. */
    public static Engine load(Path path) {
        return builder(path).load();
    }

    /** Settings for loading a model. */
    public static EngineBuilder builder(Path path) {
        return new EngineBuilder(path);
    }

    /** The answer to one message, by the model's own defaults. Waits for it. */
    public Completion chat(String message) {
        return complete(Request.chat(Message.user(message)).build());
    }

    /**
     * Runs a request and waits for its end.
     *
     * @throws EngineBusyException if too many requests wait already
     * @throws EngineClosedException if the engine is closed meanwhile
     * @throws java.util.concurrent.CancellationException if the waiting thread is interrupted, which cancels the request
     */
    public Completion complete(Request request) {
        try (Generation generation = generate(request)) {
            for (Event event : generation) {
                if (event instanceof Event.Finished finished && finished.reason() == FinishReason.ENGINE_CLOSED) {
                    throw new EngineClosedException(
                            "the engine was closed after " + finished.usage().outputTokens() + " tokens");
                }
            }
            return generation.completion().join();
        }
    }

    /** Runs a request on the side; the future fails with {@link EngineClosedException} if the engine is closed meanwhile. */
    public CompletableFuture<Completion> submit(Request request) {
        return generate(request).completion().thenApply(completion -> {
            if (completion.finish() == FinishReason.ENGINE_CLOSED) {
                throw new EngineClosedException(
                        "the engine was closed after " + completion.usage().outputTokens() + " tokens");
            }
            return completion;
        });
    }

    /**
     * Starts a request; its events can be read as they come.
     *
     * @throws ContextLengthException if prompt and wanted tokens exceed the context
     * @throws IllegalArgumentException if the model cannot honour a setting
     * @throws EngineBusyException if too many requests wait already
     * @throws EngineClosedException if the engine is closed
     * @throws dev.hearth.chat.TemplateException if the chat template refuses the messages
     */
    public Generation generate(Request request) {
        requireDecoder("generates text");
        Prepared prompt = prepare(request.prompt());
        int room = contextLength() - prompt.tokens.size();
        if (prompt.tokens.size() == 0) {
            throw new IllegalArgumentException("request: expected a prompt of at least one token, found none");
        }
        int maxTokens = request.maxTokens().orElse(room);
        if (room < 1 || maxTokens > room) {
            throw new ContextLengthException("the prompt has " + prompt.tokens.size() + " tokens and "
                    + request.maxTokens().orElse(1)
                    + " are to follow, together more than the context of " + contextLength()
                    + "; shorten the prompt, ask for fewer"
                    + " tokens, or load the engine with a longer context");
        }
        SamplingParams params = request.sampling(model.sampling());
        Sampler sampler = new Sampler(params, ThreadLocalRandom.current().nextLong(), config().vocabSize());
        sampler.acceptPrompt(prompt.tokens.from(0));
        Set<Integer> ends = new TreeSet<>(request.stopTokens());
        if (!request.ignoreEos()) {
            ends.addAll(model.endTokens());
        }
        var plan = new GenerationTask.Plan(
                maxTokens,
                config().vocabSize(),
                ends,
                sampler,
                model.tokenizer().map(Tokenizer::streamingSkippingSpecial),
                request.stop(),
                prompt.output,
                params.logprobs().isPresent(),
                scratch);
        Generation generation = new Generation();
        TokenList tokens = prompt.tokens;
        generation.started(submit(
                tokens,
                prompt.tokens.size() + maxTokens,
                request.standing().terms(),
                new GenerationTask(tokens, plan, generation.sink())));
        return generation;
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

    /** A prompt in tokens, and how its answer is to be read. */
    private record Prepared(TokenList tokens, ChatOutput output) {}

    private Prepared prepare(Request.Prompt prompt) {
        return switch (prompt) {
            case Request.Text text -> new Prepared(checked(tokenizer().encode(text.text())), ChatOutput.plain());
            case Request.Ids ids ->
                new Prepared(
                        checked(ids.ids().stream().mapToInt(Integer::intValue).toArray()), ChatOutput.plain());
            case Request.Chat chat -> {
                ChatTemplate template = model.template()
                        .orElseThrow(() -> new IllegalArgumentException(model.source()
                                        .place() + " has no chat template; use Request.prompt for text to continue"));
                ChatTemplate.Rendered rendered = template.render(templateInput(chat));
                int[] ids = tokenizer().encode(rendered.text(), rendered.literal());
                yield new Prepared(checked(ids), ChatOutput.of(template.source(), rendered.text()));
            }
        };
    }

    private TokenList checked(int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= config().vocabSize()) {
                throw new IllegalArgumentException("request: token " + i + ": expected an id of 0 to "
                        + (config().vocabSize() - 1) + ", found " + ids[i]);
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
        input.put("bos_token", model.source().specialToken(tokenizer().bosId()));
        input.put("eos_token", model.source().specialToken(tokenizer().eosId()));
        return new Json.Obj(input);
    }

    /** How likely the model finds each token of a text, tokenised as by default, and the likeliest alternatives. Waits. */
    public List<TokenScore> score(String text, int alternatives) {
        return score(tokenizer().encode(text), alternatives);
    }

    /** How likely the model finds each of these tokens after those before it, and the likeliest alternatives. Waits. */
    public List<TokenScore> score(int[] ids, int alternatives) {
        requireDecoder("scores text");
        if (ids.length == 0) {
            throw new IllegalArgumentException("score: expected at least one token, found none");
        }
        if (ids.length > contextLength()) {
            throw new ContextLengthException(
                    "the text has " + ids.length + " tokens, more than the context of " + contextLength());
        }
        TokenList tokens = checked(ids);
        ScoreTask task = new ScoreTask(tokens, alternatives, config().vocabSize(), scratch);
        texts.submit(tokens, task);
        return WholeTexts.joined(task.result());
    }

    private void requireDecoder(String what) {
        boolean encoder = model.network() instanceof Encoder;
        if (encoder || config().labelsTexts()) {
            throw new IllegalArgumentException(model.source().place() + ": expected a model that " + what + ", found "
                    + (encoder ? "an encoder, which reads whole texts" : "one that labels texts")
                    + "; use embed, rerank, classify or fillMask");
        }
    }

    /**
     * The embeddings of texts, as the model's makers chose: their pooling, their default prompt, their scaling. Waits.
     *
     * @throws ContextLengthException if a text is longer than the model can take
     * @throws IllegalArgumentException if the model doesn't say how it embeds
     */
    public float[][] embed(List<String> texts) {
        return embed(EmbedRequest.of(texts).build()).vectors().toArray(float[][]::new);
    }

    /**
     * The embeddings of texts. Waits.
     *
     * @throws ContextLengthException if a text is longer than the model can take and the request doesn't let it be cut
     * @throws IllegalArgumentException if the model cannot honour a setting
     */
    public Embeddings embed(EmbedRequest request) {
        return new Embedder(model, texts).embed(request);
    }

    /** How well documents answer a query, best first, by a model made for it. Waits. */
    public List<Ranked> rerank(String query, List<String> documents) {
        return rerank(LabelRequest.pairs(query, documents).build());
    }

    /**
     * Ranks pairs of texts by the one label of the model, best first. Waits.
     *
     * @throws ContextLengthException if a pair is longer than the model can take and the request doesn't let it be cut
     * @throws IllegalArgumentException if the model has no label, or several
     */
    public List<Ranked> rerank(LabelRequest request) {
        return new Labeller(model, texts).rank(request);
    }

    /**
     * Every label's score for each text or pair. Waits.
     *
     * @throws ContextLengthException if one is longer than the model can take and the request doesn't let it be cut
     * @throws IllegalArgumentException if the model has no labels
     */
    public List<List<LabelScore>> classify(LabelRequest request) {
        return new Labeller(model, texts).classify(request);
    }

    /**
     * The likeliest tokens in some places of a text, by a model made to find masked ones. Waits.
     *
     * @param positions places among the tokens, from 0
     * @throws IllegalArgumentException if the model has no head for it, or a place lies outside
     */
    public List<MaskedToken> fillMask(Encoding text, Set<Integer> positions, int alternatives) {
        if (!(model.network() instanceof Encoder encoder) || !encoder.fillsMasks()) {
            throw new IllegalArgumentException(model.source().place()
                    + " has no head that finds masked tokens; use a model for masked language modelling");
        }
        for (int position : positions) {
            if (position < 0 || position >= text.size()) {
                throw new IllegalArgumentException(
                        "fillMask: expected places of 0 to " + (text.size() - 1) + ", found " + position);
            }
        }
        TokenList tokens = texts.tokens(WholeTexts.bounded(text, contextLength()));
        MaskTask task = new MaskTask(positions, alternatives, config().vocabSize(), scratch);
        texts.submit(tokens, task);
        return WholeTexts.joined(task.result());
    }

    /** Whether the model came with a tokenizer. */
    public boolean hasTokenizer() {
        return model.tokenizer().isPresent();
    }

    /** The model's tokenizer. @throws ModelFormatException if the model came without one: it then takes and gives tokens only */
    public Tokenizer tokenizer() {
        return model.requiredTokenizer();
    }

    /** What the model file says. */
    public ModelConfig config() {
        return model.config();
    }

    /** Most positions of a sequence, prompt and answer together. */
    public int contextLength() {
        return model.config().contextLength();
    }

    /** How it rounds. */
    public Precision precision() {
        return model.precision();
    }

    /** What computes, in words. */
    public String backend() {
        return model.backend().description();
    }

    /** A look at the running requests, the pages they hold and what was done so far. */
    public EngineStats stats() {
        return loop.stats();
    }

    /** Ends every request with {@link FinishReason#ENGINE_CLOSED}, waits for the step under way and frees everything. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            loop.close();
            model.close();
        }
    }
}
