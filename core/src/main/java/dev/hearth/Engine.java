package dev.hearth;

import dev.hearth.model.Encoder;
import dev.hearth.model.ModelConfig;
import dev.hearth.sample.SampleScratch;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.EngineStats;
import dev.hearth.schedule.Latencies;
import dev.hearth.schedule.RequestTimes;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Precision;
import dev.hearth.tokenizer.Encoding;
import dev.hearth.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A loaded model that generates, chats, scores, embeds, ranks and labels: whatever it was made for. Any number of threads, virtual ones too, may use one engine; their requests run
 * together, step by step, on the engine's own threads. {@link #close()} ends whatever runs and frees all memory.
 */
public final class Engine implements AutoCloseable {
    private final LoadedModel model;
    private final EngineLoop loop;
    private final WholeTexts texts;
    private final Generator generator;
    private final SampleScratch scratch = new SampleScratch(); // the loop's thread only
    private boolean closed;

    Engine(LoadedModel model, EngineLoop.Limits limits) {
        this.model = model;
        this.loop = new EngineLoop(
                model.runner(), limits, "hearth-" + model.source().place(), System::nanoTime);
        this.texts = new WholeTexts(model, loop);
        this.generator = new Generator(model, loop, scratch);
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
            return awaited(generation);
        }
    }

    /** Waits for the end of a generation whose events nobody reads. */
    static Completion awaited(Generation generation) {
        for (Event event : generation) {
            if (event instanceof Event.Finished finished && finished.reason() == FinishReason.ENGINE_CLOSED) {
                throw new EngineClosedException(
                        "the engine was closed after " + finished.usage().outputTokens() + " tokens");
            }
        }
        return generation.completion().join();
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
     * Runs a request of several choices and waits for all of them: as many completions as {@link Request.Builder#choices} asks for, in
     * their order, or the best first of more with {@link Request.Builder#bestOf} or {@link Request.Builder#beams}; fewer if a search
     * finds no more. The prompt is computed once where prefixes are kept, of a search always.
     *
     * @throws EngineBusyException if too many requests wait already
     * @throws EngineClosedException if the engine is closed meanwhile
     * @throws java.util.concurrent.CancellationException if the waiting thread is interrupted, which cancels the request
     */
    public List<Completion> completeAll(Request request) {
        return generator.completeAll(request);
    }

    /**
     * Starts a request; its events can be read as they come.
     *
     * @throws ContextLengthException if prompt and wanted tokens exceed the context
     * @throws IllegalArgumentException if the model cannot honour a setting, or the request asks for several choices
     * @throws EngineBusyException if too many requests wait already
     * @throws EngineClosedException if the engine is closed
     * @throws dev.hearth.chat.TemplateException if the chat template refuses the messages
     */
    public Generation generate(Request request) {
        return generator.generate(request);
    }

    /** How likely the model finds each token of a text, tokenised as by default, and the likeliest alternatives. Waits. */
    public List<TokenScore> score(String text, int alternatives) {
        return score(tokenizer().encode(text), alternatives);
    }

    /** How likely the model finds each of these tokens after those before it, and the likeliest alternatives. Waits. */
    public List<TokenScore> score(int[] ids, int alternatives) {
        generator.requireDecoder("scores text");
        if (ids.length == 0) {
            throw new IllegalArgumentException("score: expected at least one token, found none");
        }
        if (ids.length > contextLength()) {
            throw new ContextLengthException(
                    "the text has " + ids.length + " tokens, more than the context of " + contextLength());
        }
        TokenList tokens = generator.checked(ids);
        ScoreTask task = new ScoreTask(tokens, alternatives, scratch);
        texts.submit(tokens, task);
        return WholeTexts.joined(task.result());
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
        MaskTask task = new MaskTask(positions, alternatives, scratch);
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
        return model.where();
    }

    /** What is kept of prompts for requests that begin alike. */
    public Prefixes prefixes() {
        return new Prefixes(generator, loop, model.identity()::text);
    }

    /** A chat that begins with these messages, whose turns find what was computed of the turns before. */
    public Conversation conversation(Message... beginning) {
        return new Conversation(this, List.of(beginning));
    }

    /**
     * A chat that {@link Conversation#save} wrote, with what was computed of it as far as there is room that nothing else takes. Settings
     * are to be made anew; the same tenant or isolation finds what was computed.
     *
     * @throws IOException if the file cannot be read
     * @throws dev.hearth.format.ModelFormatException if it is broken, or of another model, precision or type of cache
     * @throws EngineClosedException if the engine is closed
     */
    public Conversation conversation(Path file) throws IOException {
        return new Conversation(this, conversationFile().load(file));
    }

    ConversationFile conversationFile() {
        String identity = model.identity().text();
        return new ConversationFile(
                generator, new PrefixFile(loop, identity), model.source().place(), identity);
    }

    /** A look at the running requests, the pages they hold and what was done so far. */
    public EngineStats stats() {
        return loop.stats();
    }

    /** How long requests and steps took so far. */
    public Latencies latencies() {
        return loop.latencies();
    }

    /** Has somebody hear how long each request takes from now on. */
    public void onTimes(RequestTimes listener) {
        loop.tell(listener);
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
