package dev.hearth.tokenizer;

import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The pieces of a SentencePiece vocabulary, which GGUF files have too, by id.
 *
 * @param place where they stand, for messages
 * @param types as in {@code token_type}: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 a byte
 */
record ScoredPieces(String place, List<String> tokens, Scores scores, IntUnaryOperator types) {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    /** The score of each piece. */
    interface Scores {
        float of(int id);
    }

    int size() {
        return tokens.size();
    }

    String token(int id) {
        return tokens.get(id);
    }

    int type(int id) {
        return types.applyAsInt(id);
    }

    /** Whether the piece stands for its text. */
    boolean isText(int id) {
        int type = type(id);
        return type != CONTROL && type != UNKNOWN && type != BYTE && !token(id).isEmpty();
    }
}
