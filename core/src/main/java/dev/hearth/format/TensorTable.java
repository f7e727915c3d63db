package dev.hearth.format;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What every catalogue does: tensors by name, each once, with the errors for those that are missing or not loadable. */
final class TensorTable {
    /** Far above any published model (some 140,000 for 384 experts in 61 layers), far below what would strain the heap. */
    static final int MOST_TENSORS = 1 << 20;

    private static final long MOST_ELEMENTS = Long.MAX_VALUE / 64;

    /** A tensor whose bytes have been checked to lie within {@code bytes}. */
    record Stored(TensorEntry entry, MemorySegment bytes, long offset, String file) {}

    private final String place;
    private final String loadable;
    private final Map<String, Stored> byName = new LinkedHashMap<>();

    /** {@code loadable} lists the types that the file's format and this library share, for messages. */
    TensorTable(String place, String loadable, List<Stored> tensors) {
        this.place = place;
        this.loadable = loadable;
        for (Stored stored : tensors) {
            Stored other = byName.putIfAbsent(stored.entry.name(), stored);
            if (other != null) {
                throw new ModelFormatException(
                        stored.file + ": " + shown(stored.entry.name()),
                        "expected one tensor of this name, found another"
                                + (other.file.equals(stored.file) ? "" : " in " + other.file));
            }
        }
    }

    List<Stored> stored() {
        return List.copyOf(byName.values());
    }

    List<TensorEntry> entries() {
        List<TensorEntry> entries = new ArrayList<>(byName.size());
        byName.values().forEach(s -> entries.add(s.entry));
        return List.copyOf(entries);
    }

    Optional<TensorEntry> entry(String name) {
        return Optional.ofNullable(byName.get(name)).map(Stored::entry);
    }

    TensorInfo tensor(String name) {
        Stored stored = byName.get(name);
        if (stored == null) {
            throw missing(place, name, byName.size());
        }
        TensorEntry entry = stored.entry;
        DType type = entry.type()
                .orElseThrow(() -> new ModelFormatException(
                        stored.file + ": " + shown(name),
                        "expected one of the types " + loadable + ", found " + entry.typeName()
                                + "; use a file in one of these"));
        MemorySegment data = stored.bytes.asSlice(stored.offset, entry.bytes());
        return new TensorInfo(name, type, entry.shape(), data.asReadOnly(), stored.file);
    }

    /** A tensor as it is stored, loadable or not; empty if there is none of this name. */
    Optional<StoredTensor> raw(String name) {
        return Optional.ofNullable(byName.get(name))
                .map(s -> new StoredTensor(
                        name,
                        s.entry.typeName(),
                        s.entry.shape(),
                        s.bytes.asSlice(s.offset, s.entry.bytes()).asReadOnly(),
                        s.file));
    }

    static ModelFormatException missing(String place, String name, int count) {
        return new ModelFormatException(
                place + ": " + shown(name), "expected a tensor of this name, found none among " + count);
    }

    /**
     * A shape out of a file. What has no elements may not have absurd dimensions either, so that any product of its sizes, in
     * bits too, can be computed.
     */
    static Shape shape(String at, long... sizes) {
        long product = 1;
        for (long size : sizes) {
            if (size < 0 || Math.max(1, size) > MOST_ELEMENTS / product) {
                throw new ModelFormatException(
                        at,
                        "expected dimensions of at least 0 whose product is at most " + MOST_ELEMENTS + ", found "
                                + Arrays.toString(sizes));
            }
            product *= Math.max(1, size);
        }
        return Shape.of(sizes);
    }

    /** A name out of a file as a message may show it: of bounded size and without control characters. */
    static String shown(String name) {
        if (name.length() <= 120 && name.chars().noneMatch(Character::isISOControl)) {
            return name;
        }
        String cut = name.length() > 120 ? name.substring(0, 120) + "…" : name;
        return cut.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
