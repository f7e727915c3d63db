package dev.hearth.spi.reference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The points that blocks of the IQ types choose from, of 4 or 8 numbers each: tables of ggml-common.h, which defines the formats.
 * The resource grids.txt has a line a grid, a point being 16 bits in hexadecimal: 4 or 2 bits a number, the first lowest.
 */
final class Grid {
    static final Grid IQ2_XXS = new Grid("IQ2_XXS", 8, 25, 43);
    static final Grid IQ2_XS = new Grid("IQ2_XS", 8, 25, 43);
    static final Grid IQ2_S = new Grid("IQ2_S", 8, 25, 43);
    static final Grid IQ3_XXS = new Grid("IQ3_XXS", 4, 12, 20, 28, 36, 44, 52, 62);
    static final Grid IQ3_S = new Grid("IQ3_S", 1, 3, 5, 7, 9, 11, 13, 15);
    static final Grid IQ1 = new Grid("IQ1", -1, 0, 1);

    private final int[] numbers;
    private final int bits;
    private final short[] points;

    private Grid(String name, int... numbers) {
        this.numbers = numbers;
        this.bits = numbers.length > 4 ? 4 : 2;
        this.points = read(name);
    }

    /** Number i of a point. */
    int value(int point, int i) {
        return numbers[points[point] >>> bits * i & (1 << bits) - 1];
    }

    private static short[] read(String name) {
        try (InputStream in = Grid.class.getResourceAsStream("grids.txt")) {
            if (in == null) {
                throw new IllegalStateException("the resource grids.txt of the IQ types is missing");
            }
            String line = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(l -> l.startsWith(name + " "))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = HexFormat.of().parseHex(line.substring(name.length() + 1));
            short[] points = new short[bytes.length / 2];
            for (int i = 0; i < points.length; i++) {
                points[i] = (short) (bytes[2 * i] << 8 | bytes[2 * i + 1] & 255);
            }
            return points;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
