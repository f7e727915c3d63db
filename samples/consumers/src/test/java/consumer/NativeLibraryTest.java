package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C library comes out of its jar, whatever the home folder is like; a build without a C compiler has none. */
class NativeLibraryTest {
    @TempDir
    Path folder;

    private Path temporary = Path.of("");

    @BeforeEach
    void makeFolders() throws IOException {
        temporary = Files.createDirectory(folder.resolve("temporary"));
        String found = open(folder.resolve("first")).end().out();
        assumeTrue(Boolean.getBoolean("hearth.strict") || found.startsWith("loaded "), found);
    }

    private App open(Path home, String... options) {
        String classes = App.TARGET.resolve("test-classes") + System.getProperty("path.separator") + App.classPath();
        return App.java(
                temporary,
                Stream.concat(
                                Stream.of(options),
                                Stream.of(
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-Duser.home=" + home,
                                        "-cp",
                                        classes,
                                        "consumer.OpenLibrary"))
                        .toArray(String[]::new));
    }

    private App story(Path home) {
        return App.java(
                temporary,
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.home=" + home,
                "-cp",
                App.classPath(),
                "consumer.Main");
    }

    private static List<Path> filesIn(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static Path loadedFrom(App app) {
        App.Output output = app.end();
        assertThat(output.out()).as("%s", output.err()).startsWith("loaded ");
        return Path.of(output.out().strip().substring("loaded ".length()));
    }

    @Test
    void library_isExtractedOnceByTwoProcessesThatStartTogether() throws IOException {
        Path home = folder.resolve("home");
        App first = open(home);
        App second = open(home);
        Path file = loadedFrom(first);
        assertThat(loadedFrom(second)).isEqualTo(file);
        assertThat(filesIn(home)).containsExactly(file);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void engine_startsTwiceAtOnceWithNothingExtractedYet() throws IOException {
        Path home = folder.resolve("home");
        App first = story(home);
        App second = story(home);
        String out = first.end().out();
        assertThat(out.lines()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(second.end().out()).isEqualTo(out);
        assertThat(filesIn(temporary)).noneMatch(file -> file.toString().endsWith(".part"));
    }

    /** A path below a file, which not even a superuser can write. */
    @Test
    void library_goesToAFolderThatIsRemovedWhereTheHomeCannotBeWritten() throws IOException {
        Path home = Files.createFile(folder.resolve("file")).resolve("home");
        Path file = loadedFrom(open(home));
        assertThat(file).startsWithRaw(temporary); // no longer there
        assertThat(temporary).isEmptyDirectory(); // the process took its folder with it
    }

    @Test
    void engine_runsWhereTheHomeCannotBeWritten() throws IOException {
        Path home = Files.createFile(folder.resolve("file")).resolve("home");
        assertThat(story(home).end().out().lines()).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void library_isRefusedWithAReasonWhereTheFolderThatWasAskedForCannotBeWritten() throws IOException {
        Path asked = Files.createFile(folder.resolve("file")).resolve("cache");
        App.Output output = open(folder, "-Dhearth.native.dir=" + asked).end();
        assertThat(output.out())
                .startsWith("unavailable native: ")
                .contains(asked.toString())
                .contains("name a folder that can be written and executed in hearth.native.dir");
    }
}
