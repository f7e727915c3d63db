package dev.hearth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.model.Architectures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the compiler doesn't check in the sources of all modules, and that the README tells the truth about families. */
class SourcesTest {
    private static final Path REPOSITORY = repository();

    /** Calls that Java restricts, as they are written; {@code reinterpretAsInts} and the like are none. */
    private static final Pattern RESTRICTED = Pattern.compile(
            "Linker\\.nativeLinker|\\.(?:downcallHandle|upcallStub|libraryLookup|loaderLookup|withTargetLayout|reinterpret)\\("
                    + "|(?:System|getRuntime\\(\\))\\.load(?:Library)?\\(");

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("expected to run inside the repository, found no mvnw above "
                        + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    /** Java sources of every module that aren't generated. */
    private static List<Path> sources(Predicate<String> wanted) {
        try (Stream<Path> files = Files.find(REPOSITORY, 20, (file, facts) -> facts.isRegularFile())) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> {
                        String place = place(file);
                        return place.contains("src/")
                                && !place.contains("target/")
                                && !place.contains("/generated/")
                                && wanted.test(place);
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String place(Path file) {
        return REPOSITORY.relativize(file).toString().replace('\\', '/');
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> longerThan(int lines, List<Path> files) {
        assertThat(files).isNotEmpty();
        return files.stream()
                .filter(file -> text(file).lines().count() >= lines)
                .map(file -> place(file) + ": " + text(file).lines().count() + " lines")
                .toList();
    }

    @Test
    void sources_areUnder400Lines() {
        assertThat(longerThan(400, sources(place -> true))).isEmpty();
    }

    @Test
    void families_areUnder150Lines() {
        assertThat(longerThan(150, sources(place -> place.contains("src/main/java/dev/hearth/model/arch/"))))
                .isEmpty();
    }

    @Test
    void restrictedMethods_areCalledInOneModuleAlone() {
        List<Path> elsewhere = sources(place -> place.contains("src/main/") && !place.startsWith("native/"));
        assertThat(elsewhere.stream()
                        .filter(file -> RESTRICTED.matcher(text(file)).find())
                        .map(SourcesTest::place))
                .isEmpty();
        List<Path> there = sources(place -> place.startsWith("native/src/main/java/dev/hearth/ffi/"));
        assertThat(there.stream().filter(file -> RESTRICTED.matcher(text(file)).find()))
                .as("what the pattern is to find")
                .isNotEmpty();
    }

    static List<Architectures.Family> families() {
        return Architectures.all();
    }

    @ParameterizedTest
    @MethodSource("families")
    void readme_listsTheFamily(Architectures.Family family) {
        List<List<String>> rows = familyRows();
        assertThat(rows)
                .filteredOn(row -> row.getFirst().equals(family.name()))
                .singleElement()
                .satisfies(row -> {
                    assertThat(names(row.get(1))).containsAll(family.modelTypes());
                    assertThat(names(row.get(2))).containsAll(family.ggufNames());
                });
    }

    @Test
    void readme_listsNoOtherFamily() {
        assertThat(familyRows().stream().map(List::getFirst))
                .containsExactlyInAnyOrderElementsOf(
                        families().stream().map(Architectures.Family::name).toList());
    }

    /** Cells of the table that begins {@code | family | model_type | GGUF |}. */
    private static List<List<String>> familyRows() {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : text(REPOSITORY.resolve("README.md")).lines().toList()) {
            boolean header = line.startsWith("| family | model_type | GGUF |");
            inside = header || inside && line.startsWith("|");
            if (inside && !header && !line.startsWith("| -")) {
                rows.add(Arrays.stream(line.substring(1).split("\\|", -1))
                        .map(String::strip)
                        .toList());
            }
        }
        return rows;
    }

    /** The names in {@code gemma3_text, gemma3 (text)}. */
    private static List<String> names(String cell) {
        return Arrays.stream(cell.replace("`", "").split(",", -1))
                .map(name -> name.replaceFirst("\\(.*\\)", "").strip())
                .toList();
    }
}
