package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Texts that the command line continues, with the embedded model. */
class RunCommandTest {
    private final CapturedOutput captured = new CapturedOutput();

    @AfterEach
    void release() {
        captured.close();
    }

    @Test
    void run_continuesWithTheEmbeddedModel() {
        Fields result = captured.json(
                "run",
                "--prompt",
                "Once upon a time",
                "--max-tokens",
                "8",
                "--temperature",
                "0",
                "--ignore-eos",
                "--json");
        assertThat(result.integers("ids")).hasSize(8);
        assertThat(result.string("text").orElseThrow()).isNotBlank();
        assertThat(result.string("finish")).hasValue("length");
        assertThat(result.fields("usage").orElseThrow().requiredInteger("output_tokens"))
                .isEqualTo(8);
    }

    @Test
    void run_tellsOfThePromptWhatScoreDoes() {
        String[] command = {
            "run", "--prompt", "Once upon a time", "--max-tokens", "2", "--temperature", "0", "--echo", "--json"
        };
        Fields echoed = captured.json(with(command, "--prompt-logprobs", "2"));
        Fields scored = captured.json("score", "--text", "Once upon a time", "--top", "2", "--json");
        Fields prompt = echoed.fields("prompt_logprobs").orElseThrow();
        assertThat(prompt.integers("ids")).isEqualTo(scored.integers("ids"));
        assertThat(prompt.array("logprobs")).isEqualTo(scored.array("logprobs"));
        assertThat(prompt.array("top")).isEqualTo(scored.array("top"));
        assertThat(echoed.integers("ids")).startsWith(scored.integers("ids")).hasSizeGreaterThan(4);
        assertThat(echoed.string("text").orElseThrow()).startsWith("Once upon a time");
        assertThat(captured.json(command).fields("prompt_logprobs")).isEmpty();
        assertThat(captured.refused("run", "--prompt", "x", "--prompt-logprobs", "1"))
                .contains("--json");
    }

    @Test
    void run_searchesForTheLikeliestAnswer() {
        String[] command = {"run", "--prompt", "Once upon a time", "--max-tokens", "12", "--ignore-eos", "--json"};
        Fields few = captured.json(with(command, "--beams", "1"));
        Fields many =
                captured.json(with(command, "--beams", "6", "--length-penalty", "1", "--early-stopping", "never"));
        assertThat(many.integers("ids")).hasSize(12);
        assertThat(many.number("score").orElseThrow())
                .isGreaterThanOrEqualTo(few.number("score").orElseThrow());
        assertThat(captured.json(with(command, "--beams", "6", "--early-stopping"))
                        .integers("ids"))
                .isEqualTo(many.integers("ids"));
        assertThat(captured.json(command).has("score")).isFalse();
        assertThat(captured.refused(with(command, "--length-penalty", "2"))).contains("--beams");
        assertThat(captured.refused(with(command, "--beams", "2", "--early-stopping", "maybe")))
                .contains("found maybe");
        assertThat(captured.refused(with(command, "--beams", "2", "--stop", "x")))
                .contains("end by tokens");
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void run_showsTextAsItComesAndEndsWithTheSpeed() {
        assertThat(Main.run("run", "--prompt", "Once upon a time", "--max-tokens", "5", "--temperature", "0"))
                .isZero();
        assertThat(captured.out().toString(StandardCharsets.UTF_8)).startsWith("Once upon a time");
        assertThat(captured.err().toString(StandardCharsets.UTF_8)).contains("tokens/s");
    }
}
