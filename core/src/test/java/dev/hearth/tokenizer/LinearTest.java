package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Work in proportion to the text, counted, not timed. */
class LinearTest {
    private static final List<String> UNITS = List.of(
            "a",
            "ab",
            "abcab",
            "the",
            " ",
            "\n",
            "\u0301",
            "e\u0301",
            "é",
            "👩‍👩‍👧‍👦",
            "你",
            "1",
            "▁",
            "▁the",
            "'s",
            "\u00FF\u0080");

    static Stream<Arguments> modelsAndUnits() {
        return Stream.of("tiny-qwen3", "tiny-llama3", "stories260K")
                .flatMap(name -> Stream.concat(UNITS.stream(), Stream.of("random", "nested"))
                        .map(unit -> Arguments.of(name, unit)));
    }

    private static String text(String unit, int length) {
        Random random = new Random(17);
        return switch (unit) {
            case "random" -> new String(random.ints(length, 0, 256).toArray(), 0, length);
            case "nested" -> {
                String repeated = "ab";
                while (repeated.length() < length) {
                    repeated += repeated + (char) ('a' + random.nextInt(3));
                }
                yield repeated.substring(0, length);
            }
            default -> unit.repeat(length / unit.length());
        };
    }

    /** A merge table that counts. */
    private static final class Counting extends MergeTable {
        private final MergeTable counted;
        private long lookups;

        Counting(MergeTable counted) {
            super(0);
            this.counted = counted;
        }

        @Override
        long find(int left, int right) {
            lookups++;
            return counted.find(left, right);
        }
    }

    /** A whole text as one piece, which is the worst case. */
    private static long lookups(Bpe bpe, String text) {
        Counting merges = new Counting(bpe.merges());
        Bpe counting = new Bpe(
                bpe.vocabulary(),
                bpe.symbols(),
                merges,
                bpe.whole(),
                bpe.wholeText(),
                bpe.separators(),
                new PieceCache());
        counting.encoder().encode(text.toCharArray(), 0, text.length(), new IntList(16));
        return merges.lookups;
    }

    @ParameterizedTest
    @MethodSource("modelsAndUnits")
    void fourTimesTheText_fourTimesTheMerges(String name, String unit) {
        ModelJson.Input input = name.startsWith("tiny") ? ModelJson.Input.BYTES : ModelJson.Input.TEXT;
        Bpe bpe = (Bpe) ModelJson.read(
                References.resource(name + ".json").fields("model").orElseThrow(), input);
        int length = 30_000;
        long once = lookups(bpe, text(unit, length));
        long four = lookups(bpe, text(unit, 4 * length));
        // Three bytes a char at most; of each symbol its first neighbour, and two more for each merge.
        assertThat(four).isLessThanOrEqualTo(3L * 3 * 4 * length);
        assertThat(four).isLessThanOrEqualTo(4 * once + once / 4 + 1000);
    }

    static Stream<String> patterns() {
        return GgufPatterns.names().stream().sorted();
    }

    /** An expression that reads a char hundreds of times is stopped by its budget: none is. */
    @ParameterizedTest
    @MethodSource("patterns")
    void everyPattern_readsInProportion(String name) {
        List<String> expressions = GgufPatterns.find(name).expressions();
        List<String> units = new ArrayList<>(UNITS);
        units.addAll(List.of(" a", "a ", "  \n", "12 ", "A", "aA", ".", " .", "/", "\r", "<sentinel:", "IMGIMGA"));
        for (String unit : units) {
            char[] text = text(unit, 60_000).toCharArray();
            for (String expression : expressions) {
                IntList matches = new IntList(64);
                TextPattern.regex(name, expression).find(text, 0, text.length, matches);
                assertThat(matches.size()).as("%s on %s", expression, unit).isLessThanOrEqualTo(2 * text.length + 2);
            }
        }
    }
}
