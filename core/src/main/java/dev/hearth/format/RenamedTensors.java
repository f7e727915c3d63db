package dev.hearth.format;

import dev.hearth.tensor.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A catalogue under other names, experts gathered. */
final class RenamedTensors implements TensorCatalog {
    /** A tensor here and the names of what it is made of there. */
    private record Renamed(TensorEntry entry, List<String> sources, boolean inParts) {}

    private final TensorCatalog files;
    private final Map<String, Renamed> byName = new LinkedHashMap<>();

    RenamedTensors(TensorCatalog files, SafetensorsNames names) {
        this.files = files;
        Map<String, SortedMap<Integer, TensorEntry>> experts = new LinkedHashMap<>();
        for (TensorEntry source : files.entries()) {
            names.target(source.name()).ifPresent(target -> {
                if (target.expert().isPresent()) {
                    TensorEntry other = experts.computeIfAbsent(target.name(), n -> new TreeMap<>())
                            .putIfAbsent(target.expert().getAsInt(), source);
                    refuseSecond(source, target.name(), other);
                } else {
                    TensorEntry entry = named(target.name(), source, source.shape(), source.bytes());
                    add(entry, source, List.of(source.name()), false);
                }
            });
        }
        experts.forEach(this::gather);
    }

    @Override
    public String place() {
        return files.place();
    }

    @Override
    public List<TensorEntry> entries() {
        return byName.values().stream().map(Renamed::entry).toList();
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        return Optional.ofNullable(byName.get(name)).map(Renamed::entry);
    }

    @Override
    public TensorInfo tensor(String name) {
        return files.tensor(sole(name));
    }

    @Override
    public TensorInfo tensor(String name, Arena memory) {
        return files.tensor(sole(name), memory);
    }

    @Override
    public List<TensorInfo> parts(String name, Arena memory) {
        return renamed(name).sources.stream()
                .map(source -> files.tensor(source, memory))
                .toList();
    }

    @Override
    public long madeBytes() {
        return files.madeBytes();
    }

    @Override
    public void close() {
        files.close();
    }

    private String sole(String name) {
        Renamed renamed = renamed(name);
        if (renamed.inParts) {
            throw new ModelFormatException(
                    place() + ": " + name,
                    "expected one tensor, found " + renamed.sources.size() + " parts from " + renamed.sources.get(0)
                            + " on; read it by parts");
        }
        return renamed.sources.get(0);
    }

    private Renamed renamed(String name) {
        Renamed renamed = byName.get(name);
        if (renamed == null) {
            throw TensorTable.missing(place(), name, byName.size());
        }
        return renamed;
    }

    private void gather(String name, SortedMap<Integer, TensorEntry> experts) {
        int count = experts.size();
        TensorEntry first = experts.firstEntry().getValue();
        long bytes = 0;
        for (int e = 0; e < count; e++) {
            TensorEntry expert = experts.get(e);
            String place = place() + ": " + name;
            if (expert == null) {
                throw new ModelFormatException(
                        place, "expected experts 0 to " + experts.lastKey() + ", found no expert " + e);
            }
            if (!expert.shape().equals(first.shape()) || !expert.typeName().equals(first.typeName())) {
                throw new ModelFormatException(
                        place,
                        "expected " + first.typeName() + " " + first.shape() + " as the first expert, found "
                                + expert.typeName() + " " + expert.shape() + " as expert " + e);
            }
            bytes += expert.bytes(); // of distinct stretches of files, so it can't overflow
        }
        long[] sizes = new long[first.shape().rank() + 1];
        sizes[0] = count;
        System.arraycopy(first.shape().sizes(), 0, sizes, 1, sizes.length - 1);
        Shape shape = TensorTable.shape(place() + ": " + name, sizes);
        List<String> sources = new ArrayList<>();
        experts.values().forEach(e -> sources.add(e.name()));
        add(named(name, first, shape, bytes), first, List.copyOf(sources), true);
    }

    private void add(TensorEntry entry, TensorEntry source, List<String> sources, boolean inParts) {
        Renamed other = byName.putIfAbsent(entry.name(), new Renamed(entry, sources, inParts));
        if (other != null) {
            throw twice(source.name(), entry.name(), other.sources.get(0));
        }
    }

    private static TensorEntry named(String name, TensorEntry source, Shape shape, long bytes) {
        return new TensorEntry(name, source.typeName(), source.type(), shape, bytes);
    }

    private void refuseSecond(TensorEntry source, String name, @Nullable TensorEntry other) {
        if (other != null) {
            throw twice(source.name(), name, other.name());
        }
    }

    private ModelFormatException twice(String source, String name, String other) {
        return new ModelFormatException(
                place() + ": " + TensorTable.shown(source),
                "expected one tensor for " + name + ", found " + TensorTable.shown(other) + " too");
    }
}
