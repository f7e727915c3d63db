package dev.hearth.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model in the layout of Hugging Face: config.json, a tokenizer and safetensors in one folder. Files are read when asked
 * for, so that a folder with a tokenizer alone can be used for as much as it holds. Safe for all threads.
 *
 * @param path the folder
 */
public record ModelFolder(Path path) {
    private static final int MOST_CONFIG_BYTES = 16 << 20;
    private static final int MOST_SHOWN = 12;
    private static final String CONFIG = "config.json";
    private static final List<String> TOKENIZERS = List.of(
            "tokenizer.json",
            "tekken.json",
            "tiktoken.model",
            "tokenizer.model",
            "sentencepiece.bpe.model",
            "spiece.model",
            "vocab.json",
            "vocab.txt");

    /**
     * A folder, or a model's folder in a Hugging Face cache ({@code models--org--name}), which stands for its {@code main}.
     *
     * @throws ModelFormatException if it isn't there or not a folder
     */
    public static ModelFolder open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new ModelFormatException(
                    ModelBytes.name(path),
                    "expected a folder at " + path.toAbsolutePath() + ", found "
                            + (Files.exists(path) ? "a file" : "nothing"));
        }
        return new ModelFolder(HuggingFaceCache.resolve(path));
    }

    /** config.json. @throws ModelFormatException if it is missing or broken */
    public Fields config() {
        return fields(CONFIG)
                .orElseThrow(
                        () -> new ModelFormatException(place(), "expected " + CONFIG + ", found " + listed(names())));
    }

    /** generation_config.json, empty if there is none. @throws ModelFormatException if it is broken */
    public Optional<Fields> generationConfig() {
        return fields("generation_config.json");
    }

    /** tokenizer_config.json, empty if there is none. @throws ModelFormatException if it is broken */
    public Optional<Fields> tokenizerConfig() {
        return fields("tokenizer_config.json");
    }

    /**
     * How the weights are packed, empty if nothing says so: {@code quantization_config} or {@code compression_config} in
     * config.json or its part for text, else quantize_config.json or quant_config.json.
     *
     * @throws ModelFormatException if a file that has it is broken
     */
    public Optional<Fields> quantisation() {
        Optional<Fields> config = fields(CONFIG);
        Optional<Fields> text = config.flatMap(c -> c.fields("text_config"));
        for (Optional<Fields> part : List.of(config, text)) {
            for (String name : List.of("quantization_config", "compression_config")) {
                Optional<Fields> found = part.flatMap(p -> p.fields(name));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        Optional<Fields> gptq = fields("quantize_config.json");
        return gptq.isPresent() ? gptq : fields("quant_config.json");
    }

    /** The tokenizer's file, that which says most if there are several; empty if there is none. */
    public Optional<Path> tokenizer() {
        for (String name : TOKENIZERS) {
            Path file = path.resolve(name);
            boolean complete = !name.equals("vocab.json") || Files.isRegularFile(path.resolve("merges.txt"));
            if (Files.isRegularFile(file) && complete) {
                return Optional.of(file);
            }
        }
        return Files.isDirectory(path)
                ? names().stream()
                        .filter(n -> n.endsWith(".tiktoken"))
                        .findFirst()
                        .map(path::resolve)
                : Optional.empty();
    }

    /** The chat template, empty if there is none or none that is the default. @throws ModelFormatException if broken */
    public Optional<String> chatTemplate() {
        return Optional.ofNullable(chatTemplates().get("default"));
    }

    /**
     * The chat templates by name, a sole one as {@code "default"}: chat_template.jinja, else chat_template.json, else
     * {@code chat_template} in tokenizer_config.json. Those in additional_chat_templates are not read.
     *
     * @throws ModelFormatException if the file that has them is broken
     */
    public Map<String, String> chatTemplates() {
        Path jinja = path.resolve("chat_template.jinja");
        if (Files.exists(jinja)) {
            return Map.of("default", text(jinja));
        }
        for (String file : List.of("chat_template.json", "tokenizer_config.json")) {
            Optional<Fields> fields = fields(file);
            if (fields.isPresent() && fields.get().has("chat_template")) {
                return templates(fields.get());
            }
        }
        return Map.of();
    }

    /**
     * The weights under the names that the files give them; to be closed by the caller.
     *
     * @throws ModelFormatException if there are none or they are broken
     */
    public SafetensorsFolder weights(Loading loading) {
        requireWeights();
        return SafetensorsFolder.open(path, loading);
    }

    /** As {@link #weights(Loading)}, in memory that lives as long as {@code arena}. */
    public SafetensorsFolder weights(Loading loading, Arena arena) {
        requireWeights();
        return SafetensorsFolder.open(path, loading, arena);
    }

    /** Name of the folder, for messages. */
    public String place() {
        return ModelBytes.name(path);
    }

    /** A JSON file of this folder, empty if there is none. @throws ModelFormatException if it is broken */
    public Optional<Json> json(String name) {
        Path file = path.resolve(name);
        return Files.exists(file)
                ? Optional.of(Json.parse(name, ModelBytes.small(file, MOST_CONFIG_BYTES)))
                : Optional.empty();
    }

    /**
     * A folder within this one, which it may be itself.
     *
     * @param place where {@code relative} stands, for errors
     * @throws ModelFormatException if it lies elsewhere
     */
    public ModelFolder part(String place, String relative) {
        try {
            Path within = path.resolve(relative).normalize();
            if (!Path.of(relative).isAbsolute() && within.startsWith(path.normalize())) {
                return new ModelFolder(within);
            }
        } catch (InvalidPathException e) {
            throw new ModelFormatException(place, "expected a folder within the model's, found " + relative, e);
        }
        throw new ModelFormatException(place, "expected a folder within the model's, found " + relative);
    }

    private Optional<Fields> fields(String name) {
        return json(name).map(json -> Fields.of(name, json));
    }

    private static String text(Path file) {
        try {
            byte[] utf8 = ModelBytes.small(file, MOST_CONFIG_BYTES);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(ModelBytes.name(file), "expected UTF-8, found something else", e);
        }
    }

    /** A string, or an array of {@code {"name": …, "template": …}}. */
    private static Map<String, String> templates(Fields fields) {
        Json value = fields.get("chat_template").orElse(Json.Null.NULL);
        return switch (value) {
            case Json.Str sole -> Map.of("default", sole.value());
            case Json.Arr several -> {
                Map<String, String> templates = new LinkedHashMap<>();
                for (Json one : several.elements()) {
                    Fields template = Fields.of(fields.at("chat_template"), one);
                    templates.put(required(template, "name"), required(template, "template"));
                }
                yield templates;
            }
            default -> throw fields.wrong("chat_template", "a string or an array of named templates", value);
        };
    }

    private static String required(Fields fields, String name) {
        return fields.string(name)
                .orElseThrow(() -> new ModelFormatException(fields.at(name), "expected a string, found nothing"));
    }

    private void requireWeights() {
        if (!Files.exists(path.resolve(SafetensorsFolder.SINGLE))
                && !Files.exists(path.resolve(SafetensorsFolder.INDEX))) {
            throw new ModelFormatException(
                    place(),
                    "expected " + SafetensorsFolder.SINGLE + " or " + SafetensorsFolder.INDEX + ", found " + found());
        }
    }

    /** What is in the folder instead of weights, with a word on files that come close. */
    private String found() {
        List<String> names = names();
        for (String name : names) {
            Optional<String> hint = hint(name);
            if (hint.isPresent()) {
                return name + ": " + hint.get();
            }
        }
        return listed(names);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(path)) {
            entries.forEach(e -> names.add(ModelBytes.name(e)));
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelFormatException(place(), "cannot be listed: " + e, e);
        }
        names.sort(null);
        return names;
    }

    private static String listed(List<String> names) {
        if (names.isEmpty()) {
            return "an empty folder";
        }
        String shown = String.join(", ", names.subList(0, Math.min(MOST_SHOWN, names.size())));
        return names.size() > MOST_SHOWN ? shown + " and " + (names.size() - MOST_SHOWN) + " more" : shown;
    }

    private static Optional<String> hint(String name) {
        if (name.startsWith("adapter_model.")) {
            return Optional.of("an adapter is not a model; open the model that it was made for");
        }
        if (name.endsWith(".gguf")) {
            return Optional.of("a GGUF file is a model by itself; open it instead of the folder");
        }
        if (name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth") || name.endsWith(".ckpt")) {
            return Optional.of("pickled weights are not loaded; convert them to safetensors");
        }
        if (name.matches("model-[0-9]+-of-[0-9]+\\.safetensors")) {
            return Optional.of("a shard cannot be used without its index; download the rest");
        }
        return Optional.empty();
    }
}
