package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options on how tokens are chosen, on the embedded model. */
final class SamplingOptionsTest {
    private final PrintStream realOut = System.out;
    private final PrintStream realErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void redirect() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(realOut);
        System.setErr(realErr);
    }

    private int run(String options) {
        Stream<String> fixed = Stream.of(
                "run", "--prompt", "Once upon a time", "--max-tokens", "24", "--ignore-eos", "--seed", "5", "--json");
        return Main.run(Stream.concat(fixed, Stream.of(options.split(" "))).toArray(String[]::new));
    }

    private String output(String options) {
        assertThat(run(options)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        String printed = out.toString(StandardCharsets.UTF_8);
        out.reset();
        return printed.replaceAll("\"usage\".*", "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--top-nsigma 0.1",
                "--typical 0.2",
                "--dynatemp-range 0.9 --dynatemp-exp 3",
                "--xtc-probability 1 --xtc-threshold 0.05",
                "--mirostat 1 --mirostat-ent 1",
                "--mirostat 2 --mirostat-ent 1 --mirostat-lr 0.3",
                "--repeat-penalty 3",
                "--repeat-penalty 3 --repeat-last-n 8",
                "--frequency-penalty 5",
                "--presence-penalty 5",
                "--no-repeat-ngram-size 1",
                "--dry-multiplier 50 --dry-base 3 --dry-allowed-length 1 --dry-penalty-last-n -1 --dry-sequence-breaker xyz",
                "--ban a",
                "--stop-pattern [a-z]"
            })
    void option_changesTheOutput(String options) {
        assertThat(output("--temperature 1 " + options)).isNotEqualTo(output("--temperature 1"));
    }

    @Test
    void minTokens_putOffAStop() {
        assertThat(output("--temperature 0 --stop-pattern [a-z] --min-tokens 9").length())
                .isGreaterThan(output("--temperature 0 --stop-pattern [a-z]").length());
    }

    @Test
    void options_refuse() {
        for (String options : List.of(
                "--mirostat 3",
                "--mirostat-lr 0.1",
                "--xtc-threshold 0.1",
                "--dynatemp-exp 2",
                "--dry-base 2",
                "--repeat-last-n 0",
                "--typical 2",
                "--stop-pattern a*",
                "--min-tokens 30")) {
            assertThat(run(options)).as(options).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).as(options).startsWith("hearth: ");
            err.reset();
        }
    }
}
