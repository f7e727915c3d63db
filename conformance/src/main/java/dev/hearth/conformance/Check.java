package dev.hearth.conformance;

/**
 * One thing that a backend must do.
 *
 * @param name operation and sizes
 * @param body throws an AssertionError that says what was expected and what was found
 */
public record Check(Operation operation, String name, Runnable body) {
    /** Tries it. @throws AssertionError if the backend fails */
    public void run() {
        body.run();
    }
}
