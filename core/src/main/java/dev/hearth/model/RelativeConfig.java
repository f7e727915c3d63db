package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a model says about attention by content and distance, in the words of DeBERTa's config.json; kept as settings. */
public final class RelativeConfig {
    private static final String KEYS = "relative_keys";
    private static final String QUERIES = "relative_queries";
    private static final String SHARED = "share_att_key";
    private static final String BUCKETS = "position_buckets";
    private static final String FURTHEST = "max_relative_positions";
    private static final String NORMED = "norm_rel_ebd";
    private static final int LARGEST = 1 << 24; // beyond any model; keeps tables and sums within an int

    private RelativeConfig() {}

    /** Reads the keys, and the factor of scores, which counts what they are sums of. */
    public static void configure(ModelConfigBuilder c, Fields file) {
        List<String> kinds = words(file, "pos_att_type", "c2p", "p2c");
        int terms = 1 + (kinds.contains("c2p") ? 1 : 0) + (kinds.contains("p2c") ? 1 : 0);
        c.attentionScale(1 / Math.sqrt((double) c.headDim() * terms));
        if (!file.flag("relative_attention", false)) {
            return;
        }
        int furthest = file.integer(FURTHEST).orElse(-1);
        c.setting(KEYS, kinds.contains("c2p") ? 1 : 0)
                .setting(QUERIES, kinds.contains("p2c") ? 1 : 0)
                .setting(SHARED, file.flag(SHARED, false) ? 1 : 0)
                .setting(NORMED, words(file, NORMED, "layer_norm", "none").contains("layer_norm") ? 1 : 0)
                .setting(BUCKETS, Math.max(0, file.integer(BUCKETS).orElse(-1)))
                .setting(FURTHEST, furthest < 1 ? c.contextLength() : furthest);
        checkBuckets(c, file, furthest < 1 ? c.contextLength() : furthest);
    }

    /** Distances share buckets by the logarithm of (furthest - 1) / (buckets / 2), which may not be 0. */
    private static void checkBuckets(ModelConfigBuilder c, Fields file, int furthest) {
        int buckets = file.integer(BUCKETS).orElse(-1);
        if (furthest > LARGEST) {
            throw new ModelFormatException(
                    file.at(FURTHEST), "expected at most " + LARGEST + ", found up to " + furthest);
        }
        if (c.contextLength() > LARGEST) {
            throw new ModelFormatException(
                    file.at("max_position_embeddings"), "expected at most " + LARGEST + ", found " + c.contextLength());
        }
        boolean shared = buckets > 0 && c.contextLength() > buckets / 2 + 1;
        if (buckets > LARGEST || shared && (buckets < 2 || furthest == buckets / 2 + 1)) {
            throw new ModelFormatException(
                    file.at(BUCKETS),
                    "expected at least 2 and at most " + LARGEST + ", and half of them and 1 more not to be the "
                            + furthest + " distances, found " + buckets);
        }
    }

    /** Words in an array, or in a string with bars between them. */
    private static List<String> words(Fields file, String key, String... known) {
        Optional<Json> value = file.get(key);
        List<String> words = value.isPresent() && value.get() instanceof Json.Str text
                ? Arrays.stream(text.value().split("\\|", -1))
                        .map(String::strip)
                        .filter(w -> !w.isEmpty())
                        .toList()
                : file.strings(key).orElse(List.of());
        for (String word : words) {
            if (!List.of(known).contains(word)) {
                throw new ModelFormatException(
                        file.at(key), "expected " + String.join(" or ", known) + ", found " + word);
            }
        }
        return words;
    }

    /** Whether scores have a term of keys of distances. */
    static boolean hasKeys(ModelConfig c) {
        return c.flag(KEYS);
    }

    /** Whether scores have a term of queries of distances. */
    static boolean hasQueries(ModelConfig c) {
        return c.flag(QUERIES);
    }

    /** Whether the vectors of distances go through the products that tokens go through. */
    static boolean sharesProducts(ModelConfig c) {
        return c.flag(SHARED);
    }

    /** Whether the vectors of distances are normed. */
    static boolean normsVectors(ModelConfig c) {
        return c.flag(NORMED);
    }

    /** Which distances have which vector. */
    static DistanceBuckets buckets(ModelConfig c) {
        return new DistanceBuckets((int) c.setting(BUCKETS), c.size(FURTHEST));
    }
}
