package dev.hearth.tokenizer;

/** A text and the pieces that it has been cut into, in order. Not thread-safe. */
final class Pieces {
    final char[] text;
    /** Whether char 0 is the first of everything that is being encoded. */
    final boolean atStart;

    private final IntList bounds;

    private Pieces(char[] text, boolean atStart, int capacity) {
        this.text = text;
        this.atStart = atStart;
        this.bounds = new IntList(capacity);
    }

    /** A text as one piece. */
    static Pieces whole(char[] text, boolean atStart) {
        Pieces pieces = new Pieces(text, atStart, 2);
        pieces.add(0, text.length);
        return pieces;
    }

    /** The same text, with no piece yet. */
    Pieces cutAnew() {
        return new Pieces(text, atStart, Math.max(16, bounds.size() + 16));
    }

    /** Another text, with no piece yet. */
    Pieces of(char[] other) {
        return new Pieces(other, atStart, bounds.size());
    }

    /** Adds a piece, unless it is empty. */
    void add(int start, int end) {
        if (start < end) {
            bounds.add(start);
            bounds.add(end);
        }
    }

    int count() {
        return bounds.size() / 2;
    }

    int start(int piece) {
        return bounds.get(2 * piece);
    }

    int end(int piece) {
        return bounds.get(2 * piece + 1);
    }
}
