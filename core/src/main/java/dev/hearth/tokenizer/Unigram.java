package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * SentencePiece's unigram language model: of all ways to cut a piece into tokens, that with the highest sum of scores, found
 * by Viterbi's algorithm. Kudo 2018, arXiv:1804.10959.
 *
 * @param tokens what may be cut out, by text
 * @param scores by id
 * @param unknown what stands for a character that no token covers
 * @param ofByte byte tokens that stand for such a character instead; none without byte fallback
 * @param custom whose implementation to follow where they differ
 */
record Unigram(
        Vocabulary vocabulary,
        PrefixTree tokens,
        Scores scores,
        OptionalInt unknown,
        ByteIds ofByte,
        Custom custom,
        PieceCache cache)
        implements Model {
    /** Longer tokens are refused: the time to encode grows with the length of the longest. */
    static final int MAX_LENGTH = 512;

    /** How much lower than the lowest score that of an unknown character is. */
    static final double UNKNOWN_PENALTY = 10;

    /** Implementations differ in details. */
    enum Custom {
        /** Hugging Face's: sums in doubles; a run of unknown characters that spells a token is that token. */
        TOKENIZERS,
        /** llama.cpp's: sums in doubles. */
        GGML,
        /** SentencePiece's own: sums in floats; byte fallback goes character by character. */
        SENTENCE_PIECE
    }

    /** The scores of tokens, by id. */
    static final class Scores {
        private final double[] values;
        private final double ofUnknown;

        /** @param lowest the lowest score of a token that counts */
        Scores(double[] values, double lowest) {
            this.values = values;
            this.ofUnknown = lowest - UNKNOWN_PENALTY;
        }

        double of(int id) {
            return values[id];
        }

        double ofUnknown() {
            return ofUnknown;
        }
    }

    @Override
    public Encoder encoder() {
        return new UnigramEncoder(this);
    }

    @Override
    public Unigram withholding(BitSet ids) {
        return new Unigram(vocabulary, tokens.without(ids), scores, unknown, ofByte, custom, new PieceCache());
    }
}
