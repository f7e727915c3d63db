package dev.hearth.format;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hugging Face's tensor names as GGUF's, which the architectures use: {@code model.layers.7.self_attn.q_proj.weight} is
 * {@code blk.7.attn_q.weight}. The pairs are those of llama.cpp (gguf-py, tensor_mapping.py). Immutable.
 *
 * <p>Only names change. Where llama.cpp's converter changes values too, a caller has to know which file it reads: Llama's and
 * Mistral's q and k rows are reordered for interleaved RoPE in GGUF, and Gemma's norm weights have 1 added there.
 */
public final class SafetensorsNames {
    /*
     * Hugging Face's name without its prefix and without .weight or .bias, then GGUF's. {n} is the layer, {e} an expert: a
     * row with {e} makes the tensors of all experts the parts of one. Rows of a family win over these.
     */
    private static final String GENERAL = """
            embed_tokens                                  token_embd
            norm                                          output_norm
            lm_head                                       output
            score                                         cls.output
            layers.{n}.input_layernorm                    blk.{n}.attn_norm
            layers.{n}.self_attn.q_proj                   blk.{n}.attn_q
            layers.{n}.self_attn.k_proj                   blk.{n}.attn_k
            layers.{n}.self_attn.v_proj                   blk.{n}.attn_v
            layers.{n}.self_attn.o_proj                   blk.{n}.attn_output
            layers.{n}.self_attn.q_norm                   blk.{n}.attn_q_norm
            layers.{n}.self_attn.k_norm                   blk.{n}.attn_k_norm
            layers.{n}.post_attention_layernorm           blk.{n}.ffn_norm
            layers.{n}.mlp.gate_proj                      blk.{n}.ffn_gate
            layers.{n}.mlp.up_proj                        blk.{n}.ffn_up
            layers.{n}.mlp.down_proj                      blk.{n}.ffn_down
            """;

    /** Longest first. The text part of a multimodal model lies under one of the longer ones, a bare encoder under none. */
    private static final List<String> PREFIXES = List.of(
            "model.language_model.model.",
            "language_model.model.",
            "distilbert.transformer.",
            "model.language_model.",
            "model.text_model.",
            "model.backbone.",
            "language_model.",
            "xlm-roberta.",
            "transformer.",
            "distilbert.",
            "gpt_neox.",
            "backbone.",
            "deberta.",
            "roberta.",
            "electra.",
            "bert.",
            "model.",
            "rwkv.",
            "");

    private static final Map<String, String> SUFFIXES =
            Map.of(".weight", ".weight", ".bias", ".bias", ".ternary_scale", ".scale");
    private static final Pattern NUMBER = Pattern.compile("(?<=\\.)(?:0|[1-9][0-9]{0,5})(?=\\.)");

    /** What a name becomes, and of which expert it is if the file keeps experts apart. */
    record Target(String name, OptionalInt expert) {}

    private final Map<String, String> rows = new HashMap<>();

    private SafetensorsNames(String family) {
        addRows(GENERAL);
        addRows(family);
    }

    /**
     * The common names and those of a family, a row each, Hugging Face's first. A row names a tensor without prefix and without
     * .weight or .bias, which both sides then have; {n} stands for the layer, {e} for an expert. A tensor that has neither
     * ending stands in a row that begins with =, in full but for the prefix, its target too.
     */
    public static SafetensorsNames with(String family) {
        return new SafetensorsNames(family);
    }

    /** GGUF's name for Hugging Face's; for a single expert that of the tensor it is a part of. Empty if there is none. */
    public Optional<String> translate(String name) {
        return target(name).map(Target::name);
    }

    /** The tensors of {@code files} that have no name in GGUF, such as a vision tower's, in the order of the file. */
    public List<String> untranslated(TensorCatalog files) {
        List<String> names = new ArrayList<>();
        for (TensorEntry entry : files.entries()) {
            if (target(entry.name()).isEmpty()) {
                names.add(entry.name());
            }
        }
        return List.copyOf(names);
    }

    /**
     * The same tensors under GGUF's names; {@link TensorInfo#name()} remains the file's, for messages. Experts that the file
     * keeps apart are listed as the one tensor {@code [experts, …]} that GGUF has, and {@link TensorCatalog#parts} gives
     * them. Closing it closes {@code files}.
     *
     * @throws ModelFormatException if two tensors get the same name, or of the experts of a layer one is missing or differs
     *     in shape or type
     */
    public TensorCatalog rename(TensorCatalog files) {
        return new RenamedTensors(files, this);
    }

    /**
     * The tensor of {@code files} that means the same as {@code name}, which is another writer's name for it with another prefix,
     * or GGUF's; empty if there is none.
     */
    public Optional<String> counterpart(TensorCatalog files, String name) {
        Target wanted = target(name).orElse(new Target(name, OptionalInt.empty()));
        return files.entries().stream()
                .map(TensorEntry::name)
                .filter(n -> target(n).filter(wanted::equals).isPresent())
                .findFirst();
    }

    Optional<Target> target(String name) {
        int dot = name.lastIndexOf('.');
        String suffix = dot < 0 ? null : SUFFIXES.get(name.substring(dot));
        Optional<Target> target = suffix == null
                ? Optional.empty()
                : stemTarget(name.substring(0, dot)).map(t -> new Target(t.name + suffix, t.expert));
        return target.isPresent() ? target : stemTarget("=" + name);
    }

    private Optional<Target> stemTarget(String stem) {
        if (stem.indexOf('{') >= 0) {
            return Optional.empty(); // or it could pass for a row's {n}
        }
        boolean whole = stem.startsWith("=");
        String name = whole ? stem.substring(1) : stem;
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                Optional<Target> target = rowTarget(whole ? "=." : ".", name.substring(prefix.length()) + ".");
                if (target.isPresent()) {
                    return target;
                }
            }
        }
        return Optional.empty();
    }

    /** {@code start} ends with a dot, as does the name, so that every number in it stands between two. */
    private Optional<Target> rowTarget(String start, String name) {
        Matcher numbers = NUMBER.matcher(start + name);
        List<String> found = new ArrayList<>();
        StringBuilder pattern = new StringBuilder();
        while (numbers.find()) {
            found.add(numbers.group());
            if (found.size() > 2) {
                return Optional.empty();
            }
            numbers.appendReplacement(pattern, found.size() == 1 ? "{n}" : "{e}");
        }
        numbers.appendTail(pattern);
        String target = rows.get(pattern.substring(0, pattern.length() - 1).replaceFirst("\\.", ""));
        if (target == null) {
            return Optional.empty();
        }
        OptionalInt expert = found.size() == 2 ? OptionalInt.of(Integer.parseInt(found.get(1))) : OptionalInt.empty();
        return Optional.of(new Target(found.isEmpty() ? target : target.replace("{n}", found.get(0)), expert));
    }

    private void addRows(String table) {
        table.lines().map(line -> line.strip().split(" +")).forEach(row -> rows.put(row[0], row[1]));
    }
}
