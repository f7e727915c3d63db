package dev.hearth.quantize;

import static dev.hearth.quantize.BlockType.Q3_K;
import static dev.hearth.quantize.BlockType.Q4_K;
import static dev.hearth.quantize.BlockType.Q5_K;
import static dev.hearth.quantize.BlockType.Q6_K;
import static dev.hearth.quantize.BlockType.Q8_0;

import dev.hearth.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which type each tensor gets, as llama.cpp chooses it without an importance matrix (llama-quant.cpp,
 * {@code llama_tensor_get_type}): what suffers most from rounding gets more bits. Norms, biases and whatever else isn't a matrix
 * of a product are written as F32; rows that don't fill blocks of 256 get a type with blocks of 32, rows that don't fill these
 * F16.
 */
public final class TypePlan {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,6})\\..*");

    /** Parts of names that are not to be quantised, since they are small and sensitive. */
    private static final List<String> KEPT = List.of(
            "_norm.weight",
            "ffn_gate_inp.weight",
            "ffn_gate_tid2eid.weight",
            "altup",
            "laurel",
            "per_layer_model_proj",
            "ssm_conv1d",
            "shortconv.conv.weight",
            "position_embd",
            "token_types",
            "time_mix_",
            "attn_rel_b.weight",
            "indexer.k_proj.weight",
            "indexer.q_proj.weight");

    private final FileType file;
    private final ModelDraft.Facts facts;
    private final Map<String, BlockType> types = new HashMap<>();
    private final boolean tied;
    private final int valueCount;
    private int valueIndex;
    private int downIndex;

    /**
     * Chooses for all tensors of a model; of the overrides that find a matrix the first counts.
     *
     * @throws IllegalArgumentException if an override finds no matrix, or one whose rows don't fill blocks of its type
     */
    public TypePlan(FileType file, ModelDraft draft, List<TypeOverride> overrides) {
        this.file = file;
        this.facts = draft.facts();
        List<DraftTensor> tensors = new ArrayList<>(draft.tensors());
        tensors.sort(Comparator.comparingInt((DraftTensor t) -> layer(t.name())).thenComparing(DraftTensor::name));
        this.tied = tensors.stream().noneMatch(t -> t.name().equals("output.weight"));
        this.valueCount =
                (int) tensors.stream().filter(t -> likeValues(t.name())).count();
        for (DraftTensor tensor : tensors) {
            types.put(tensor.name(), isMatrix(tensor) ? choose(tensor) : BlockType.F32);
        }
        overrides.reversed().forEach(override -> apply(override, tensors));
    }

    private void apply(TypeOverride override, List<DraftTensor> tensors) {
        List<DraftTensor> found = tensors.stream()
                .filter(t -> isMatrix(t) && override.name().matcher(t.name()).find())
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("expected a matrix whose name has " + override.name() + ", found none");
        }
        for (DraftTensor tensor : found) {
            override.type().rowBytes(tensor.shape().width());
            types.put(tensor.name(), override.type());
        }
    }

    /** The type of a tensor of the model. */
    public BlockType of(DraftTensor tensor) {
        return types.getOrDefault(tensor.name(), BlockType.F32);
    }

    /** Whether a tensor is a matrix that may be quantised. */
    static boolean isMatrix(DraftTensor tensor) {
        return isMatrix(tensor.name(), tensor.shape());
    }

    /** The same by GGUF's name for it. */
    static boolean isMatrix(String name, Shape shape) {
        return shape.rows() > 1 && name.endsWith("weight") && KEPT.stream().noneMatch(name::contains);
    }

    private BlockType choose(DraftTensor tensor) {
        BlockType base = file.base();
        if (!base.isQuantised()) {
            return base;
        }
        return fallback(tensor.shape(), mixed(tensor, base));
    }

    private static BlockType fallback(Shape shape, BlockType wanted) {
        if (wanted.fits(shape.width())) {
            return wanted;
        }
        BlockType smaller = switch (wanted) {
            case Q2_K, Q3_K -> BlockType.Q4_0;
            case Q4_K -> BlockType.Q5_0;
            case Q5_K -> BlockType.Q5_1;
            case Q6_K -> Q8_0;
            default -> wanted;
        };
        return smaller.fits(shape.width()) ? smaller : BlockType.F16;
    }

    private BlockType mixed(DraftTensor tensor, BlockType base) {
        String name = tensor.name();
        boolean embedding = name.equals("token_embd.weight") || name.equals("per_layer_token_embd.weight");
        if (name.equals("output.weight") || tied && embedding) {
            boolean plain = file == FileType.MXFP4_MOE
                    || isFalcon()
                    || !base.fits(tensor.shape().width());
            return plain || base == Q8_0 ? Q8_0 : Q6_K;
        }
        if (file == FileType.MXFP4_MOE) {
            return tensor.shape().rank() > 2 ? base : Q8_0;
        }
        if (embedding) {
            return base;
        }
        if (likeValues(name)) {
            return values(base);
        }
        if (name.contains("attn_k.weight")) {
            return facts.expertCount() == 8 ? Q8_0 : base;
        }
        if (name.contains("ffn_down")) {
            return down(name, base);
        }
        return name.contains("attn_output.weight") ? attentionOutput(base) : base;
    }

    private BlockType values(BlockType base) {
        int i = valueIndex++;
        if (facts.expertCount() == 8) { // the few value heads of such a model cost little
            return Q8_0;
        }
        boolean shared = facts.headsPerKeyHead() >= 4;
        BlockType chosen = switch (file) {
            case Q2_K -> shared ? Q4_K : Q3_K;
            case Q3_K_M -> i < 2 ? Q5_K : Q4_K;
            case Q3_K_L -> Q5_K;
            case IQ4_NL -> shared ? Q5_K : base;
            case Q4_K_M, Q5_K_M -> moreBits(i, valueCount) ? Q6_K : base;
            case Q4_K_S -> i < 4 ? Q5_K : base;
            default -> base;
        };
        return isOf70Billion() && (chosen == Q3_K || chosen == Q4_K) ? Q5_K : chosen;
    }

    private BlockType down(String name, BlockType base) {
        int counted = downIndex++;
        int i = facts.expertCount() > 1 ? layer(name) : counted;
        int count = facts.layerCount();
        return switch (file) {
            case Q2_K -> Q3_K;
            case Q3_K_M -> {
                if (i < count / 16) {
                    yield Q5_K;
                }
                yield !isFalcon() || moreBits(i, count) ? Q4_K : base;
            }
            case Q3_K_L -> isFalcon() ? Q4_K : Q5_K;
            case Q4_K_M -> {
                if (isFalcon()) {
                    yield i < count / 16 ? Q6_K : moreBits(i, count) ? Q5_K : base;
                }
                yield moreBits(i, count) ? Q6_K : base;
            }
            case Q5_K_M -> moreBits(i, count) ? Q6_K : base;
            case Q4_K_S -> !isFalcon() && i < count / 8 ? Q5_K : base;
            case IQ4_NL -> i < count / 8 ? Q5_K : base;
            default -> base;
        };
    }

    private BlockType attentionOutput(BlockType base) {
        if (isFalcon()) {
            return file == FileType.Q3_K_L ? Q4_K : base;
        }
        if (facts.expertCount() == 8) {
            boolean raised = file.isAny(
                    FileType.Q2_K, FileType.Q3_K_S, FileType.Q3_K_M, FileType.IQ4_NL, FileType.Q4_K_S, FileType.Q4_K_M);
            return raised ? Q5_K : base;
        }
        return switch (file) {
            case Q2_K -> Q3_K;
            case Q3_K_M -> Q4_K;
            case Q3_K_L -> Q5_K;
            default -> base;
        };
    }

    private static boolean likeValues(String name) {
        return name.contains("attn_v.weight") || name.contains("attn_qkv.weight") || name.contains("attn_kv_b.weight");
    }

    /** The first and the last eighth of the layers, and every third one between. */
    private static boolean moreBits(int i, int count) {
        return i < count / 8 || i >= 7 * count / 8 || (i - count / 8) % 3 == 2;
    }

    private boolean isFalcon() {
        return facts.architecture().equals("falcon");
    }

    /** Of the llama and qwen2 families these alone have 80 layers and shared key heads. */
    private boolean isOf70Billion() {
        return facts.layerCount() == 80
                && facts.headsPerKeyHead() > 1
                && (facts.architecture().equals("llama") || facts.architecture().equals("qwen2"));
    }

    private static int layer(String name) {
        Matcher matcher = LAYER.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
