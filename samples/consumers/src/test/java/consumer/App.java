package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process under way, with its output in files. The build's own JDK runs it. */
final class App {
    /** What the package phase has made. */
    static final Path TARGET = Path.of(System.getProperty("consumers.target", "target"));

    /** This application's jar. */
    static final Path JAR = jar("");

    /** The jars that it needs: Hearth's, SLF4J's and Jackson's. */
    static final Path DEPENDENCIES = TARGET.resolve("modules");

    private static final long PATIENCE_SECONDS = 300; // a build machine may be busy

    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;

    private App(List<String> command, Process process, Path out, Path err) {
        this.command = command;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What a process that ended well has printed. */
    record Output(String out, String err) {}

    /** The jar with a classifier. */
    static Path jar(String classifier) {
        return TARGET.resolve(System.getProperty("consumers.jar") + classifier + ".jar");
    }

    /** A program of the JDK. */
    static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Everything on the class path. */
    static String classPath() {
        return JAR + System.getProperty("path.separator") + DEPENDENCIES.resolve("*");
    }

    /** Everything on the module path. */
    static String modulePath() {
        return JAR + System.getProperty("path.separator") + DEPENDENCIES;
    }

    /** Starts Java. The embedded model is put below {@code temporary}. */
    static App java(Path temporary, String... options) {
        List<String> command = new ArrayList<>(List.of(tool("java"), "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of(options));
        return start(command);
    }

    /** Starts a command. */
    static App start(List<String> command) {
        try {
            Path out = Files.createTempFile("consumer", ".out");
            Path err = Files.createTempFile("consumer", ".err");
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().remove("JDK_JAVA_OPTIONS");
            builder.environment().remove("JAVA_TOOL_OPTIONS");
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new App(command, process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command), e);
        }
    }

    /** Waits; fails with all that the process said if it ends otherwise than with status 0. */
    Output end() {
        try {
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly().waitFor();
            Output output = new Output(Files.readString(out), Files.readString(err));
            assertThat(ended && process.exitValue() == 0)
                    .as("%s%nstatus %d%n%s%n%s", String.join(" ", command), process.exitValue(), output.out, output.err)
                    .isTrue();
            Files.delete(out);
            Files.delete(err);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command, e);
        }
    }
}
