package dev.hearth;

import dev.hearth.embedding.Pooling;
import dev.hearth.layer.Stage;
import dev.hearth.model.ModelConfig;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import dev.hearth.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Runs texts through an engine's loop whole and waits for what comes of each. Any thread. */
final class WholeTexts {
    private final LoadedModel model;
    private final EngineLoop loop;

    WholeTexts(LoadedModel model, EngineLoop loop) {
        this.model = model;
        this.loop = loop;
    }

    /** How the tokens of a text become one row. */
    record Reading(List<Pooling> poolings, List<Stage> stages) {}

    /** A text, whose first {@code skipped} tokens are not pooled. */
    record Text(Encoding encoding, int skipped) {}

    /** The row of each text. */
    List<float[]> pool(List<Text> texts, Reading reading) {
        List<TokenList> tokens = texts.stream().map(t -> tokens(t.encoding)).toList();
        List<Sequence> sequences = new ArrayList<>();
        List<CompletableFuture<float[]>> results = new ArrayList<>();
        try {
            for (int i = 0; i < texts.size(); i++) {
                int count = tokens.get(i).size();
                PoolTask task = new PoolTask(
                        reading.poolings,
                        count,
                        texts.get(i).skipped,
                        row -> model.runner().apply(reading.stages, row));
                sequences.add(submit(tokens.get(i), task));
                results.add(task.result());
            }
            return results.stream().map(WholeTexts::joined).toList();
        } catch (RuntimeException e) {
            sequences.forEach(Sequence::cancel);
            throw e;
        }
    }

    /** Waits for a result. */
    static <T> T joined(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Submits a sequence that generates nothing. */
    Sequence submit(TokenList tokens, Sequence.Listener listener) {
        @Nullable Sequence sequence = loop.submitPart(tokens, listener);
        if (sequence == null) {
            throw new EngineClosedException("the engine is closed");
        }
        return sequence;
    }

    /** The tokens, checked against the vocabulary. */
    TokenList tokens(Encoding encoding) {
        int[] ids = encoding.ids();
        ModelConfig config = model.config();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= config.vocabSize()) {
                throw new IllegalArgumentException("request: token " + i + ": expected an id of 0 to "
                        + (config.vocabSize() - 1) + ", found " + ids[i]);
            }
        }
        if (ids.length == 0) {
            throw new IllegalArgumentException("request: expected at least one token of each text, found none");
        }
        return TokenList.typed(ids, encoding.typeIds());
    }

    /** A text of at most {@code limit} tokens. @throws ContextLengthException if it has more */
    static Encoding bounded(Encoding encoding, int limit) {
        if (encoding.size() > limit) {
            throw new ContextLengthException("a text has " + encoding.size() + " tokens, more than the " + limit
                    + " that the model takes; shorten it, or ask for it to be truncated");
        }
        return encoding;
    }
}
