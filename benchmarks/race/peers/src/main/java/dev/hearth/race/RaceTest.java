package dev.hearth.race;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is timed: a prompt, or tokens one by one.
 *
 * @param tokenCount of each sequence
 * @param depth tokens that each sequence holds before
 */
record RaceTest(boolean prompt, int tokenCount, int sequenceCount, int depth) {
    private static final Pattern NAME = Pattern.compile("(pp|tg)(\\d+)(?:@(\\d+))?(?:@d(\\d+))?");

    /** The test of this name of {@code ./hearth bench}: pp512, tg128@4, tg64@d8192. */
    static RaceTest named(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException("test: expected a name such as pp512 or tg64@d8192, found " + name);
        }
        return new RaceTest(
                parts.group(1).equals("pp"),
                Integer.parseInt(parts.group(2)),
                parts.group(3) == null ? 1 : Integer.parseInt(parts.group(3)),
                parts.group(4) == null ? 0 : Integer.parseInt(parts.group(4)));
    }

    /** Token ids of a sequence from a position on, the same as in the other sides. */
    static int[] tokens(int first, int count, int vocabularySize) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            long mixed = (first + i + 1) * 0x9E3779B97F4A7C15L;
            tokens[i] = (int) ((mixed >>> 33) % vocabularySize);
        }
        return tokens;
    }
}
