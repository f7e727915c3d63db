package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The tokens of a model, as the file spells them, and their ids. Immutable, thread-safe. */
final class Vocabulary {
    /** No model comes near it; it bounds what a file with one absurd id can make us allocate. */
    static final int MAX_ID = (1 << 22) - 1;

    private final Map<String, Integer> ids;
    private final @Nullable String[] tokens;

    private Vocabulary(Map<String, Integer> ids, @Nullable String[] tokens) {
        this.ids = ids;
        this.tokens = tokens;
    }

    /** @throws ModelFormatException if an id is negative or absurdly large */
    static Vocabulary of(String place, Map<String, Integer> ids) {
        int size = 0;
        for (var entry : ids.entrySet()) {
            int id = checked(place + "." + entry.getKey(), entry.getValue());
            size = Math.max(size, id + 1);
        }
        @Nullable String[] tokens = new @Nullable String[size];
        ids.forEach((token, id) -> tokens[id] = token);
        return new Vocabulary(ids, tokens);
    }

    /** Tokens by id. Of equal tokens the last counts when text is encoded, as in llama.cpp. */
    static Vocabulary of(String place, List<String> tokens) {
        if (tokens.size() > MAX_ID) {
            throw new ModelFormatException(place, "expected up to " + MAX_ID + " tokens, found " + tokens.size());
        }
        Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        return new Vocabulary(ids, tokens.toArray(new @Nullable String[0]));
    }

    static int checked(String place, long id) {
        if (id < 0 || id > MAX_ID) {
            throw new ModelFormatException(place, "expected an id from 0 to " + MAX_ID + ", found " + id);
        }
        return (int) id;
    }

    /** The id of a token, or -1. */
    int find(String token) {
        Integer id = ids.get(token);
        return id == null ? -1 : id;
    }

    OptionalInt idOf(String token) {
        int id = find(token);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Nullable
    String tokenOf(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    /** How many tokens there are; ids may have gaps. */
    int count() {
        return ids.size();
    }

    /** One more than the greatest id. */
    int size() {
        return tokens.length;
    }

    Map<String, Integer> ids() {
        return ids;
    }
}
