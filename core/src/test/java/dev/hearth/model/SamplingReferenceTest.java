package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.sample.Sampler;
import dev.hearth.sample.SamplingParams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of generation_config.json do what transformers does with them, by {@code tools/make_sampling_reference.py}. */
class SamplingReferenceTest {
    private static final int DRAWS = 20_000;
    private static final double MOST_DEVIATIONS = 4; // of a token's number; one of 16,000 is farther off

    private static final Fields REFERENCE = read();

    private static Fields read() {
        try (InputStream in = SamplingReferenceTest.class.getResourceAsStream("/sampling/transformers.json")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return Fields.of("transformers.json", Json.parse("transformers.json", text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Named<Fields>> cases() {
        return REFERENCE.array("cases").orElseThrow().stream()
                .map(json -> Fields.of("case", json))
                .map(c -> Named.of(String.valueOf(c.get("config").orElseThrow()), c))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void draws_followTransformersProbabilities(Fields reference) {
        int end = REFERENCE.requiredInteger("end");
        int[] prompt = REFERENCE.integers("prompt");
        List<Double> logits = reference.numbers("logits").orElseThrow();
        List<Double> probabilities = reference.numbers("probabilities").orElseThrow();
        SamplingParams params = SamplingDefaults.of(reference.fields("config").orElseThrow(), Set.of(end));
        Sampler sampler = new Sampler(params, 17, 0, logits.size(), Set.of(end), List.of());
        sampler.acceptPrompt(prompt);
        int[] drawn = new int[logits.size()];
        for (int position = 0; position < DRAWS; position++) {
            float[] row = new float[logits.size()];
            for (int t = 0; t < row.length; t++) {
                row[t] = logits.get(t).floatValue();
            }
            drawn[sampler.sample(row, position).token()]++;
        }
        for (int t = 0; t < drawn.length; t++) {
            double p = probabilities.get(t);
            double deviation = Math.sqrt(DRAWS * p * (1 - p));
            assertThat((double) drawn[t])
                    .as("draws of token %s, of probability %s", t, p)
                    .isBetween(DRAWS * p - MOST_DEVIATIONS * deviation, DRAWS * p + MOST_DEVIATIONS * deviation);
        }
    }
}
