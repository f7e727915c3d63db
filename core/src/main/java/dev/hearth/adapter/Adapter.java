package dev.hearth.adapter;

import dev.hearth.format.Fields;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.Safetensors;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An adapter in PEFT's layout: adapter_config.json and adapter_model.safetensors in a folder. Its tensors are sorted by the
 * tensor of the base model that they change.
 */
final class Adapter implements AutoCloseable {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final List<String> SECOND =
            List.of(".lora_B.weight", ".lora_embedding_B", ".lora_magnitude_vector", ".lora_magnitude_vector.weight");
    private static final List<String> WHOLE = List.of(".weight", ".bias");

    private final Safetensors file;
    private final AdapterConfig config;
    private final double scale;
    private final Map<String, List<Change>> changes = new LinkedHashMap<>();

    private Adapter(Path folder, Safetensors file, double scale) {
        this.file = file;
        this.scale = scale;
        this.config = new AdapterConfig(Fields.read(folder.resolve(CONFIG)));
        for (TensorEntry entry : file.entries()) {
            read(entry.name());
        }
        if (changes.isEmpty()) {
            throw new ModelFormatException(file.place(), "expected tensors of an adapter, found none");
        }
    }

    /**
     * Opens an adapter; to be closed once nothing is merged any more.
     *
     * @param scale what its changes are multiplied by, beside its own scaling
     * @throws ModelFormatException if it is missing, broken or of a kind that cannot be merged
     */
    static Adapter open(Path path, double scale, Loading loading) {
        Path folder = ModelFolder.open(path).path();
        for (String name : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new ModelFormatException(
                        String.valueOf(folder.getFileName()), "expected " + name + " of an adapter, found none");
            }
        }
        Safetensors file = Safetensors.open(folder.resolve(WEIGHTS), loading);
        try {
            return new Adapter(folder, file, scale);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** What it changes, in order, by the names that the base model's tensors had in training. */
    Map<String, List<Change>> changes() {
        return changes;
    }

    /** Whether the output matrix is to follow the embedding where the model has one for both. */
    boolean keepsTies() {
        return config.keepsTies();
    }

    /** Name of its file, for messages. */
    String place() {
        return file.place();
    }

    private void read(String name) {
        String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        if (plain.endsWith(".lora_A.weight")) {
            String module = without(plain, ".lora_A.weight");
            String own = without(name, ".lora_A.weight");
            put(module + ".weight", lowRank(module, own, ".lora_A.weight", ".lora_B.weight", config.storesColumns()));
        } else if (plain.endsWith(".lora_embedding_A")) {
            String module = without(plain, ".lora_embedding_A");
            String own = without(name, ".lora_embedding_A");
            put(module + ".weight", lowRank(module, own, ".lora_embedding_A", ".lora_embedding_B", true));
        } else if (plain.endsWith(".lora_B.bias")) {
            String module = without(plain, ".lora_B.bias");
            put(module + ".bias", WholeTensor.adding(file.tensor(name), scaling(module)));
        } else if (SECOND.stream().noneMatch(plain::endsWith)) {
            whole(name, plain.replace(".modules_to_save.", ".").replace(".base_layer.", "."));
        }
    }

    private void whole(String name, String plain) {
        if (WHOLE.stream().noneMatch(plain::endsWith) || plain.contains(".lora_") || plain.contains("token_adapter")) {
            throw new ModelFormatException(
                    file.place() + ": " + name, "expected a part of a low-rank adapter, or a whole weight or bias");
        }
        if (scale != 1 && !name.endsWith(".base_layer.weight")) { // which is the base model's own
            throw new ModelFormatException(
                    file.place() + ": " + name,
                    "a tensor that takes the place of another cannot be scaled; use the adapter with a scale of 1");
        }
        List<Change> all = changes.computeIfAbsent(plain, n -> new ArrayList<>());
        if (!all.isEmpty() && all.getFirst() instanceof WholeTensor whole && whole.replaces()) {
            throw new ModelFormatException(
                    file.place() + ": " + name, "expected one tensor for " + plain + ", found two");
        }
        all.addFirst(WholeTensor.replacing(file.tensor(name))); // what else is changed is changed in this one
    }

    private Change lowRank(String module, String own, String first, String second, boolean squareIsColumns) {
        TensorInfo a = matrix(own + first);
        TensorInfo b = matrix(own + second);
        long rank = config.rank(module);
        if (a.shape().size(0) != rank || b.shape().width() != rank) {
            throw new ModelFormatException(
                    a.place(), "expected a rank of " + rank + ", found " + a.shape() + " and " + b.shape());
        }
        Optional<TensorInfo> magnitude = magnitude(own);
        if (magnitude.isPresent()
                && !magnitude.get().shape().equals(Shape.of(b.shape().size(0)))) {
            throw new ModelFormatException(
                    magnitude.get().place(),
                    "expected [" + b.shape().size(0) + "], found "
                            + magnitude.get().shape());
        }
        return new LowRank(a, b, scaling(module), magnitude, squareIsColumns);
    }

    private Optional<TensorInfo> magnitude(String own) {
        for (String ending : List.of(".lora_magnitude_vector", ".lora_magnitude_vector.weight")) {
            if (file.entry(own + ending).isPresent()) {
                return Optional.of(file.tensor(own + ending));
            }
        }
        return Optional.empty();
    }

    private TensorInfo matrix(String name) {
        TensorInfo tensor = file.tensor(name);
        if (tensor.shape().rank() != 2 || tensor.shape().elements() == 0) {
            throw new ModelFormatException(tensor.place(), "expected a matrix, found " + tensor.shape());
        }
        return tensor;
    }

    private float scaling(String module) {
        return (float) (config.scaling(module) * scale);
    }

    private void put(String name, Change change) {
        changes.computeIfAbsent(name, n -> new ArrayList<>()).add(change);
    }

    private static String without(String name, String ending) {
        return name.substring(0, name.length() - ending.length());
    }

    @Override
    public void close() {
        file.close();
    }
}
