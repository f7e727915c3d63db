package dev.hearth.format;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a model that llama-gguf-split or a converter has split: {@code NAME-00001-of-00003.gguf} and so on in one folder.
 * Each says {@code split.count} and its own {@code split.no}, from 0; the first has the model's metadata too. llama.cpp,
 * llama_split_path in src/llama.cpp.
 */
final class GgufSplit {
    static final String COUNT = "split.count";

    /** The file format has it in 16 bits. */
    static final int MOST_PARTS = 65_535;

    private static final int MOST_SHOWN = 5;
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);

    private GgufSplit() {}

    /**
     * A file and, if it is one of several, all the others, in their order.
     *
     * @throws ModelFormatException if one is missing, broken, or not of the same model
     */
    static List<GgufPart> open(Path file, Loading loading, Arena arena) {
        GgufPart asked = part(file, loading, arena);
        int count = asked.count();
        if (count <= 1) {
            return List.of(asked);
        }
        List<Path> files = files(asked, file, count);
        requireAll(asked, files);
        List<GgufPart> parts = new ArrayList<>(count);
        for (Path other : files) {
            boolean same = ModelBytes.name(other).equals(asked.place());
            GgufPart part = same ? asked : part(other, loading, arena);
            check(part, parts.size(), asked);
            parts.add(part);
        }
        return List.copyOf(parts);
    }

    /** The tensors of all parts. @throws ModelFormatException if a name is there twice, or their number isn't what they say */
    static TensorTable tensors(List<GgufPart> parts) {
        GgufPart first = parts.getFirst();
        if (parts.size() == 1) {
            return first.tensors();
        }
        List<TensorTable.Stored> stored = new ArrayList<>();
        for (GgufPart part : parts) {
            stored.addAll(part.tensors().stored());
            if (stored.size() > TensorTable.MOST_TENSORS) {
                throw new ModelFormatException(
                        part.place(),
                        "expected at most " + TensorTable.MOST_TENSORS + " tensors in all parts, found more");
            }
        }
        OptionalLong expected = first.modelTensors();
        if (expected.isPresent() && expected.getAsLong() != stored.size()) {
            throw new ModelFormatException(
                    first.metadata().at("split.tensors.count"),
                    "expected " + expected.getAsLong() + " tensors in all " + parts.size() + " parts, found "
                            + stored.size() + "; download them again");
        }
        return new TensorTable(first.place(), GgmlType.LOADABLE, stored);
    }

    /** Refuses a part whose others cannot be found, for it has no path. */
    static GgufPart whole(GgufPart part) {
        if (part.count() > 1) {
            throw new ModelFormatException(
                    part.metadata().at(COUNT),
                    "expected a whole model, found one of " + part.count() + " parts; open it by its path");
        }
        return part;
    }

    private static GgufPart part(Path file, Loading loading, Arena arena) {
        return GgufPart.read(ModelBytes.name(file), ModelBytes.load(file, loading, arena));
    }

    /** Where the parts should be. */
    private static List<Path> files(GgufPart asked, Path file, int count) {
        Matcher name = NAME.matcher(asked.place());
        if (!name.matches() || Integer.parseInt(name.group(3)) != count || !isPart(name.group(2), count)) {
            throw new ModelFormatException(
                    asked.metadata().at(COUNT),
                    "expected a file named NAME" + suffix(asked.index().orElse(0), count)
                            + " with the other parts beside it, found "
                            + TensorTable.shown(asked.place())
                            + "; give it its name back, or join the parts with llama-gguf-split --merge");
        }
        List<Path> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            files.add(file.resolveSibling(name.group(1) + suffix(i, count)));
        }
        return files;
    }

    private static boolean isPart(String number, int count) {
        int part = Integer.parseInt(number);
        return part >= 1 && part <= count;
    }

    private static String suffix(long index, int count) {
        return "-%05d-of-%05d.gguf".formatted(index + 1, count);
    }

    private static void requireAll(GgufPart asked, List<Path> files) {
        List<String> missing = files.stream()
                .filter(f -> !Files.exists(f))
                .map(ModelBytes::name)
                .toList();
        if (!missing.isEmpty()) {
            String shown = String.join(", ", missing.subList(0, Math.min(MOST_SHOWN, missing.size())));
            String more = missing.size() > MOST_SHOWN ? " and " + (missing.size() - MOST_SHOWN) + " more" : "";
            throw new ModelFormatException(
                    asked.place(),
                    "expected all " + files.size() + " parts of the model in one folder, found none of " + shown + more
                            + "; download what is missing");
        }
    }

    private static void check(GgufPart part, int index, GgufPart asked) {
        if (part.count() != asked.count()) {
            throw new ModelFormatException(
                    part.metadata().at(COUNT),
                    "expected " + asked.count() + " as in " + asked.place() + ", found "
                            + (part.metadata().has(COUNT) ? part.count() : "none"));
        }
        OptionalLong found = part.index();
        if (found.isEmpty() || found.getAsLong() != index) {
            throw new ModelFormatException(
                    part.metadata().at("split.no"),
                    "expected " + index + " by the file's name, found " + (found.isEmpty() ? "none" : found.getAsLong())
                            + "; download it again");
        }
        if (!part.modelTensors().equals(asked.modelTensors())) {
            throw new ModelFormatException(
                    part.metadata().at("split.tensors.count"),
                    "expected the same number as in " + asked.place()
                            + ", found another; it is a part of another model");
        }
    }
}
