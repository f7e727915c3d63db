package dev.hearth.embedding;

import dev.hearth.embedding.EmbeddingConfig.Letters;
import dev.hearth.embedding.EmbeddingConfig.PromptUse;
import dev.hearth.embedding.EmbeddingConfig.Scaling;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code modules.json} of sentence-transformers and the folders that it names. */
public final class SentenceModules {
    private static final String MODULES = "modules.json";
    private static final int MOST_MODULES = 32;
    private static final int LARGEST = 1 << 20;
    private static final List<String> TRANSFORMER_CONFIGS = List.of(
            "sentence_bert_config.json",
            "sentence_roberta_config.json",
            "sentence_distilbert_config.json",
            "sentence_camembert_config.json",
            "sentence_xlm-roberta_config.json");

    /** The older spelling of poolings, in the order in which their results are strung together. */
    private static final Map<String, Pooling> MODES = modes();

    private final ModelFolder folder;
    private final List<DenseModule> denses = new ArrayList<>();
    private List<Pooling> poolings = List.of();
    private PromptUse promptUse = PromptUse.POOLED;
    private Scaling scaling = Scaling.NONE;
    private Optional<ModelFolder> transformer = Optional.empty();

    private SentenceModules(ModelFolder folder) {
        this.folder = folder;
    }

    private static Map<String, Pooling> modes() {
        Map<String, Pooling> modes = new LinkedHashMap<>();
        modes.put("pooling_mode_cls_token", Pooling.CLS);
        modes.put("pooling_mode_max_tokens", Pooling.MAX);
        modes.put("pooling_mode_mean_tokens", Pooling.MEAN);
        modes.put("pooling_mode_mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH);
        modes.put("pooling_mode_weightedmean_tokens", Pooling.WEIGHTED_MEAN);
        modes.put("pooling_mode_lasttoken", Pooling.LAST);
        return modes;
    }

    /**
     * What a folder says of embeddings, empty if it has no modules.json.
     *
     * @throws ModelFormatException if it is broken, or names a module that isn't known
     */
    public static Optional<EmbeddingConfig> read(ModelFolder folder) {
        return folder.json(MODULES).map(modules -> new SentenceModules(folder).read(modules));
    }

    private EmbeddingConfig read(Json modules) {
        List<Json> list = modules instanceof Json.Arr(List<Json> elements) ? elements : List.of();
        if (list.isEmpty() || list.size() > MOST_MODULES) {
            throw new ModelFormatException(
                    MODULES, "expected an array of 1 to " + MOST_MODULES + " modules, found " + modules.kind());
        }
        for (int i = 0; i < list.size(); i++) {
            module(Fields.of(MODULES + ": " + i, list.get(i)), i);
        }
        if (poolings.isEmpty()) {
            throw new ModelFormatException(MODULES, "expected a Pooling module, found none");
        }
        Optional<Fields> text = transformer.flatMap(SentenceModules::transformerConfig);
        Optional<Fields> whole = folder.json("config_sentence_transformers.json")
                .map(json -> Fields.of("config_sentence_transformers.json", json));
        return new EmbeddingConfig(
                poolings,
                promptUse,
                denses,
                scaling,
                text.map(SentenceModules::maxTokens).orElse(OptionalInt.empty()),
                text.isPresent() && text.get().flag("do_lower_case", false) ? Letters.LOWER : Letters.KEPT,
                whole.map(SentenceModules::prompts).orElse(Map.of()),
                whole.flatMap(SentenceModules::defaultPrompt));
    }

    private void module(Fields module, int index) {
        String type = required(module, "type");
        String kind = type.substring(type.lastIndexOf('.') + 1);
        ModelFolder part = folder.part(module.at("path"), module.string("path").orElse(""));
        if ((index == 0) != kind.equals("Transformer") || scaling == Scaling.UNIT) {
            throw new ModelFormatException(
                    module.at("type"),
                    "expected Transformer first and Normalize, if any, last, found " + type + " in place " + index);
        }
        switch (kind) {
            case "Transformer" -> transformer = Optional.of(part);
            case "Pooling" -> pooling(config(part, module));
            case "Dense" -> denses.add(dense(part, config(part, module)));
            case "Normalize" -> scaling = Scaling.UNIT;
            case "Dropout" -> {} // of training alone
            default ->
                throw new ModelFormatException(
                        module.at("type"), "expected Transformer, Pooling, Dense, Normalize or Dropout, found " + type);
        }
    }

    private static Fields config(ModelFolder part, Fields module) {
        String place = module.at("path") + ": config.json";
        return Fields.of(
                place,
                part.json("config.json")
                        .orElseThrow(() -> new ModelFormatException(place, "expected a file, found none")));
    }

    private void pooling(Fields config) {
        List<Pooling> found = new ArrayList<>();
        MODES.forEach((key, mode) -> {
            if (config.flag(key, false)) {
                found.add(mode);
            }
        });
        Optional<Json> named = config.get("pooling_mode"); // the newer spelling
        if (named.isPresent()) {
            found.clear();
            List<Json> names = named.get() instanceof Json.Arr(List<Json> several) ? several : List.of(named.get());
            names.forEach(name -> found.add(mode(config, name)));
        }
        if (found.isEmpty() || !poolings.isEmpty()) {
            throw new ModelFormatException(
                    config.at("pooling_mode"), "expected one Pooling module that pools, found none or two");
        }
        poolings = List.copyOf(found);
        promptUse = config.flag("include_prompt", true) ? PromptUse.POOLED : PromptUse.SEEN;
    }

    private static Pooling mode(Fields config, Json name) {
        String text = name instanceof Json.Str(String value) ? value : "";
        return switch (text) {
            case "cls" -> Pooling.CLS;
            case "max" -> Pooling.MAX;
            case "mean" -> Pooling.MEAN;
            case "mean_sqrt_len_tokens" -> Pooling.MEAN_SQRT_LENGTH;
            case "weightedmean" -> Pooling.WEIGHTED_MEAN;
            case "lasttoken" -> Pooling.LAST;
            default ->
                throw config.wrong(
                        "pooling_mode", "cls, max, mean, mean_sqrt_len_tokens, weightedmean or lasttoken", name);
        };
    }

    private DenseModule dense(ModelFolder part, Fields config) {
        if (poolings.isEmpty()) {
            throw new ModelFormatException(config.place(), "expected Dense after Pooling, found it before");
        }
        return new DenseModule(
                Optional.of(part),
                "linear",
                size(config, "in_features"),
                size(config, "out_features"),
                function(config, config.string("activation_function").orElse("torch.nn.modules.activation.Tanh")));
    }

    private static DenseModule.Function function(Fields config, String type) {
        return switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "Identity" -> DenseModule.Function.IDENTITY;
            case "Tanh" -> DenseModule.Function.TANH;
            case "ReLU" -> DenseModule.Function.RELU;
            case "GELU" -> DenseModule.Function.GELU;
            case "SiLU" -> DenseModule.Function.SILU;
            default ->
                throw new ModelFormatException(
                        config.at("activation_function"), "expected Identity, Tanh, ReLU, GELU or SiLU, found " + type);
        };
    }

