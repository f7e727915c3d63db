package dev.hearth.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Models that other programs have downloaded into the cache of huggingface_hub, found by name and without a network:
 * {@code models--org--name/refs/main} names a commit, {@code snapshots/COMMIT} holds the files. Immutable.
 *
 * @param folders where caches may be, looked into in this order
 */
public record HuggingFaceCache(List<Path> folders) {
    private static final String MODEL_PREFIX = "models--";
    private static final int MOST_REF_BYTES = 256;
    private static final int MOST_SHOWN = 12;

    // huggingface_hub's validate_repo_id; "--" would be ambiguous in a folder's name
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,95})?");
    private static final Pattern REVISION =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9A-Za-z]{1,64}");

    public HuggingFaceCache {
        folders = List.copyOf(folders);
    }

    /** The caches that this process's environment tells of. */
    public static HuggingFaceCache system() {
        return of(System.getenv(), Path.of(System.getProperty("user.home", "")));
    }

    /**
     * The caches that an environment tells of: {@code HF_HUB_CACHE}, {@code HF_HOME/hub}, {@code XDG_CACHE_HOME/huggingface/hub}
     * and {@code .cache/huggingface/hub} in the home folder; a variable that is unset or empty is passed over.
     */
    public static HuggingFaceCache of(Map<String, String> environment, Path home) {
        Set<Path> folders = new LinkedHashSet<>();
        add(folders, environment, home, "HF_HUB_CACHE", "");
        add(folders, environment, home, "HF_HOME", "hub");
        add(folders, environment, home, "XDG_CACHE_HOME", "huggingface/hub");
        folders.add(home.resolve(".cache/huggingface/hub"));
        return new HuggingFaceCache(List.copyOf(folders));
    }

    /**
     * The folder of a model's files.
     *
     * @param name {@code "org/name"}, or {@code "org/name@revision"} with a branch, a tag or a whole commit; without one
     *     {@code main}
     * @throws ModelFormatException if it is not such a name or no cache has it
     */
    public Path resolve(String name) {
        int at = name.indexOf('@');
        String model = at < 0 ? name : name.substring(0, at);
        String revision = at < 0 ? "main" : name.substring(at + 1);
        if (!NAME.matcher(model).matches() || ambiguous(model)) {
            throw new ModelFormatException(
                    TensorTable.shown(name),
                    "expected a model's name, org/name or org/name@revision, or a path that exists");
        }
        for (Path cache : folders) {
            Path folder = cache.resolve(MODEL_PREFIX + model.replace("/", "--"));
            if (Files.isDirectory(folder)) {
                return snapshot(folder, revision);
            }
        }
        throw new ModelFormatException(
                name,
                "expected it in a Hugging Face cache, found " + found() + "; download it first, as with: hf download "
                        + model);
    }

    /**
     * The folder of a model's files, given the model's own folder in a cache, {@code models--org--name}, which stands for
     * {@code main}. Any other path is returned as it is.
     *
     * @throws ModelFormatException if the snapshot is not there
     */
    public static Path resolve(Path folder) {
        boolean inCache =
                ModelBytes.name(folder).startsWith(MODEL_PREFIX) && Files.isDirectory(folder.resolve("snapshots"));
        return inCache ? snapshot(folder, "main") : folder;
    }

    private static void add(
            Set<Path> folders, Map<String, String> environment, Path home, String variable, String below) {
        String value = environment.getOrDefault(variable, "");
        if (!value.isBlank()) {
            Path folder = value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value);
            folders.add(folder.resolve(below));
        }
    }

    private static boolean ambiguous(String name) {
        return name.contains("--") || name.contains("..");
    }

    private static Path snapshot(Path folder, String revision) {
        Path snapshots = folder.resolve("snapshots");
        if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
            throw new ModelFormatException(
                    ModelBytes.name(folder),
                    "expected a branch, a tag or a commit after @, found " + TensorTable.shown(revision));
        }
        Path ref = folder.resolve("refs").resolve(revision);
        String commit = revision;
        if (Files.isRegularFile(ref)) {
            commit = new String(ModelBytes.small(ref, MOST_REF_BYTES), StandardCharsets.UTF_8).strip();
        }
        if (COMMIT.matcher(commit).matches() && Files.isDirectory(snapshots.resolve(commit))) {
            return snapshots.resolve(commit);
        }
        throw new ModelFormatException(
                folder + ": " + revision,
                "expected a downloaded snapshot, found " + list(snapshots, "")
                        + "; give one of these after @, or download it");
    }

    private String found() {
        StringBuilder found = new StringBuilder();
        for (Path cache : folders) {
            found.append(found.isEmpty() ? "" : "; ")
                    .append(cache)
                    .append(Files.isDirectory(cache) ? " with " + list(cache, MODEL_PREFIX) : " missing");
        }
        return found.toString();
    }

    /** The entries of a folder that begin with {@code prefix}, in words; of many, the first in order. */
    private static String list(Path folder, String prefix) {
        List<String> names = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(folder, prefix + "*")) {
            entries.forEach(e -> names.add(shortName(ModelBytes.name(e))));
        } catch (IOException | DirectoryIteratorException e) {
            return "nothing (" + e.getMessage() + ")";
        }
        names.sort(null);
        if (names.isEmpty()) {
            return "nothing";
        }
        String shown = String.join(", ", names.subList(0, Math.min(MOST_SHOWN, names.size())));
        return names.size() > MOST_SHOWN ? shown + " and " + (names.size() - MOST_SHOWN) + " more" : shown;
    }

    private static String shortName(String folder) {
        return folder.startsWith(MODEL_PREFIX)
                ? folder.substring(MODEL_PREFIX.length()).replace("--", "/")
                : folder;
    }
}
