package dev.hearth.chat.jinja;

/**
 * What one rendering may spend. A template comes from a stranger: each bound ends it with a {@link Failure}. Steps bound the
 * time, units (a character each, a list element {@link #ELEMENT_UNITS}) the memory that was ever asked for, depth the stack.
 */
final class Budget {
    /** Longest single string in UTF-16 units, the output among them, for an input of moderate size. */
    static final int MAX_CHARS = 16 << 20;
    /** What an element of a list or dict weighs beside a character. */
    static final int ELEMENT_UNITS = 32;
    /** Nested evaluations; CPython ends a recursing macro at about as many. */
    static final int MAX_DEPTH = 1000;
    /** Longest integer in bits; CPython refuses to print one of more than 4300 digits, 14284 bits. */
    static final int MAX_BITS = 1 << 16;

    private static final long BASE_STEPS = 10_000_000;
    private static final long STEPS_PER_INPUT_VALUE = 2_000;
    private static final long MAX_STEPS = 500_000_000;
    private static final long BASE_UNITS = 64L << 20;
    private static final long UNITS_PER_INPUT_CHAR = 128;
    private static final long MAX_UNITS = 1L << 30;

    private final int maxChars;
    private long steps;
    private long units;
    private int depth;

    /** A budget for an input of this many JSON values and characters of text. */
    Budget(long inputValues, long inputChars) {
        steps = Math.min(MAX_STEPS, BASE_STEPS + STEPS_PER_INPUT_VALUE * Math.min(inputValues, 1 << 24));
        units = Math.min(MAX_UNITS, BASE_UNITS + UNITS_PER_INPUT_CHAR * Math.min(inputChars, 1 << 28));
        maxChars = (int) Math.min(MAX_UNITS, MAX_CHARS + 4 * Math.min(inputChars, 1 << 28));
    }

    /** One step. */
    void step() {
        if (--steps < 0) {
            throw new Failure("the template takes too many steps");
        }
    }

    /** Work on {@code chars} characters at once. */
    void scan(long chars) {
        steps -= 1 + (chars >> 5);
        if (steps < 0) {
            throw new Failure("the template takes too many steps");
        }
    }

    /** Work on integers of so many bits each, that of a long multiplication. */
    void multiply(long bits, long otherBits) {
        steps -= ((bits >> 5) * (otherBits >> 5)) >> 5;
        step();
    }

    /** Pays for characters that are about to be written. */
    void chars(long count) {
        scan(count);
        units -= count;
        if (units < 0 || count > maxChars) {
            throw new Failure("the template makes more text than the bound of " + maxChars + " characters allows");
        }
    }

    /** Checks the size of one string that is still growing. */
    void length(long chars) {
        if (chars > maxChars) {
            throw new Failure("the template makes a text of more than " + maxChars + " characters");
        }
    }

    /** Pays for list or dict elements that are about to be made. */
    void elements(long count) {
        steps -= count;
        if (steps < 0 || count > (1 << 24)) {
            throw new Failure("the template makes a list of " + count + " elements, which is past the bound");
        }
        chars(count * ELEMENT_UNITS);
    }

    /** One level deeper; every call is paired with {@link #leave} unless the rendering ends. */
    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new Failure("maximum recursion depth exceeded");
        }
    }

    void leave() {
        depth--;
    }

    int depth() {
        return depth;
    }

    /** Back to an earlier depth, after a failure that was caught. */
    void returnTo(int earlier) {
        depth = earlier;
    }
}
