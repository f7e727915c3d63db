package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.SentencePieceSpaces.Dummy;
import dev.hearth.tokenizer.SentencePieceSpaces.Extra;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A SentencePiece model file: {@code ModelProto} in sentencepiece_model.proto.
 *
 * @param pieces by id
 * @param algorithm how text is cut
 * @param bytes whether unknown characters become bytes
 * @param charsmap what characters become
 * @param spaces what is done about spaces
 * @param ids of the pieces with a meaning
 */
record SentencePieceFile(
        ScoredPieces pieces, Algorithm algorithm, Bytes bytes, Charsmap charsmap, SentencePieceSpaces spaces, Ids ids) {
    /** How text is cut. */
    enum Algorithm {
        /** The most likely tokens. */
        UNIGRAM,
        /** Merges. */
        BPE
    }

    /** What unknown characters become. */
    enum Bytes {
        /** The unknown piece. */
        NONE,
        /** Byte pieces. */
        FALLBACK
    }

    /** The pieces with a meaning. */
    record Ids(OptionalInt unknown, OptionalInt bos, OptionalInt eos) {}

    /** @throws ModelFormatException if it is broken, or of an algorithm that isn't known */
    static SentencePieceFile read(String place, byte[] file) {
        Parts parts = new Parts(place);
        parts.model(new ProtobufReader(place, file));
        return parts.file();
    }

    /** What has been read so far. */
    private static final class Parts {
        private final String place;
        private final List<String> tokens = new ArrayList<>();
        private final List<Float> scores = new ArrayList<>();
        private final IntList types = new IntList(1024);
        private byte[] charsmap = {};
        private long algorithm = 1;
        private Bytes bytes = Bytes.NONE;
        private long unknown = 0;
        private long bos = 1;
        private long eos = 2;
        private boolean dummy = true;
        private boolean asSuffix;
        private Extra extra = Extra.REMOVED;
        private char space = '▁';

        Parts(String place) {
            this.place = place;
        }

        void model(ProtobufReader in) {
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> piece(in.message());
                    case 2 -> trainer(in.message());
                    case 3 -> normalizer(in.message());
                    default -> in.skip();
                }
            }
        }

        private void piece(ProtobufReader in) {
            String token = "";
            float score = 0;
            long type = ScoredPieces.NORMAL;
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> token = in.string();
                    case 2 -> score = in.single();
                    case 3 -> type = in.integer();
                    default -> in.skip();
                }
            }
            Vocabulary.checked(place, tokens.size());
            if (token.length() > Unigram.MAX_LENGTH || type < ScoredPieces.NORMAL || type > ScoredPieces.BYTE) {
                throw new ModelFormatException(
                        place + ".pieces[" + tokens.size() + "]",
                        "expected up to " + Unigram.MAX_LENGTH + " chars and a type from 1 to 6, found "
                                + token.length() + " chars and type " + type);
            }
            tokens.add(token);
            scores.add(Float.isNaN(score) ? 0 : score);
            types.add((int) type);
        }

        private void trainer(ProtobufReader in) {
            while (in.next()) {
                switch (in.field()) {
                    case 3 -> algorithm = in.integer();
                    case 24 -> asSuffix = in.flag();
                    case 35 -> bytes = in.flag() ? Bytes.FALLBACK : Bytes.NONE;
                    case 40 -> unknown = (int) in.integer();
                    case 41 -> bos = (int) in.integer();
                    case 42 -> eos = (int) in.integer();
                    default -> in.skip();
                }
            }
        }

        private void normalizer(ProtobufReader in) {
            while (in.next()) {
                switch (in.field()) {
                    case 2 -> charsmap = in.bytes();
                    case 3 -> dummy = in.flag();
                    case 4 -> extra = in.flag() ? Extra.REMOVED : Extra.KEPT;
                    case 5 -> space = in.flag() ? '▁' : ' ';
                    default -> in.skip();
                }
            }
        }

        SentencePieceFile file() {
            if (tokens.isEmpty() || algorithm < 1 || algorithm > 2) {
                throw new ModelFormatException(
                        place,
                        "expected pieces and the algorithm 1 (unigram) or 2 (BPE), found " + tokens.size()
                                + " pieces and " + algorithm);
            }
            Dummy where = !dummy ? Dummy.NONE : asSuffix ? Dummy.SUFFIX : Dummy.PREFIX;
            return new SentencePieceFile(
                    new ScoredPieces(place, List.copyOf(tokens), scores::get, types::get),
                    algorithm == 1 ? Algorithm.UNIGRAM : Algorithm.BPE,
                    bytes,
                    Charsmap.read(place + ".precompiled_charsmap", charsmap),
                    new SentencePieceSpaces(where, extra, space),
                    new Ids(id(unknown), id(bos), id(eos)));
        }

        /** -1 says that there is none. */
        private OptionalInt id(long id) {
            return id >= 0 && id < tokens.size() ? OptionalInt.of((int) id) : OptionalInt.empty();
        }
    }
}
