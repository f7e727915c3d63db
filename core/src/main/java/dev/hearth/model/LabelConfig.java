package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the labels of a model that labels texts are called, and what its logits become.
 *
 * @param names one a label, in order; empty where the file has none
 * @param scoring empty where the file doesn't say
 */
public record LabelConfig(List<String> names, Optional<Scoring> scoring) {
    /** No names. */
    public static final LabelConfig NONE = new LabelConfig(List.of(), Optional.empty());

    private static final int MOST_LABELS = 1 << 20;

    /** What makes scores of logits. */
    public enum Scoring {
        /** The logits themselves. */
        LOGIT,
        /** 1 / (1 + exp(-logit)), each on its own. */
        SIGMOID,
        /** exp(logit) / sum of exp(logits). */
        SOFTMAX
    }

    /** Copies the list. */
    public LabelConfig {
        names = List.copyOf(names);
    }

    /** Reads {@code id2label} and how sentence-transformers or transformers score. @throws ModelFormatException if labels aren't numbered from 0 */
    public static LabelConfig read(Fields config) {
        return new LabelConfig(config.fields("id2label").map(LabelConfig::names).orElse(List.of()), scoring(config));
    }

    private static List<String> names(Fields labels) {
        Map<Integer, String> names = new TreeMap<>();
        for (String id : labels.object().members().keySet()) {
            if (!id.matches("[0-9]{1,7}") || Integer.parseInt(id) >= MOST_LABELS) {
                throw new ModelFormatException(labels.place(), "expected numbers of labels, found " + id);
            }
            names.put(Integer.parseInt(id), labels.string(id).orElse("LABEL_" + id));
        }
        int next = 0;
        for (int id : names.keySet()) {
            if (id != next++) {
                throw new ModelFormatException(labels.place(), "expected a label " + (next - 1) + ", found " + id);
            }
        }
        return List.copyOf(names.values());
    }

    private static Optional<Scoring> scoring(Fields config) {
        Optional<String> function = config.fields("sentence_transformers")
                .flatMap(s -> s.string("activation_fn"))
                .or(() -> config.string("sbert_ce_default_activation_function"));
        if (function.isPresent()) {
            String name = function.get();
            return switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "Identity" -> Optional.of(Scoring.LOGIT);
                case "Sigmoid" -> Optional.of(Scoring.SIGMOID);
                case "Softmax" -> Optional.of(Scoring.SOFTMAX);
                default ->
                    throw new ModelFormatException(
                            config.at("activation_fn"), "expected Identity, Sigmoid or Softmax, found " + name);
            };
        }
        return switch (config.string("problem_type").orElse("")) {
            case "regression" -> Optional.of(Scoring.LOGIT);
            case "multi_label_classification" -> Optional.of(Scoring.SIGMOID);
            case "single_label_classification" -> Optional.of(Scoring.SOFTMAX);
            default -> Optional.empty();
        };
    }
}
