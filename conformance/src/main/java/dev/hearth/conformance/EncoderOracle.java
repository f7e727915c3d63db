package dev.hearth.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What another implementation computed of whole texts: oracle.safetensors in the model's folder, a right padded batch.
 *
 * @param name of the folder
 * @param model the folder, or the GGUF file in it
 * @param tolerance 1e-4 and ten times what F32 itself lost against F64 there, as conditioning.json beside the folder has it
 */
public record EncoderOracle(String name, Path model, double tolerance, List<Text> texts) {
    /**
     * A text and what came of it.
     *
     * @param ids its tokens, without padding
     * @param types the type of each
     * @param hidden [tokens][hidden] after the last norm
     * @param logits [tokens][vocabulary], or of labels [1][labels]
     * @param embedding pooled, as the folder's modules.json says
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Text(
            int[] ids,
            int[] types,
            Optional<float[][]> hidden,
            Optional<float[][]> logits,
            Optional<float[]> embedding) {}

    /** Reads a folder. */
    public static EncoderOracle read(Path folder) {
        TensorFile file = TensorFile.read(folder.resolve("oracle.safetensors"));
        String name = String.valueOf(folder.getFileName());
        int[] shape = file.shape("input_ids");
        int[] ids = file.ids("input_ids");
        int[] mask = file.ids("attention_mask");
        int[] types = file.has("token_type_ids") ? file.ids("token_type_ids") : new int[ids.length];
        List<Text> texts = new ArrayList<>();
        for (int t = 0; t < shape[0]; t++) {
            int from = t * shape[1];
            int count = Arrays.stream(mask, from, from + shape[1]).sum();
            boolean tokens = file.has("logits") && file.shape("logits").length == 3;
            texts.add(new Text(
                    Arrays.copyOfRange(ids, from, from + count),
                    Arrays.copyOfRange(types, from, from + count),
                    rows(file, "last_hidden_state", from, count),
                    tokens ? rows(file, "logits", from, count) : rows(file, "logits", t, 1),
                    rows(file, "embedding", t, 1).map(rows -> rows[0])));
        }
        return new EncoderOracle(
                name, OracleFiles.model(folder), OracleFiles.tolerance(folder, name), List.copyOf(texts));
    }

    private static Optional<float[][]> rows(TensorFile file, String tensor, int from, int count) {
        return file.has(tensor)
                ? Optional.of(Arrays.copyOfRange(file.rows(tensor), from, from + count))
                : Optional.empty();
    }

    /** An F32 tensor of a safetensors file as rows of its innermost axis. */
    public static float[][] rows(Path file, String tensor) {
        return TensorFile.read(file).rows(tensor);
    }

    /** The folders in {@code root} that have an oracle of whole texts. */
    public static List<Path> find(Path root) {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(EncoderOracle::isThere).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isThere(Path folder) {
        Path file = folder.resolve("oracle.safetensors");
        if (!Files.exists(file)) {
            return false;
        }
        TensorFile tensors = TensorFile.read(file);
        return tensors.has("attention_mask")
                && tensors.has("input_ids")
                && (tensors.has("last_hidden_state") || tensors.has("logits"))
                && !tensors.has("pixel_values");
    }
}
