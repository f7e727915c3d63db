package dev.hearth;

import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.embedding.EmbeddingConfig.Letters;
import dev.hearth.embedding.EmbeddingConfig.PromptUse;
import dev.hearth.embedding.EmbeddingConfig.Scaling;
import dev.hearth.embedding.Pooling;
import dev.hearth.model.EmbeddingHead;
import dev.hearth.tokenizer.Encoding;
import dev.hearth.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Embeds texts. Any thread. */
final class Embedder {
    private final LoadedModel model;
    private final WholeTexts texts;

    Embedder(LoadedModel model, WholeTexts texts) {
        this.model = model;
        this.texts = texts;
    }

    Embeddings embed(EmbedRequest request) {
        EmbeddingHead head = model.embedding();
        EmbeddingConfig config = head.config();
        List<Pooling> poolings = poolings(request, config);
        int dimensions = request.dimensions().orElse(head.width());
        if (dimensions > head.width()) {
            throw new IllegalArgumentException("embed request: dimensions: expected at most " + head.width()
                    + ", as many as the model gives, found " + dimensions);
        }
        Scaling scaling = request.scaling().orElse(config.scaling());
        String prompt = prompt(request, config);
        int limit = Math.min(model.config().contextLength(), config.maxTokens().orElse(Integer.MAX_VALUE));
        List<WholeTexts.Text> wholes = new ArrayList<>();
        int tokens = 0;
        for (EmbedRequest.Input input : request.inputs()) {
            wholes.add(text(input, prompt, request, config, limit));
            tokens += wholes.getLast().encoding().size();
        }
        List<float[]> vectors = texts.pool(wholes, new WholeTexts.Reading(poolings, head.stages()));
        return new Embeddings(
                vectors.stream().map(v -> scaled(v, dimensions, scaling)).toList(), tokens);
    }

    private List<Pooling> poolings(EmbedRequest request, EmbeddingConfig config) {
        if (request.pooling().isPresent()) {
            if (config.poolings().size() > 1) {
                throw new IllegalArgumentException(
                        "embed request: expected no other pooling, as the model strings together " + config.poolings()
                                + ", found " + request.pooling().get());
            }
            return List.of(request.pooling().get());
        }
        if (config.poolings().isEmpty()) {
            throw new IllegalArgumentException(model.source().place()
                    + " doesn't say how it embeds texts: it has no modules.json and no pooling type; name a pooling in"
                    + " the request, or use a model made for embeddings");
        }
        return config.poolings();
    }

    private static String prompt(EmbedRequest request, EmbeddingConfig config) {
        if (request.prompt().isEmpty()) {
            return config.defaultPrompt().map(config.prompts()::get).orElse("");
        }
        return switch (request.prompt().get()) {
            case EmbedRequest.Literal literal -> literal.text();
            case EmbedRequest.Named named -> {
                String text = config.prompts().get(named.name());
                if (text == null) {
                    throw new IllegalArgumentException("embed request: expected a prompt of the model's, one of "
                            + config.prompts().keySet() + ", found " + named.name());
                }
                yield text;
            }
        };
    }

    private WholeTexts.Text text(
            EmbedRequest.Input input, String prompt, EmbedRequest request, EmbeddingConfig config, int limit) {
        return switch (input) {
            case EmbedRequest.Tokens tokens -> {
                if (request.prompt().isPresent()) {
                    throw new IllegalArgumentException(
                            "embed request: expected texts to put a prompt before, found tokens");
                }
                Encoding all = tokens.encoding();
                yield new WholeTexts.Text(request.truncates() ? all.cutTo(limit) : WholeTexts.bounded(all, limit), 0);
            }
            case EmbedRequest.Text text -> {
                Tokenizer tokenizer = model.requiredTokenizer();
                String whole = letters(prompt + text.text(), config);
                Encoding encoding = request.truncates()
                        ? tokenizer.encodeTyped(whole, limit)
                        : WholeTexts.bounded(tokenizer.encodeTyped(whole), limit);
                int skipped = config.promptUse() == PromptUse.SEEN && !prompt.isEmpty()
                        ? promptTokens(tokenizer, letters(prompt, config))
                        : 0;
                yield new WholeTexts.Text(encoding, skipped);
            }
        };
    }

    private static String letters(String text, EmbeddingConfig config) {
        return config.letters() == Letters.LOWER ? text.toLowerCase(Locale.ROOT) : text;
    }

    /** Tokens of a prompt alone, without that which ends a text. */
    private static int promptTokens(Tokenizer tokenizer, String prompt) {
        int[] ids = tokenizer.encode(prompt);
        return ids.length > 0 && tokenizer.isSpecial(ids[ids.length - 1]) ? ids.length - 1 : ids.length;
    }

    private static float[] scaled(float[] vector, int dimensions, Scaling scaling) {
        float[] kept = Arrays.copyOf(vector, dimensions);
        if (scaling == Scaling.UNIT) {
            double squares = 0;
            for (float x : kept) {
                squares += (double) x * x;
            }
            double norm = Math.max(Math.sqrt(squares), 1e-12); // a vector of zeros stays one
            for (int i = 0; i < kept.length; i++) {
                kept[i] = (float) (kept[i] / norm);
            }
        }
        return kept;
    }
}
