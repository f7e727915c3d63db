package dev.hearth.format;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The weights in a folder of the Hugging Face layout: {@code model.safetensors}, or the shards that
 * {@code model.safetensors.index.json} names. Safe for all threads until closed.
 */
public final class SafetensorsFolder implements TensorCatalog {
    /** The whole model in one file. */
    static final String SINGLE = "model.safetensors";

    /** Which shard holds which tensor. */
    static final String INDEX = "model.safetensors.index.json";

    private static final int MOST_INDEX_BYTES = 100_000_000;
    private static final int MOST_SHARDS = 10_000;

    private final String place;
    private final List<String> files;
    private final TensorTable tensors;
    private final @Nullable Arena owned;

    private SafetensorsFolder(Path folder, Loading loading, Arena arena, @Nullable Arena owned) {
        this.place = ModelBytes.name(folder);
        this.owned = owned;
        List<TensorTable.Stored> stored = new ArrayList<>();
        if (Files.exists(folder.resolve(SINGLE))) {
            files = List.of(SINGLE);
            stored.addAll(
                    Safetensors.open(folder.resolve(SINGLE), loading, arena).stored());
        } else {
            Map<String, String> shards = index(INDEX, ModelBytes.small(folder.resolve(INDEX), MOST_INDEX_BYTES));
            files = List.copyOf(new LinkedHashSet<>(shards.values()));
            if (files.size() > MOST_SHARDS) {
                throw new ModelFormatException(
                        INDEX, "expected at most " + MOST_SHARDS + " shards, found " + files.size());
            }
            for (String file : files) {
                stored.addAll(shard(folder, file, loading, arena));
            }
            checkComplete(shards, stored);
        }
        this.tensors = new TensorTable(place, SafetensorsType.LOADABLE, stored);
    }

    /**
     * Opens every file; {@link #close()} frees their memory.
     *
     * @throws ModelFormatException if there are no such files, one is missing, broken or not in the folder itself, a tensor
     *     is in two of them, or is not in the one that the index names
     */
    public static SafetensorsFolder open(Path folder, Loading loading) {
        return ModelBytes.owning(arena -> new SafetensorsFolder(folder, loading, arena, arena));
    }

    /** As {@link #open(Path, Loading)}, in memory that lives as long as {@code arena}, whatever {@link #close()} is told. */
    public static SafetensorsFolder open(Path folder, Loading loading, Arena arena) {
        return new SafetensorsFolder(folder, loading, arena, null);
    }

    /** Names of the files that hold the weights, in the order in which they were opened. */
    public List<String> files() {
        return files;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public List<TensorEntry> entries() {
        return tensors.entries();
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        return tensors.entry(name);
    }

    @Override
    public TensorInfo tensor(String name) {
        return tensors.tensor(name);
    }

    /** A tensor as it is stored, whatever its type; empty if there is none of this name. */
    public Optional<StoredTensor> stored(String name) {
        return tensors.raw(name);
    }

    @Override
    public void close() {
        if (owned != null && owned.scope().isAlive()) {
            owned.close();
        }
    }

    /** The {@code weight_map} of an index: file by tensor, each file's name checked to be no more than a name. */
    static Map<String, String> index(String place, byte[] utf8) {
        Map<String, String> shards = new LinkedHashMap<>();
        boolean[] found = {false};
        JsonCursor.read(place, utf8, (cursor, member) -> {
            if (!member.equals("weight_map")) {
                cursor.skip();
                return;
            }
            found[0] = true;
            cursor.object(member, tensor -> {
                String at = "weight_map." + TensorTable.shown(tensor);
                shards.put(tensor, plainName(place + ": " + at, cursor.string(at)));
            });
        });
        if (!found[0] || shards.isEmpty()) {
            throw new ModelFormatException(
                    place, "expected a weight_map that names a file for each tensor, found none");
        }
        return shards;
    }

    /** The name comes from a downloaded file, so it must not lead out of the folder on any system, nor to another kind of file. */
    private static String plainName(String place, String file) {
        boolean plain = file.endsWith(".safetensors")
                && !file.startsWith(".")
                && file.length() <= 255
                && file.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
        if (!plain) {
            throw new ModelFormatException(
                    place,
                    "expected the name of a .safetensors file in the same folder, found \"" + TensorTable.shown(file)
                            + "\"");
        }
        return file;
    }

    private static List<TensorTable.Stored> shard(Path folder, String file, Loading loading, Arena arena) {
        Path path = folder.resolve(file);
        if (!Files.exists(path)) {
            throw new ModelFormatException(
                    INDEX, "expected the shard " + file + " beside it, found nothing; download it again");
        }
        return Safetensors.open(path, loading, arena).stored();
    }

    private static void checkComplete(Map<String, String> shards, List<TensorTable.Stored> stored) {
        Map<String, String> files = new LinkedHashMap<>();
        stored.forEach(s -> files.put(s.entry().name(), s.file()));
        shards.forEach((tensor, file) -> {
            String found = files.get(tensor);
            if (!file.equals(found)) {
                throw new ModelFormatException(
                        INDEX + ": " + TensorTable.shown(tensor),
                        "expected this tensor in " + file + ", found it in " + (found == null ? "none" : found));
            }
        });
    }
}
