package dev.hearth.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The reference files: all of them where they are at hand, else the copies among the test resources. */
final class ReferenceFiles {
    private static final Path COPIES = Path.of(uri("files"));

    private ReferenceFiles() {}

    /** Whether all files are there. */
    static boolean areComplete() {
        return !System.getProperty("hearth.shared", "").isBlank();
    }

    /** Where a file is, given its path among all of them. */
    static Path path(String name) {
        return (areComplete() ? Path.of(System.getProperty("hearth.shared")) : COPIES).resolve(name);
    }

    /** A file whose copy is always there. */
    static Path copy(String name) {
        return COPIES.resolve(name);
    }

    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(copy(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A table's rows by the file in their first column, of those files that are there; of all files where all should be. */
    static Map<String, List<String[]>> table(String resource) {
        try {
            Map<String, List<String[]>> rows = Files.readAllLines(Path.of(uri(resource))).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .collect(Collectors.groupingBy(row -> row[0], LinkedHashMap::new, Collectors.toList()));
            rows.keySet().removeIf(file -> !areComplete() && !Files.exists(copy(file)));
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of one file. */
    static List<String[]> rows(String resource, String file) {
        return Objects.requireNonNull(table(resource).get(file), file);
    }

    private static URI uri(String resource) {
        try {
            return Objects.requireNonNull(ReferenceFiles.class.getResource(resource), resource)
                    .toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
