package dev.hearth.sample;

/** Refuses settings outside their ranges, with the place, what was expected and what was found. */
final class ParamCheck {
    private ParamCheck() {}

    /** Throws {@link IllegalArgumentException} unless it holds. */
    static void check(boolean holds, String place, String expected, Number found) {
        if (!holds) {
            throw new IllegalArgumentException(place + ": expected " + expected + ", found " + found);
        }
    }
}
