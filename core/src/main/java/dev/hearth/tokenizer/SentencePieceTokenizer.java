package dev.hearth.tokenizer;

import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.CharsmapNormalizer.Units;
import dev.hearth.tokenizer.PostProcessor.IdList;
import dev.hearth.tokenizer.SentencePieceFile.Algorithm;
import dev.hearth.tokenizer.SentencePieceFile.Bytes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Puts a tokenizer together from a SentencePiece model and the {@code tokenizer_config.json} beside it. Text is cut as
 * SentencePiece itself does, around control pieces and added tokens.
 */
final class SentencePieceTokenizer {
    private SentencePieceTokenizer() {}

    /** Whose ids the model has. */
    private enum Order {
        /** The file's. */
        OWN,
        /** fairseq's. */
        FAIRSEQ
    }

    static Tokenizer read(SentencePieceFile file, TokenizerConfig config) {
        return config.tokenizerClass().startsWith("XLMRoberta")
                ? assemble(asFairseq(file), config, Order.FAIRSEQ)
                : assemble(file, config, Order.OWN);
    }

    private static Tokenizer assemble(SentencePieceFile file, TokenizerConfig config, Order order) {
        ScoredPieces pieces = file.pieces();
        Vocabulary vocabulary = Vocabulary.of(pieces.place(), pieces.tokens());
        AddedTokens added = new AddedTokens(addedTokens(pieces, config), Optional.empty());
        Model model = file.algorithm() == Algorithm.UNIGRAM
                ? unigram(file, vocabulary)
                : new ScoredMerges(pieces, vocabulary).model(file.ids().unknown());
        OptionalInt bos =
                config.special("bos_token", added, vocabulary, file.ids().bos());
        OptionalInt eos =
                config.special("eos_token", added, vocabulary, file.ids().eos());
        // A unigram model without a token that begins a text has one that ends it: T5.
        boolean fairseq = order == Order.FAIRSEQ;
        boolean addsEos = fairseq || (file.algorithm() == Algorithm.UNIGRAM && bos.isEmpty());
        var pipeline = new Pipeline(
                Optional.of(new Normalizer.Sequence(
                        List.of(new CharsmapNormalizer(file.charsmap(), Units.LONGEST_PARTS), file.spaces()))),
                new PreTokenizer.Sequence(List.of()),
                model.withholding(added.control()),
                PostProcessor.around(
                        ids(bos, config.flag("add_bos_token", true)),
                        ids(eos, fairseq),
                        ids(eos, config.flag("add_eos_token", addsEos)),
                        0),
                SentencePieceDecoder.of(file.spaces().dummy()));
        return new Tokenizer(pipeline, added, new SpecialIds(bos, eos));
    }

    private static IdList ids(OptionalInt id, boolean added) {
        return added && id.isPresent() ? IdList.of(id.getAsInt()) : IdList.of();
    }

    /** User-defined pieces are found once spaces are marks; control pieces in the text as it is. */
    private static List<AddedToken> addedTokens(ScoredPieces pieces, TokenizerConfig config) {
        Map<Integer, AddedToken> tokens = new HashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            int type = pieces.type(id);
            if (pieces.token(id).isEmpty()) {
                continue;
            }
            if (type == ScoredPieces.CONTROL || type == ScoredPieces.UNKNOWN) {
                tokens.put(id, new AddedToken(id, pieces.token(id), EnumSet.of(Trait.SPECIAL)));
            } else if (type == ScoredPieces.USER_DEFINED) {
                tokens.put(id, new AddedToken(id, pieces.token(id), EnumSet.of(Trait.NORMALIZED)));
            }
        }
        config.addedTokens().forEach(t -> tokens.put(t.id(), t));
        return new ArrayList<>(tokens.values());
    }

    private static Unigram unigram(SentencePieceFile file, Vocabulary vocabulary) {
        ScoredPieces pieces = file.pieces();
        Map<String, Integer> ids = new HashMap<>();
        double[] scores = new double[pieces.size()];
        double lowest = Float.MAX_VALUE;
        for (int id = 0; id < scores.length; id++) {
            scores[id] = pieces.scores().of(id);
            if (pieces.type(id) == ScoredPieces.NORMAL) {
                lowest = Math.min(lowest, scores[id]);
            }
            if (pieces.isText(id)) {
                ids.put(pieces.token(id), id);
            }
        }
        return new Unigram(
                vocabulary,
                PrefixTree.of(ids),
                new Unigram.Scores(scores, lowest),
                file.ids().unknown(),
                file.bytes() == Bytes.FALLBACK ? ByteIds.fallback(vocabulary) : ByteIds.NONE,
                Unigram.Custom.SENTENCE_PIECE,
                new PieceCache());
    }

    /** fairseq's order: four tokens of its own first, then the pieces after the file's first three, then the mask. */
    private static SentencePieceFile asFairseq(SentencePieceFile file) {
        List<String> tokens = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>"));
        int skipped = Math.min(3, file.pieces().size());
        tokens.addAll(file.pieces().tokens().subList(skipped, file.pieces().size()));
        tokens.add("<mask>");
        int last = tokens.size() - 1;
        int[] types = IntStream.rangeClosed(0, last)
                .map(id -> id == 3
                        ? ScoredPieces.UNKNOWN
                        : id < 4 || id == last
                                ? ScoredPieces.CONTROL
                                : file.pieces().type(id - 4 + skipped))
                .toArray();
        ScoredPieces pieces = new ScoredPieces(
                file.pieces().place(),
                List.copyOf(tokens),
                id -> id < 4 || id == last ? 0 : file.pieces().scores().of(id - 4 + skipped),
                id -> types[id]);
        var ids = new SentencePieceFile.Ids(OptionalInt.of(3), OptionalInt.of(0), OptionalInt.of(2));
        return new SentencePieceFile(pieces, file.algorithm(), file.bytes(), file.charsmap(), file.spaces(), ids);
    }
}
