package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsFolder;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.format.TensorMemory;
import dev.hearth.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A folder's tensors with packed weights as what they stand for: where a module has codes, scales and more, there is one tensor
 * of its weight's shape. What isn't packed stays as it lies.
 */
final class PackedTensors implements TensorCatalog {
    private static final String WEIGHT = ".weight";

    private final SafetensorsFolder files;
    private final Map<String, PackedWeight> packed = new LinkedHashMap<>();
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

    /**
     * Finds the packed weights among {@code files}; closing this closes those.
     *
     * @throws ModelFormatException if parts of one are missing or don't fit together
     */
    PackedTensors(SafetensorsFolder files, Packing packing) {
        this.files = files;
        Set<String> parts = new HashSet<>();
        Optional<TernaryLayout> ternary = packing.ternary().map(scheme -> new TernaryLayout(files, scheme));
        for (TensorEntry entry : files.entries()) {
            List<PackedWeight> weights = ternary.map(layout -> layout.read(entry))
                    .orElseGet(() -> read(entry, packing).stream().toList());
            for (PackedWeight weight : weights) {
                packed.put(weight.entry().name(), weight);
                parts.addAll(weight.parts());
            }
        }
        for (TensorEntry entry : files.entries()) {
            if (!parts.contains(entry.name())) {
                entries.put(entry.name(), entry);
            }
        }
        packed.forEach((name, weight) -> {
            if (entries.put(name, weight.entry()) != null) {
                throw new ModelFormatException(
                        files.place() + ": " + name, "expected this weight once, found it packed and as it is");
            }
        });
    }

    /** The weight of which this tensor holds the codes; empty if it is none that is packed. */
    private Optional<PackedWeight> read(TensorEntry entry, Packing packing) {
        String name = entry.name();
        String type = entry.typeName();
        if (name.endsWith(".qweight")) {
            Parts parts = without(name, ".qweight");
            return Optional.of(packing.isAwq() ? AwqLayout.read(parts, packing) : GptqLayout.read(parts, packing));
        }
        if (name.endsWith(".weight_packed")) {
            Parts parts = without(name, ".weight_packed");
            return Optional.of(
                    type.equals("I32")
                            ? CompressedLayout.words(parts, packing)
                            : Fp4Layout.rows(parts, packing, ".weight_packed"));
        }
        if (name.endsWith("_blocks") && type.equals("U8")) {
            return Optional.of(Fp4Layout.blocks(without(name, "_blocks")));
        }
        if (type.startsWith("F8_E4M3") || type.startsWith("F8_E5M2")) {
            boolean scale = name.endsWith("_scale") || name.endsWith("_scale_inv");
            return scale ? Optional.empty() : Optional.of(Float8Layout.read(without(name, ""), packing, type));
        }
        return name.endsWith(WEIGHT) ? weight(without(name, WEIGHT), type, packing) : Optional.empty();
    }

    private static Optional<PackedWeight> weight(Parts parts, String type, Packing packing) {
        if (BitsAndBytesLayout.hasState(parts)) {
            return Optional.of(BitsAndBytesLayout.halfBytes(parts));
        }
        boolean scaled = parts.has(".weight_scale");
        return switch (type) {
            case "I8" ->
                Optional.of(
                        parts.has(".SCB")
                                ? BitsAndBytesLayout.bytes(parts)
                                : scaled
                                        ? CompressedLayout.bytes(parts, packing)
                                        : Fp4Layout.rows(parts, packing, WEIGHT));
            case "U8", "F4" -> scaled ? Optional.of(Fp4Layout.rows(parts, packing, WEIGHT)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Parts without(String name, String ending) {
        return new Parts(files, name.substring(0, name.length() - ending.length()));
    }

    @Override
    public String place() {
        return files.place();
    }

    @Override
    public List<TensorEntry> entries() {
        return List.copyOf(new ArrayList<>(entries.values()));
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    @Override
    public TensorInfo tensor(String name) {
        PackedWeight weight = packed.get(name);
        if (weight != null) {
            throw new ModelFormatException(
                    weight.file() + ": " + name,
                    "expected a tensor of the file, found a packed one; read it into memory");
        }
        return files.tensor(name);
    }

    @Override
    public TensorInfo tensor(String name, Arena memory) {
        PackedWeight weight = packed.get(name);
        if (weight == null) {
            return files.tensor(name);
        }
        TensorEntry entry = weight.entry();
        DType type = entry.type().orElseThrow();
        MemorySegment data = TensorMemory.allocate(
                memory, weight::bytes, weight.file() + ": " + entry.name(), "as " + type + " " + entry.shape());
        weight.writer().accept(data);
        return new TensorInfo(name, type, entry.shape(), data.asReadOnly(), weight.file());
    }

    @Override
    public long madeBytes() {
        return packed.values().stream().mapToLong(PackedWeight::bytes).sum();
    }

    @Override
    public void close() {
        files.close();
    }
}
