package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Kinds of tokenizers that one family has: {@code rwkv} and {@code plamo2}. */
final class GgufOthers {
    private GgufOthers() {}

    static GgufTokenizer.Kind world(GgufVocabulary file, Vocabulary vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < file.tokens().size(); id++) {
            String bytes = new String(ByteEscapes.bytesOf(file.tokens().get(id)), StandardCharsets.ISO_8859_1);
            GgufTokenizer.checkLength(id, bytes, Unigram.MAX_LENGTH);
            ids.put(bytes, id);
        }
        return new GgufTokenizer.Kind(
                Optional.empty(),
                new PreTokenizer.Sequence(List.of()),
                new LongestMatch(vocabulary, PrefixTree.of(ids), file.unknown()),
                new Decoder.Bytes(Decoder.Bytes.Spelling.ESCAPES),
                GgufTokenizer.layout(file, false, false));
    }

    static GgufTokenizer.Kind plamo(GgufVocabulary file, Vocabulary vocabulary) {
        ByteIds ofByte = ByteIds.fallback(vocabulary);
        if (ofByte.missing() >= 0) {
            throw new ModelFormatException(
                    "tokenizer.ggml.tokens", "expected a token for byte " + ofByte.missing() + ", found none");
        }
        Map<String, Integer> ids = new HashMap<>();
        int[] costs = new int[file.tokens().size()];
        for (int id = 0; id < costs.length; id++) {
            float score = file.scoreOf(id);
            costs[id] = Float.isFinite(score)
                    ? (int) Math.max(-CheapestCut.Costs.NEVER, Math.round(-score * 1e4))
                    : CheapestCut.Costs.NEVER;
            if (file.typeOf(id) != ScoredPieces.BYTE) {
                GgufTokenizer.checkLength(id, file.tokens().get(id), Unigram.MAX_LENGTH);
                ids.put(file.tokens().get(id), id);
            }
        }
        return new GgufTokenizer.Kind(
                Optional.empty(),
                new PreTokenizer.Sequence(List.of()),
                new CheapestCut(vocabulary, PrefixTree.of(ids), new CheapestCut.Costs(costs), ofByte),
                new Decoder.Sequence(List.of(new Decoder.ByteFallback(), new Decoder.Fuse())),
                GgufTokenizer.layout(file, false, false));
    }
}
