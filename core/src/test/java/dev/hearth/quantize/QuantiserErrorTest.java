package dev.hearth.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The error that encoding leaves is no larger than that of llama.cpp's own quantisers, see make_quantiser_errors.py. */
class QuantiserErrorTest {
    /** The most that rounding a scale to f16 leaves of a value, squared. */
    private static final double SCALE_ROUNDING = Math.scalb(1.0, -22);

    private static final int ROWS = 8;
    private static final int WIDTH = 512;

    /** A row of the table. */
    record Reference(BlockType type, String distribution, long seed, double error) {
        @Override
        public String toString() {
            return type + " " + distribution;
        }
    }

    static Stream<Reference> references() {
        try (InputStream in = Objects.requireNonNull(QuantiserErrorTest.class.getResourceAsStream("errors.tsv"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .skip(1)
                            .map(line -> line.split("\t", -1))
                            .map(c -> new Reference(
                                    BlockType.valueOf(c[0]), c[1], Long.parseLong(c[2]), Double.parseDouble(c[3])))
                            .toList()
                            .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("references")
    void encode_leavesNoLargerErrorThanTheReference(Reference reference) {
        Random draw = new Random(reference.seed);
        double sum = 0;
        double squares = 0;
        for (int row = 0; row < ROWS; row++) {
            float[] x = new float[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                x[i] = (float) value(reference.distribution, draw, row * WIDTH + i);
                squares += x[i] * x[i];
            }
            sum += Blocks.error(reference.type, x);
        }
        assertThat(sum).isLessThanOrEqualTo(reference.error * (1 + 1e-6) + SCALE_ROUNDING * squares);
    }

    private static double value(String distribution, Random draw, int index) {
        double u = unit(draw);
        double bell = (u + unit(draw) + unit(draw) + unit(draw)) / 2;
        return switch (distribution) {
            case "uniform" -> u;
            case "bell" -> bell;
            case "heavy" -> u * u * u / (1.0625 - Math.abs(u));
            case "sparse" -> u > 0.75 ? bell : 0;
            case "positive" -> Math.abs(bell);
            case "negative" -> -Math.abs(bell) - 0.25;
            case "offset" -> 1 + bell / 16;
            case "outlier" -> index % 97 == 0 ? 40 * u : bell / 8;
            case "tiny" -> bell / 1048576;
            case "large" -> bell * 4096;
            case "constant" -> 0.8125;
            case "two" -> u > 0 ? 0.5 : -0.125;
            default -> throw new IllegalArgumentException(distribution);
        };
    }

    /** From -1 to below 1, by 24 bits. */
    private static double unit(Random draw) {
        return (draw.nextInt() >>> 8) / (double) (1 << 23) - 1;
    }
}
