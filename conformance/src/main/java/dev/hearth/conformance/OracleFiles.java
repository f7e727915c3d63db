package dev.hearth.conformance;

import dev.hearth.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What another implementation computed with a model: oracle.json and oracle.safetensors in the model's folder.
 *
 * @param name of the folder
 * @param model the folder, or the GGUF file in it
 * @param tolerance 1e-4 and ten times what F32 itself lost against F64 there, as conditioning.json beside the folder has it;
 *     for an adapter also twice what merging it changed in the other implementation
 */
public record OracleFiles(String name, Path model, double tolerance, List<Case> cases) {
    private static final double BASE_TOLERANCE = 1e-4;

    /**
     * A prompt and what follows it.
     *
     * @param greedy the most likely tokens, one after the other, the end of text passed over
     * @param margin least distance of the two greatest logits on the way
     * @param ids prompt and greedy tokens
     * @param logits [position][vocabulary] after each of the ids
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Case(int[] prompt, int[] greedy, double margin, int[] ids, float[][] logits) {}

    /** Reads a folder. @throws IllegalArgumentException if something is missing in it */
    public static OracleFiles read(Path folder) {
        String name = String.valueOf(folder.getFileName());
        Json.Obj oracle = object(name, Json.read(folder.resolve("oracle.json")));
        TensorFile tensors = TensorFile.read(folder.resolve("oracle.safetensors"));
        List<Case> cases = new ArrayList<>();
        for (Json json : array(name, oracle.members().get("cases"))) {
            Map<String, Json> c = object(name, json).members();
            String index = "." + cases.size();
            Case read = new Case(
                    integers(name, c.get("prompt")),
                    integers(name, c.get("greedy")),
                    number(name, c.get("margin")),
                    tensors.ids("input_ids" + index),
                    tensors.rows("logits" + index));
            if (read.ids.length != read.prompt.length + read.greedy.length || read.logits.length != read.ids.length) {
                throw new IllegalArgumentException(name + ": case " + index + ": lengths don't agree");
            }
            cases.add(read);
        }
        return new OracleFiles(
                name, model(folder), tolerance(folder, name) + merging(name, oracle), List.copyOf(cases));
    }

    /** The folders in {@code root} that have an oracle of a causal language model. */
    public static List<Path> find(Path root) {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(OracleFiles::isTextModel).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTextModel(Path folder) {
        return Files.exists(folder.resolve("oracle.json"))
                && Json.read(folder.resolve("oracle.json")) instanceof Json.Obj oracle
                && oracle.members().get("cases") instanceof Json.Arr(List<Json> cases)
                && !cases.isEmpty()
                && cases.getFirst() instanceof Json.Obj first
                && first.members().containsKey("greedy")
                && TensorFile.read(folder.resolve("oracle.safetensors")).has("logits.0");
    }

    static Path model(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".gguf")).findFirst().orElse(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double tolerance(Path folder, String name) {
        Path file = folder.resolveSibling("conditioning.json");
        if (Files.exists(file) && object(name, Json.read(file)).members().get(name) instanceof Json.Obj entry) {
            return BASE_TOLERANCE + 10 * number(name, entry.members().get("max_diff_f64"));
        }
        return BASE_TOLERANCE;
    }

    /** Twice what the other implementation's own logits changed by when it merged an adapter instead of computing it beside. */
    private static double merging(String name, Json.Obj oracle) {
        Json differs = oracle.members().get("merged_differs_by");
        return differs == null ? 0 : 2 * number(name, differs);
    }

    private static Json.Obj object(String place, @org.jspecify.annotations.Nullable Json json) {
        if (json instanceof Json.Obj object) {
            return object;
        }
        throw new IllegalArgumentException(place + ": expected an object, found " + json);
    }

    private static List<Json> array(String place, @org.jspecify.annotations.Nullable Json json) {
        if (json instanceof Json.Arr(List<Json> elements)) {
            return elements;
        }
        throw new IllegalArgumentException(place + ": expected an array, found " + json);
    }

    private static int[] integers(String place, @org.jspecify.annotations.Nullable Json json) {
        return array(place, json).stream().mapToInt(e -> (int) number(place, e)).toArray();
    }

    private static double number(String place, @org.jspecify.annotations.Nullable Json json) {
        return switch (json) {
            case Json.Int(long value) -> value;
            case Json.Real(double value) -> value;
            case null, default -> throw new IllegalArgumentException(place + ": expected a number, found " + json);
        };
    }
}
