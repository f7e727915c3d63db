package dev.hearth.tokenizer;

import dev.hearth.tokenizer.CharsmapNormalizer.Units;
import dev.hearth.tokenizer.SentencePieceSpaces.Dummy;
import dev.hearth.tokenizer.SentencePieceSpaces.Extra;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code t5}: SentencePiece's unigram model. */
final class GgufUnigram {
    private static final int USUAL_EOS = 1;
    private static final int USUAL_UNKNOWN = 2;

    private GgufUnigram() {}

    static GgufTokenizer.Kind read(GgufVocabulary file, Vocabulary vocabulary) {
        GgufVocabulary.Options options = file.options();
        Dummy dummy = options.addSpacePrefix().orElse(false) ? Dummy.PREFIX : Dummy.NONE;
        Extra extra = options.normalization().removeExtraSpaces().orElse(false) ? Extra.REMOVED : Extra.KEPT;
        Charsmap map = Charsmap.read(
                "tokenizer.ggml.precompiled_charsmap",
                bytes(options.normalization().charsmap()));
        GgufTokenizer.Layout layout = GgufTokenizer.layout(file, false, true);
        OptionalInt eos = OptionalInt.of(file.eos().orElse(USUAL_EOS));
        return new GgufTokenizer.Kind(
                Optional.of(new Normalizer.Sequence(List.of(
                        new CharsmapNormalizer(map, Units.LONGEST_PARTS), new SentencePieceSpaces(dummy, extra, '▁')))),
                new PreTokenizer.Sequence(List.of()),
                model(file, vocabulary),
                SentencePieceDecoder.of(dummy),
                new GgufTokenizer.Layout(
                        layout.bos(),
                        new GgufTokenizer.Flagged(eos, layout.end().added()),
                        layout.separator(),
                        0));
    }

    private static byte[] bytes(List<Byte> list) {
        byte[] bytes = new byte[list.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = list.get(i);
        }
        return bytes;
    }

    private static Unigram model(GgufVocabulary file, Vocabulary vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        double[] scores = new double[file.tokens().size()];
        double lowest = Float.MAX_VALUE;
        for (int id = 0; id < scores.length; id++) {
            int type = file.typeOf(id);
            String token = file.tokens().get(id);
            scores[id] = type == ScoredPieces.USER_DEFINED ? 0 : file.scoreOf(id);
            if (type == ScoredPieces.NORMAL) {
                lowest = Math.min(lowest, scores[id]);
            }
            if (type == ScoredPieces.NORMAL || type == ScoredPieces.USER_DEFINED || type == ScoredPieces.UNUSED) {
                GgufTokenizer.checkLength(id, token, Unigram.MAX_LENGTH);
                ids.put(token, id);
            }
        }
        return new Unigram(
                vocabulary,
                PrefixTree.of(ids),
                new Unigram.Scores(scores, lowest),
                OptionalInt.of(file.unknown().orElse(USUAL_UNKNOWN)),
                ByteIds.NONE,
                Unigram.Custom.GGML,
                new PieceCache());
    }
}
