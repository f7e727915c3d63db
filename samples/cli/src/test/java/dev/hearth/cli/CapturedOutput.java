package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What commands print, from its construction until it is closed. */
final class CapturedOutput implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream realOut = System.out;
    private final PrintStream realErr = System.err;

    CapturedOutput() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    ByteArrayOutputStream out() {
        return out;
    }

    ByteArrayOutputStream err() {
        return err;
    }

    /** The one object that a command prints, which ends well. */
    Fields json(String... args) {
        assertThat(Main.run(args)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        String printed = out.toString(StandardCharsets.UTF_8);
        out.reset();
        assertThat(printed.strip().lines()).hasSize(1);
        return Fields.of("output", Json.parse("output", printed));
    }

    /** The one line with which a command refuses what it is given. */
    String refused(String... args) {
        assertThat(Main.run(args)).isEqualTo(2);
        String printed = err.toString(StandardCharsets.UTF_8).strip();
        err.reset();
        assertThat(printed).startsWith("hearth: ").doesNotContain("\tat ");
        assertThat(printed.lines()).hasSize(1);
        return printed;
    }

    @Override
    public void close() {
        System.setOut(realOut);
        System.setErr(realErr);
    }
}
