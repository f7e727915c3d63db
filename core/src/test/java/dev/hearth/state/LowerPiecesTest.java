package dev.hearth.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.state.LowerPieces.Kind;
import dev.hearth.state.LowerPieces.Name;
import dev.hearth.state.LowerPieces.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LowerPiecesTest {
    @Property(tries = 200)
    void pieces_neverOverlapAndTheOldestGo(@ForAll long seed) {
        Random random = new Random(seed);
        int capacity = 50 + random.nextInt(200);
        LowerPieces pieces = new LowerPieces(capacity);
        List<Piece> held = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int bytes = 1 + random.nextInt(60);
            Piece piece = pieces.add(new Name(new PrefixDigest(i, 0, 0, 0), Kind.PAGES), "", bytes);
            assertThat(piece == null).isEqualTo(bytes > capacity);
            if (piece != null) {
                assertThat(piece.offset).isBetween(0L, (long) capacity - bytes);
                held.add(piece);
                held.removeIf(p -> !pieces.holds(p));
                assertThat(held).contains(piece);
                for (Piece other : held) {
                    assertThat(other == piece
                                    || other.offset + other.bytes <= piece.offset
                                    || piece.offset + piece.bytes <= other.offset)
                            .isTrue();
                }
                assertThat(pieces.heldBytes())
                        .isEqualTo(held.stream().mapToLong(p -> p.bytes).sum());
                if (random.nextInt(10) == 0) {
                    pieces.remove(Objects.requireNonNull(held.removeFirst()));
                }
            }
        }
        assertThat(pieces.heldBytes()).isLessThanOrEqualTo(capacity);
    }
}
