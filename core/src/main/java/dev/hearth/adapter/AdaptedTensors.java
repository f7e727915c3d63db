package dev.hearth.adapter;

import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsNames;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.format.TensorMemory;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's tensors, under the names of its files, with adapters merged into them in F32 as they are read. Tensors that no
 * adapter changes stay as they lie.
 *
 * <p>Where a model has one matrix for embedding and output, an adapter of the embedding leaves the output as it is, and the other
 * way round, as in training; unless it was told to keep the two together.
 */
public final class AdaptedTensors implements TensorCatalog {
    private static final String WEIGHT = ".weight";
    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";

    /** A tensor with changes, and the one of the base model that they begin with. */
    private record Adapted(TensorEntry entry, String base, List<Change> changes) {}

    private final TensorCatalog base;
    private final SafetensorsNames names;
    private final List<Adapter> adapters = new ArrayList<>();
    private final Map<String, Adapted> adapted = new LinkedHashMap<>();

    private AdaptedTensors(TensorCatalog base, SafetensorsNames names) {
        this.base = base;
        this.names = names;
    }

    /**
     * Merges adapters in their order; closing the result closes {@code base}, and so does a failure.
     *
     * @param names how the model's family names tensors
     * @throws ModelFormatException if an adapter is broken, of a kind that cannot be merged, or doesn't fit the model
     */
    public static TensorCatalog merge(
            TensorCatalog base, SafetensorsNames names, List<AdapterFolder> folders, Loading loading) {
        AdaptedTensors tensors = new AdaptedTensors(base, names);
        try {
            for (AdapterFolder folder : folders) {
                Adapter adapter = Adapter.open(folder.path(), folder.scale(), loading);
                tensors.adapters.add(adapter);
                tensors.add(adapter);
            }
            return tensors;
        } catch (RuntimeException | Error e) {
            tensors.close();
            throw e;
        }
    }

    private void add(Adapter adapter) {
        adapter.changes().forEach((name, changes) -> {
            String target = baseName(name).orElseGet(() -> tiedOutput(name).orElseThrow(() -> unknown(adapter, name)));
            if (target.endsWith(WEIGHT)
                    && base.entry(target.replace(WEIGHT, ".ternary_scale")).isPresent()) {
                throw new ModelFormatException(
                        adapter.place() + ": " + name, "adapters of ternary weights cannot be merged into them");
            }
            Adapted before = adapted.computeIfAbsent(target, this::unchanged);
            changes.forEach(change -> change.check(before.entry.shape()));
            before.changes.addAll(changes);
        });
        Optional<String> embedding = baseName(EMBEDDING);
        if (!adapter.keepsTies()
                && embedding.filter(adapted::containsKey).isPresent()
                && baseName(OUTPUT).isEmpty()) {
            adapted.computeIfAbsent(outputName(), this::unchanged);
        }
    }

    private Adapted unchanged(String target) {
        String source =
                base.entry(target).isPresent() ? target : baseName(EMBEDDING).orElseThrow();
        TensorEntry e = base.entry(source).orElseThrow();
        var entry = new TensorEntry(target, e.typeName(), Optional.of(DType.F32), e.shape(), e.bytes());
        return new Adapted(entry, source, new ArrayList<>());
    }

    /** The base model's name for what another writer calls {@code name}, or GGUF does. */
    private Optional<String> baseName(String name) {
        return base.entry(name).isPresent() ? Optional.of(name) : names.counterpart(base, name);
    }

    /** The name for an output matrix of its own, if {@code name} is one and the model has only the embedding. */
    private Optional<String> tiedOutput(String name) {
        boolean output = names.translate(name).filter(OUTPUT::equals).isPresent();
        return output && baseName(EMBEDDING).isPresent() ? Optional.of(outputName()) : Optional.empty();
    }

    private static String outputName() {
        return "lm_head.weight";
    }

    private ModelFormatException unknown(Adapter adapter, String name) {
        return new ModelFormatException(
                adapter.place() + ": " + name,
                "expected a tensor of " + base.place()
                        + ", found none of this name; use the model that the adapter was made for");
    }

    @Override
    public String place() {
        return base.place();
    }

    @Override
    public List<TensorEntry> entries() {
        List<TensorEntry> entries = new ArrayList<>();
        for (TensorEntry entry : base.entries()) {
            Adapted changed = adapted.get(entry.name());
            entries.add(changed == null ? entry : changed.entry);
        }
        adapted.values().stream()
                .filter(a -> base.entry(a.entry.name()).isEmpty())
                .forEach(a -> entries.add(a.entry));
        return List.copyOf(entries);
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        Adapted changed = adapted.get(name);
        return changed == null ? base.entry(name) : Optional.of(changed.entry);
    }

    @Override
    public TensorInfo tensor(String name) {
        if (adapted.containsKey(name)) {
            throw new ModelFormatException(
                    place() + ": " + name,
                    "expected a tensor of the file, found one with an adapter; read it into memory");
        }
        return base.tensor(name);
    }

    @Override
    public TensorInfo tensor(String name, Arena memory) {
        Adapted changed = adapted.get(name);
        if (changed == null) {
            return base.tensor(name, memory);
        }
        if (changed.changes.isEmpty()) { // an output matrix that has become independent
            return base.tensor(changed.base, memory);
        }
        try (Arena passing = Arena.ofShared()) {
            TensorInfo before = base.tensor(changed.base, passing);
            MemorySegment values =
                    TensorMemory.allocate(memory, () -> bytes(before.shape()), before.place(), "with an adapter");
            FloatRows.forEach(before, (index, row) -> FloatRows.write(row, values, index));
            changed.changes.forEach(change -> change.apply(before, values));
            return new TensorInfo(name, DType.F32, before.shape(), values.asReadOnly(), before.file());
        }
    }

    private static long bytes(Shape shape) {
        return Math.multiplyExact(shape.elements(), 4L);
    }

    @Override
    public long madeBytes() {
        return base.madeBytes()
                + adapted.values().stream()
                        .mapToLong(a -> bytes(a.entry.shape()))
                        .sum();
    }

    @Override
    public void close() {
        adapters.forEach(Adapter::close);
        base.close();
    }
}
