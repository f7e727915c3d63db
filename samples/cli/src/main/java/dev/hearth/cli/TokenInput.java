package dev.hearth.cli;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Token ids as a person writes them: {@code 1,2,3}. */
final class TokenInput {
    private TokenInput() {}

    /** Parses ids. @throws IllegalArgumentException naming the entry that is none */
    static int[] ids(String option, String text) {
        String[] entries = text.isBlank() ? new String[0] : text.split("[,\\s]+");
        return Arrays.stream(entries).mapToInt(entry -> id(option, entry)).toArray();
    }

    private static int id(String option, String entry) {
        try {
            return Integer.parseInt(entry);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + ": expected ids such as 1,2,3, found " + entry, e);
        }
    }

    /** Checks that exactly one of two options is given. */
    static void oneOf(String first, @Nullable Object a, String second, @Nullable Object b) {
        if ((a == null) == (b == null)) {
            throw new IllegalArgumentException(
                    "expected either " + first + " or " + second + ", found " + (a == null ? "neither" : "both"));
        }
    }
}
