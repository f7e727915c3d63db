package dev.hearth.format.packed;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a model says of how its weights are packed. Shapes say most of it; this is the rest. Which modules are packed, the files
 * show by themselves.
 */
final class Packing {
    private static final Set<String> METHODS = Set.of(
            "gptq",
            "awq",
            "auto-round",
            "intel/auto-round",
            "fp8",
            "fbgemm_fp8",
            "mxfp4",
            "nvfp4",
            "bitnet",
            "bitsandbytes",
            "compressed-tensors",
            "modelopt",
            "modelopt_fp4",
            "quark");
    private static final int MOST = 1 << 20;

    private final Optional<Fields> fields;
    private final String method;

    private Packing(Optional<Fields> fields, String otherwise) {
        this.fields = fields;
        this.method = fields.flatMap(f -> f.string("quant_method"))
                .map(name -> name.toLowerCase(Locale.ROOT))
                .orElse(otherwise);
    }

    /**
     * Of a model in a folder.
     *
     * @throws ModelFormatException if it is packed in a way that isn't known
     */
    static Packing of(ModelFolder folder) {
        Packing packing = folder.quantisation()
                .map(f -> new Packing(Optional.of(f), f.has("w_bit") ? "awq" : "gptq"))
                .orElseGet(Packing::none);
        if (!packing.method.isEmpty() && !METHODS.contains(packing.method)) {
            Fields f = packing.fields.orElseThrow();
            throw new ModelFormatException(
                    f.at("quant_method"),
                    "expected one of " + String.join(", ", new TreeSet<>(METHODS)) + ", found " + packing.method
                            + "; use a model that is packed in one of these ways, or not at all");
        }
        return packing;
    }

    /** Nothing is said. */
    static Packing none() {
        return new Packing(Optional.empty(), "");
    }

    /** As in these fields. */
    static Packing of(Fields fields) {
        return new Packing(Optional.of(fields), "gptq");
    }

    /** How weights are ternary; empty if they are not. @throws ModelFormatException if this way isn't supported */
    Optional<TernaryScheme> ternary() {
        return fields.filter(f -> method.equals("bitnet")).map(TernaryScheme::of);
    }

    /** Whether {@code qweight} tensors are AWQ's; else they are GPTQ's. */
    boolean isAwq() {
        return method.equals("awq") || text("packing_format").endsWith("awq");
    }

    /** Whether AWQ's codes stand in rows of outputs, the layout for products with one token. */
    boolean isAwqByOutputs() {
        String version = text("version");
        if (version.isEmpty() || version.equals("gemm") || version.equals("exllama")) {
            return false;
        }
        if (version.equals("gemv")) {
            return true;
        }
        Fields f = fields.orElseThrow();
        throw new ModelFormatException(f.at("version"), "expected gemm or gemv, found " + version);
    }

    /** What is to be added to a stored zero point of GPTQ: 1 but for version 2 of the format. */
    int zeroPointOffset() {
        String format = text("checkpoint_format") + text("packing_format");
        if (format.contains("marlin") || format.contains("bitblas")) {
            Fields f = fields.orElseThrow();
            throw new ModelFormatException(f.at("checkpoint_format"), "expected gptq or gptq_v2, found " + format);
        }
        return format.endsWith("_v2") ? 0 : 1;
    }

    /** Most columns in a group, if said. */
    OptionalInt groupSize() {
        return first(List.of("group_size", "q_group_size"));
    }

    /** Rows of a block of the matrix that shares a scale, if said. */
    OptionalInt blockRows() {
        return block(0);
    }

    /** Columns of a block of the matrix that shares a scale, if said; a group's is one. */
    OptionalInt blockColumns() {
        OptionalInt columns = block(1);
        return columns.isPresent() ? columns : groupSize();
    }

    /** The numbers of bits that weights have according to the schemes of compressed-tensors. */
    List<Integer> schemeBits() {
        List<Integer> bits = new ArrayList<>();
        schemes().forEach(s -> s.integer("num_bits").ifPresent(bits::add));
        return List.copyOf(bits);
    }

    private OptionalInt block(int axis) {
        List<Fields> all = new ArrayList<>();
        fields.ifPresent(all::add);
        all.addAll(schemes());
        for (Fields f : all) {
            for (String name : List.of("weight_block_size", "block_structure")) {
                if (f.get(name).orElse(Json.Null.NULL) instanceof Json.Arr) {
                    int[] sizes = f.integers(name);
                    if (sizes.length == 2) {
                        return positive(sizes[axis]);
                    }
                }
            }
        }
        return OptionalInt.empty();
    }

    private OptionalInt first(List<String> names) {
        List<Fields> all = new ArrayList<>();
        fields.ifPresent(all::add);
        all.addAll(schemes());
        for (Fields f : all) {
            for (String name : names) {
                OptionalInt value = f.integer(name);
                if (value.isPresent()) {
                    return positive(value.getAsInt());
                }
            }
        }
        return OptionalInt.empty();
    }

    /** What the groups of compressed-tensors say of weights. */
    private List<Fields> schemes() {
        Optional<Fields> groups = fields.flatMap(f -> f.fields("config_groups"));
        if (groups.isEmpty()) {
            return List.of();
        }
        List<Fields> schemes = new ArrayList<>();
        for (String name : groups.get().object().members().keySet()) {
            groups.get().fields(name).flatMap(g -> g.fields("weights")).ifPresent(schemes::add);
        }
        return schemes;
    }

    private static OptionalInt positive(int value) {
        return value > 0 && value <= MOST ? OptionalInt.of(value) : OptionalInt.empty(); // -1: the whole row
    }

    private String text(String name) {
        return fields.flatMap(f -> f.get(name))
                .map(v -> v instanceof Json.Str(String s) ? s.toLowerCase(Locale.ROOT) : "")
                .orElse("");
    }
}
