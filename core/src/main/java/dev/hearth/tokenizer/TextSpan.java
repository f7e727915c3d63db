package dev.hearth.tokenizer;

/**
 * A part of a text, half-open, in UTF-16 indices.
 *
 * @param start index of the first char
 * @param end index after the last char
 */
public record TextSpan(int start, int end) {
    /** @throws IllegalArgumentException if {@code start} is negative or after {@code end} */
    public TextSpan {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("text span: expected 0 <= start <= end, found " + start + " to " + end);
        }
    }
}
