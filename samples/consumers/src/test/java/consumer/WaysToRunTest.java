package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to put an application together gives the same text as the class path, without a warning of the JVM. */
class WaysToRunTest {
    /** Named as a root too, so that this holds whether or not the backend requires the module. */
    private static final List<String> NATIVE_ACCESS =
            List.of("--add-modules=dev.hearth.ffi", "--enable-native-access=dev.hearth.ffi");

    @TempDir
    static Path temporary;

    private static List<String> expected = List.of();

    @BeforeAll
    static void runOnTheClassPath() {
        App.Output output = App.java(
                        temporary, "--enable-native-access=ALL-UNNAMED", "-cp", App.classPath(), "consumer.Main")
                .end();
        List<String> lines = output.out().lines().toList();
        assertThat(lines).hasSizeGreaterThanOrEqualTo(3).startsWith("no module");
        assertThat(lines.get(1)).as("tokens").matches("\\[\\d+(, \\d+)+]");
        assertThat(lines.get(2)).as("text").isNotBlank();
        assertSilent(output);
        expected = lines.subList(1, lines.size());
    }

    private static void assertSilent(App.Output output) {
        assertThat(output.err())
                .doesNotContain("WARNING:")
                .doesNotContain("SLF4J")
                .contains("on cpu (");
    }

    private static void assertSameStory(String place, App.Output output) {
        List<String> lines = output.out().lines().toList();
        assertThat(lines).startsWith(place);
        assertThat(lines.subList(1, lines.size())).isEqualTo(expected);
        assertSilent(output);
    }

    @Test
    void modulePath_findsTheBackendByItsService() {
        App.Output output = App.java(
                        temporary,
                        NATIVE_ACCESS.getFirst(),
                        NATIVE_ACCESS.getLast(),
                        "--module-path",
                        App.modulePath(),
                        "--module",
                        "consumer/consumer.Main")
                .end();
        assertSameStory("module consumer", output);
    }

    @Test
    void jlink_makesAnImageThatNeedsNoJava(@TempDir Path folder) {
        Path image = folder.resolve("image");
        App.start(List.of(
                        App.tool("jlink"),
                        "--module-path",
                        App.modulePath(),
                        "--add-modules",
                        "consumer,dev.hearth.cpu,dev.hearth.ffi,org.slf4j.simple",
                        "--add-options=" + String.join(" ", NATIVE_ACCESS) + " -Djava.io.tmpdir=" + temporary,
                        "--launcher",
                        "story=consumer/consumer.Main",
                        "--strip-debug",
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        image.toString()))
                .end();
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        Path launcher = image.resolve("bin").resolve(windows ? "story.bat" : "story");
        assertSameStory(
                "module consumer", App.start(List.of(launcher.toString())).end());
    }

    /** The manifest lets the jar call native code, so there is no option at all. */
    @ParameterizedTest
    @ValueSource(strings = {"-shaded", "-relocated"})
    void oneJar_runsByItself(String classifier) {
        assertSameStory(
                "no module",
                App.java(temporary, "-jar", App.jar(classifier).toString()).end());
    }
}