    private static int size(Fields config, String name) {
        int size = config.requiredInteger(name);
        if (size < 1 || size > LARGEST) {
            throw new ModelFormatException(config.at(name), "expected 1 to 2^20, found " + size);
        }
        return size;
    }

    private static Optional<Fields> transformerConfig(ModelFolder part) {
        for (String name : TRANSFORMER_CONFIGS) {
            Optional<Json> json = part.json(name);
            if (json.isPresent()) {
                return Optional.of(Fields.of(name, json.get()));
            }
        }
        return Optional.empty();
    }

    private static OptionalInt maxTokens(Fields config) {
        OptionalInt length = config.integer("max_seq_length");
        if (length.isPresent() && length.getAsInt() < 1) {
            throw new ModelFormatException(
                    config.at("max_seq_length"), "expected at least 1, found " + length.getAsInt());
        }
        return length;
    }

    private static Map<String, String> prompts(Fields config) {
        Map<String, String> prompts = new LinkedHashMap<>();
        config.fields("prompts")
                .ifPresent(all -> all.object()
                        .members()
                        .keySet()
                        .forEach(name -> all.string(name).ifPresent(text -> prompts.put(name, text))));
        return prompts;
    }

    private static Optional<String> defaultPrompt(Fields config) {
        Optional<String> name = config.string("default_prompt_name");
        if (name.isPresent() && !prompts(config).containsKey(name.get())) {
            throw new ModelFormatException(
                    config.at("default_prompt_name"),
                    "expected one of " + prompts(config).keySet() + ", found " + name.get());
        }
        return name;
    }

    private static String required(Fields fields, String name) {
        return fields.string(name)
                .orElseThrow(() -> new ModelFormatException(fields.at(name), "expected a string, found nothing"));
    }
}
