package dev.hearth.state;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where what is in a {@link LowerStore} lies. It is filled from front to back, and again over what is oldest. One thread. */
final class LowerPieces {
    /** What a piece holds. */
    enum Kind {
        /** The pages of all groups that grow, of one node of the tree of prefixes. */
        PAGES,
        /** The states of fixed size after it. */
        STATE
    }

    /** Names a piece. */
    record Name(PrefixDigest digest, Kind kind) {}

    /** A piece. */
    static final class Piece {
        final Name name;
        final String key;
        final long offset;
        final long bytes;
        int checkSum;
        boolean written;

        private Piece(Name name, String key, long offset, long bytes) {
            this.name = name;
            this.key = key;
            this.offset = offset;
            this.bytes = bytes;
        }
    }

    private final long capacity;
    private final Map<Name, Piece> pieces = new HashMap<>();
    private final ArrayDeque<Piece> oldest = new ArrayDeque<>();
    private long head; // where the next piece goes
    private long held;

    LowerPieces(long capacity) {
        this.capacity = capacity;
    }

    /** Makes room for a piece, which isn't written yet; null if it could never fit. */
    @Nullable
    Piece add(Name name, String key, long bytes) {
        if (bytes > capacity) {
            return null;
        }
        if (bytes > capacity - head) {
            letGo(capacity);
            head = 0;
        }
        letGo(head + bytes);
        Piece piece = new Piece(name, key, head, bytes);
        head += bytes;
        oldest.add(piece);
        pieces.put(name, piece);
        held += bytes;
        return piece;
    }

    /** Lets go of what begins between the head and {@code end}: what was written before the head came by last. */
    private void letGo(long end) {
        while (!oldest.isEmpty() && oldest.element().offset >= head && oldest.element().offset < end) {
            remove(oldest.remove());
        }
    }

    /** Forgets a piece, unless it is forgotten already. */
    void remove(Piece piece) {
        if (pieces.remove(piece.name, piece)) {
            held -= piece.bytes;
        }
    }

    /** Whether a piece of that name is here, or on its way. */
    boolean has(Name name) {
        return pieces.containsKey(name);
    }

    /** The piece of that name if it can be read; null if it can't. */
    @Nullable
    Piece find(PrefixDigest digest, Kind kind) {
        Piece piece = pieces.get(new Name(digest, kind));
        return piece != null && piece.written ? piece : null;
    }

    /** Whether a piece is still here. */
    boolean holds(Piece piece) {
        return pieces.get(piece.name) == piece;
    }

    /** Forgets what a key has. */
    void drop(String key) {
        pieces.values().stream().filter(p -> p.key.equals(key)).toList().forEach(this::remove);
    }

    /** Forgets everything. */
    void clear() {
        pieces.clear();
        held = 0;
    }

    /** Bytes of all pieces. */
    long heldBytes() {
        return held;
    }
}
