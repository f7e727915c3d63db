package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Reads a {@code model} of type {@code Unigram}: {@code "vocab": [["▁the", -3.2], …]}. */
final class UnigramJson {
    private UnigramJson() {}

    static Unigram read(Fields model) {
        List<Json> entries = model.array("vocab")
                .orElseThrow(() -> new ModelFormatException(model.at("vocab"), "expected tokens, found nothing"));
        if (entries.size() > Vocabulary.MAX_ID) {
            throw new ModelFormatException(
                    model.at("vocab"), "expected up to " + Vocabulary.MAX_ID + " tokens, found " + entries.size());
        }
        Map<String, Integer> ids = HashMap.newHashMap(entries.size());
        double[] scores = new double[entries.size()];
        String[] tokens = new String[entries.size()];
        double lowest = Double.POSITIVE_INFINITY;
        for (int id = 0; id < scores.length; id++) {
            String place = model.at("vocab") + "[" + id + "]";
            tokens[id] = token(place, entries.get(id));
            scores[id] = score(place, entries.get(id));
            ids.put(tokens[id], id);
            lowest = Math.min(lowest, scores[id]);
        }
        OptionalInt unknown = model.integer("unk_id");
        if (unknown.isPresent() && (unknown.getAsInt() < 0 || unknown.getAsInt() >= scores.length)) {
            throw new ModelFormatException(
                    model.at("unk_id"), "expected an id below " + scores.length + ", found " + unknown.getAsInt());
        }
        Vocabulary vocabulary = Vocabulary.of(model.at("vocab"), List.of(tokens));
        return new Unigram(
                vocabulary,
                PrefixTree.of(ids),
                new Unigram.Scores(scores, lowest),
                unknown,
                model.flag("byte_fallback", false) ? ByteIds.fallback(vocabulary) : ByteIds.NONE,
                Unigram.Custom.TOKENIZERS,
                new PieceCache());
    }

    private static String token(String place, Json entry) {
        if (entry instanceof Json.Arr(var pair) && pair.size() == 2 && pair.get(0) instanceof Json.Str(var token)) {
            if (token.length() > Unigram.MAX_LENGTH) {
                throw new ModelFormatException(
                        place, "expected up to " + Unigram.MAX_LENGTH + " chars, found " + token.length());
            }
            return token;
        }
        throw new ModelFormatException(place, "expected a token and its score, found " + entry.kind());
    }

    private static double score(String place, Json entry) {
        Json score = ((Json.Arr) entry).elements().get(1);
        return switch (score) {
            case Json.Int whole -> whole.value();
            case Json.Real real -> asReference(real.value());
            default -> throw new ModelFormatException(place, "expected a score, found " + score.kind());
        };
    }

    /**
     * A number as serde_json in Rust reads it: its digits as a whole number, divided by a power of ten. With 16 digits or more the
     * last bit may be another one, and such bits decide between cuts that are equally good.
     */
    private static double asReference(double exact) {
        if (exact == 0 || !Double.isFinite(exact)) {
            return exact;
        }
        BigDecimal decimal = new BigDecimal(Double.toString(exact)).stripTrailingZeros();
        double digits = decimal.unscaledValue().longValue();
        double power = Double.parseDouble("1e" + Math.abs(decimal.scale()));
        return decimal.scale() > 0 ? digits / power : digits * power;
    }
}
