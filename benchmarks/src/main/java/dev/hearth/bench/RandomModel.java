package dev.hearth.bench;

import dev.hearth.format.GgufFileWriter.Existing;
import dev.hearth.format.GgufValues;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.DraftTensor;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter;
import dev.hearth.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A GGUF file with the shape of a published model and random weights: as fast or slow as the real one, in Hearth and in llama.cpp.
 * Weights have the variance 1/columns, so that activations stay of about unit size in every layer. The same arguments give the
 * same file.
 */
public final class RandomModel {
    /** The words of a model. */
    interface Vocabulary {
        /** Adds the keys of a vocabulary of so many tokens. */
        void write(GgufValues values, int size);
    }

    private final ModelShape shape;
    private final int layerCount;
    private final Vocabulary vocabulary;
    private final List<DraftTensor> tensors = new ArrayList<>();

    private RandomModel(ModelShape shape, int layerCount, Vocabulary vocabulary) {
        this.shape = shape;
        this.layerCount = layerCount;
        this.vocabulary = vocabulary;
    }

    /**
     * {@code SHAPE TYPE OUT.gguf [LAYERS] [tokenizer.json]}: writes a file, over an older one; TYPE is one of {@link FileType}. Without a
     * tokenizer.json there is a token for each byte and many that no text has.
     */
    public static void main(String[] arguments) {
        if (arguments.length < 3 || arguments.length > 5) {
            throw new IllegalArgumentException(
                    "expected SHAPE TYPE OUT.gguf [LAYERS] [tokenizer.json], found " + Arrays.toString(arguments));
        }
        ModelShape shape = ModelShape.titled(arguments[0]);
        int layers = arguments.length > 3 ? Integer.parseInt(arguments[3]) : shape.layerCount();
        Vocabulary vocabulary =
                arguments.length > 4 ? new FileVocabulary(Path.of(arguments[4])) : ByteVocabulary::write;
        write(new RandomModel(shape, layers, vocabulary), FileType.named(arguments[1]), Path.of(arguments[2]));
    }

    /** Writes a file with so many layers, over an older one. */
    static void write(ModelShape shape, int layerCount, FileType type, Path file) {
        write(new RandomModel(shape, layerCount, ByteVocabulary::write), type, file);
    }

    private static void write(RandomModel model, FileType type, Path file) {
        try (ModelDraft draft = model.draft()) {
            ModelWriter.to(file, type).existing(Existing.REPLACE).write(draft);
        }
    }

    /** The model before it is written. */
    static ModelDraft draft(ModelShape shape, int layerCount) {
        return new RandomModel(shape, layerCount, ByteVocabulary::write).draft();
    }

    private ModelDraft draft() {
        int hidden = shape.hiddenSize();
        matrix("token_embd", shape.vocabularySize(), hidden);
        ones("output_norm", hidden);
        if (shape.experts().count() > 0) { // as Qwen's models with experts; the others share one matrix
            matrix("output", shape.vocabularySize(), hidden);
        }
        for (int i = 0; i < layerCount; i++) {
            attention("blk." + i + ".");
            feedForward("blk." + i + ".");
        }
        var facts = new ModelDraft.Facts(
                shape.architecture(),
                layerCount,
                shape.heads().count() / shape.heads().keyCount(),
                shape.experts().count());
        return new ModelDraft("random " + shape.title(), facts, values(), tensors, List.of(), () -> {});
    }

    private void attention(String layer) {
        ModelShape.Heads heads = shape.heads();
        ones(layer + "attn_norm", shape.hiddenSize());
        matrix(layer + "attn_q", heads.count() * heads.size(), shape.hiddenSize());
        matrix(layer + "attn_k", heads.keyCount() * heads.size(), shape.hiddenSize());
        matrix(layer + "attn_v", heads.keyCount() * heads.size(), shape.hiddenSize());
        matrix(layer + "attn_output", shape.hiddenSize(), heads.count() * heads.size());
        if (!shape.architecture().equals("llama")) {
            ones(layer + "attn_q_norm", heads.size());
            ones(layer + "attn_k_norm", heads.size());
        }
    }

    private void feedForward(String layer) {
        int experts = shape.experts().count();
        ones(layer + "ffn_norm", shape.hiddenSize());
        if (experts == 0) {
            matrix(layer + "ffn_gate", shape.mlpSize(), shape.hiddenSize());
            matrix(layer + "ffn_up", shape.mlpSize(), shape.hiddenSize());
            matrix(layer + "ffn_down", shape.hiddenSize(), shape.mlpSize());
        } else {
            matrix(layer + "ffn_gate_inp", experts, shape.hiddenSize());
            matrix(layer + "ffn_gate_exps", experts, shape.mlpSize(), shape.hiddenSize());
            matrix(layer + "ffn_up_exps", experts, shape.mlpSize(), shape.hiddenSize());
            matrix(layer + "ffn_down_exps", experts, shape.hiddenSize(), shape.mlpSize());
        }
    }

    private void matrix(String name, long... sizes) {
        long seed = name.hashCode();
        float bound = (float) Math.sqrt(3.0 / sizes[sizes.length - 1]); // of even distribution with variance 1/columns
        tensors.add(DraftTensor.computed(name + ".weight", Shape.of(sizes), BlockType.F32.name(), () -> (row, out) -> {
            SplittableRandom random = new SplittableRandom(seed * 0x1_0000_0000L + row);
            for (int i = 0; i < out.length; i += 2) {
                long bits = random.nextLong(); // two numbers
                out[i] = (int) bits * bound * 0x1p-31f;
                if (i + 1 < out.length) {
                    out[i + 1] = (int) (bits >> 32) * bound * 0x1p-31f;
                }
            }
        }));
    }

    private void ones(String name, int size) {
        float[] values = new float[size];
        Arrays.fill(values, 1);
        tensors.add(DraftTensor.of(name + ".weight", values));
    }

    private GgufValues values() {
        String prefix = shape.architecture() + ".";
        GgufValues values = new GgufValues()
                .string("general.architecture", shape.architecture())
                .string("general.name", "random " + shape.title())
                .uint32(prefix + "block_count", layerCount)
                .uint32(prefix + "context_length", shape.rotation().contextLength())
                .uint32(prefix + "embedding_length", shape.hiddenSize())
                .uint32(prefix + "feed_forward_length", shape.mlpSize())
                .uint32(prefix + "attention.head_count", shape.heads().count())
                .uint32(prefix + "attention.head_count_kv", shape.heads().keyCount())
                .uint32(prefix + "attention.key_length", shape.heads().size())
                .uint32(prefix + "attention.value_length", shape.heads().size())
                .uint32(prefix + "rope.dimension_count", shape.heads().size())
                .float32(prefix + "rope.freq_base", shape.rotation().base())
                .float32(prefix + "attention.layer_norm_rms_epsilon", shape.epsilon());
        if (shape.experts().count() > 0) {
            values.uint32(prefix + "expert_count", shape.experts().count())
                    .uint32(prefix + "expert_used_count", shape.experts().usedCount())
                    .uint32(prefix + "expert_feed_forward_length", shape.mlpSize());
        }
        vocabulary.write(values, shape.vocabularySize());
        return values;
    }
}
