package dev.hearth.bench;

import dev.hearth.quantize.DraftTensor;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.RowReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model of {@link RandomModel} as a Hugging Face folder in BF16, for libraries that read no GGUF: of llama's family, with a vocabulary of letters. */
public final class RandomFolder {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("token_embd", "embed_tokens"),
            Map.entry("output_norm", "norm"),
            Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("ffn_norm", "post_attention_layernorm"),
            Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"),
            Map.entry("ffn_down", "mlp.down_proj"));
    private static final String LETTERS = IntStream.range('a', 'z' + 1)
            .mapToObj(c -> "\"%c\":%d".formatted(c, c - 'a'))
            .collect(Collectors.joining(","));

    private RandomFolder() {}

    /** {@code SHAPE FOLDER [LAYERS]} */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2 || arguments.length > 3) {
            throw new IllegalArgumentException("expected SHAPE FOLDER [LAYERS], found " + Arrays.toString(arguments));
        }
        ModelShape shape = ModelShape.titled(arguments[0]);
        write(
                shape,
                arguments.length == 3 ? Integer.parseInt(arguments[2]) : shape.layerCount(),
                Path.of(arguments[1]));
    }

    /** Writes README.md, config.json, tokenizer.json and, last of all, model.safetensors. */
    static void write(ModelShape shape, int layerCount, Path folder) throws IOException {
        if (!shape.architecture().equals("llama")) {
            throw new IllegalArgumentException(
                    shape.title() + ": expected a shape of llama, found " + shape.architecture());
        }
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("README.md"), "Random weights in the shape of " + shape.title() + ".\n");
        Files.writeString(folder.resolve("config.json"), configuration(shape, layerCount));
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version":"1.0","added_tokens":[],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},\
                "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{%s},"merges":[]}}
                """.formatted(LETTERS));
        try (ModelDraft draft = RandomModel.draft(shape, layerCount);
                var out =
                        new BufferedOutputStream(Files.newOutputStream(folder.resolve("model.safetensors")), 1 << 20)) {
            writeTensors(draft.tensors(), out);
        }
    }

    private static void writeTensors(List<DraftTensor> tensors, OutputStream out) throws IOException {
        StringBuilder header = new StringBuilder("{");
        long offset = 0;
        for (DraftTensor tensor : tensors) {
            long end = offset + tensor.shape().elements() * Short.BYTES;
            header.append("%s\"%s\":{\"dtype\":\"BF16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(offset == 0 ? "" : ",", name(tensor), tensor.shape(), offset, end));
            offset = end;
        }
        header.append(" ".repeat(8 - (header.length() + 1) % 8)).append("}");
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        out.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .array());
        out.write(text);
        for (DraftTensor tensor : tensors) {
            writeRows(tensor, out);
        }
    }

    private static void writeRows(DraftTensor tensor, OutputStream out) throws IOException {
        RowReader rows = tensor.rows().orElseThrow().get();
        float[] row = new float[Math.toIntExact(tensor.shape().width())];
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < tensor.shape().rows(); i++) {
            rows.read(i, row);
            bytes.clear();
            for (float value : row) {
                bytes.putShort((short)
                        (Float.floatToRawIntBits(value) >>> 16)); // cut, not rounded: the values are random anyway
            }
            out.write(bytes.array());
        }
    }

    /** Hugging Face's name of a tensor. */
    private static String name(DraftTensor tensor) {
        String[] parts = tensor.name().split("\\.");
        return parts[0].equals("blk")
                ? "model.layers." + parts[1] + "." + NAMES.get(parts[2]) + ".weight"
                : "model." + NAMES.get(parts[0]) + ".weight";
    }

    private static String configuration(ModelShape shape, int layerCount) {
        return """
                {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_act":"silu","torch_dtype":"bfloat16",
                "vocab_size":%d,"hidden_size":%d,"intermediate_size":%d,"num_hidden_layers":%d,
                "num_attention_heads":%d,"num_key_value_heads":%d,"head_dim":%d,
                "max_position_embeddings":%d,"rope_theta":%s,"rms_norm_eps":%s,
                "tie_word_embeddings":true,"bos_token_id":0,"eos_token_id":1}
                """.formatted(
                        shape.vocabularySize(),
                        shape.hiddenSize(),
                        shape.mlpSize(),
                        layerCount,
                        shape.heads().count(),
                        shape.heads().keyCount(),
                        shape.heads().size(),
                        shape.rotation().contextLength(),
                        shape.rotation().base(),
                        shape.epsilon());
    }
}
