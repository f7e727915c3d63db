package dev.hearth.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is measured, by the names that llama.cpp's users know: {@code pp512} computes a prompt of 512 tokens, {@code tg128} appends 128
 * tokens one by one, {@code tg128@4} does so to four sequences at once, {@code tg128@d8192} behind 8192 tokens that are there.
 *
 * @param tokens of each sequence
 * @param depth tokens of each sequence that are computed before, untimed
 */
record Workload(Kind kind, int tokens, int sequences, int depth) {
    private static final Pattern NAME = Pattern.compile("(pp|tg)(\\d{1,7})(?:@(\\d{1,4}))?(?:@d(\\d{1,7}))?");

    /** Prompts, or tokens one by one. */
    enum Kind {
        PROMPT("pp"),
        DECODE("tg");

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }
    }

    /** @throws IllegalArgumentException if there is nothing to do */
    Workload {
        if (tokens < 1 || sequences < 1 || depth < 0) {
            throw new IllegalArgumentException(
                    "bench: expected tokens and sequences of at least 1 and a depth of at least 0," + " found " + tokens
                            + ", " + sequences + " and " + depth);
        }
    }

    /** The workload of this name. @throws IllegalArgumentException if it is none */
    static Workload named(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "bench: expected a test such as pp512, tg128, tg128@4 or tg128@d8192, found " + name);
        }
        return new Workload(
                parts.group(1).equals("pp") ? Kind.PROMPT : Kind.DECODE,
                Integer.parseInt(parts.group(2)),
                parts.group(3) == null ? 1 : Integer.parseInt(parts.group(3)),
                parts.group(4) == null ? 0 : Integer.parseInt(parts.group(4)));
    }

    String name() {
        return kind.prefix + tokens + (sequences > 1 ? "@" + sequences : "") + (depth > 0 ? "@d" + depth : "");
    }

    /** Positions that a sequence reaches. */
    int positions() {
        return depth + tokens;
    }
}
