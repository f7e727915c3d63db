package dev.hearth.tokenizer;

import dev.hearth.tokenizer.AddedToken.Trait;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The added tokens of a tokenizer: where they stand in a text. Immutable, thread-safe. */
final class AddedTokens {
    private final Map<Integer, AddedToken> byId;
    private final Map<String, Integer> ids;
    /** How a token is spelled in normalised text; also how it is decoded. */
    private final Map<Integer, String> normalized;

    private final TokenTrie plain;
    private final TokenTrie inNormalized;
    private final BitSet control;

    AddedTokens(List<AddedToken> tokens, Optional<Normalizer> normalizer) {
        byId = new HashMap<>();
        ids = new HashMap<>();
        normalized = new HashMap<>();
        plain = new TokenTrie();
        inNormalized = new TokenTrie();
        control = new BitSet();
        for (AddedToken token : tokens) {
            byId.put(token.id(), token);
            ids.put(token.content(), token.id());
            control.set(token.id(), token.is(Trait.SPECIAL));
        }
        for (AddedToken token : byId.values()) {
            if (token.is(Trait.NORMALIZED)) {
                String spelled = normalizer
                        .map(n -> n.apply(NormalizedText.of(token.content())).text)
                        .orElse(token.content());
                normalized.put(token.id(), spelled);
                inNormalized.put(spelled, token.id());
            } else {
                plain.put(token.content(), token.id());
            }
        }
    }

    private AddedTokens(AddedTokens other, BitSet control) {
        byId = other.byId;
        ids = other.ids;
        normalized = other.normalized;
        plain = other.plain;
        inNormalized = other.inNormalized;
        this.control = control;
    }

    /** These, with those that occur in a chat template as control tokens too. */
    AddedTokens withControlTokensIn(String template) {
        BitSet more = (BitSet) control.clone();
        for (AddedToken token : byId.values()) {
            if (template.contains(token.content()) && !token.content().isBlank()) {
                more.set(token.id());
            }
        }
        return new AddedTokens(this, more);
    }

    Collection<AddedToken> all() {
        return byId.values();
    }

    BitSet control() {
        return (BitSet) control.clone();
    }

    @Nullable
    AddedToken get(int id) {
        return byId.get(id);
    }

    @Nullable
    Integer find(String content) {
        return ids.get(content);
    }

    Map<String, Integer> ids() {
        return ids;
    }

    /** How the token is spelled for the decoder, or null if it isn't one of these. */
    @Nullable
    String spelled(int id) {
        AddedToken token = byId.get(id);
        return token == null ? null : normalized.getOrDefault(id, token.content());
    }

    /** Whether decoding may leave the token out: it is special, and normalising leaves it as it is. */
    boolean isSkipped(int id) {
        AddedToken token = byId.get(id);
        return token != null && token.is(Trait.SPECIAL) && token.content().equals(spelled(id));
    }

    /** Whether control tokens can be found only after normalisation. */
    boolean findsControlInNormalized() {
        return byId.values().stream().anyMatch(t -> t.is(Trait.NORMALIZED) && control.get(t.id()));
    }

    /** Where a text is cut. */
    interface Parts {
        /** Text between tokens; not empty. */
        void text(int start, int end);

        /** A token. */
        void token(int id);
    }

    /** What may not be found where. */
    interface Literal {
        boolean overlaps(int start, int end);
    }

    /** Finds the tokens of a text before normalisation. */
    void cut(String text, Literal literal, Parts parts) {
        cut(plain, text, literal, parts);
    }

    /** Finds the tokens of a text after normalisation. */
    void cutNormalized(String text, Literal literal, Parts parts) {
        cut(inNormalized, text, literal, parts);
    }

    private void cut(TokenTrie trie, String text, Literal literal, Parts parts) {
        int done = 0;
        int at = trie.isEmpty() ? text.length() : trie.candidate(text, 0);
        while (at < text.length()) {
            long found = trie.longest(text, at, (id, start, end) -> !(control.get(id) && literal.overlaps(start, end)));
            if (found < 0) {
                at = trie.candidate(text, at + 1);
                continue;
            }
            int end = (int) found;
            AddedToken token = byId.get((int) (found >>> 32));
            if (token != null && (!token.is(Trait.SINGLE_WORD) || standsAlone(text, at, end))) {
                int start = token.is(Trait.LEFT_STRIP) ? spaceBefore(text, done, at) : at;
                int stop = token.is(Trait.RIGHT_STRIP) ? spaceAfter(text, end) : end;
                if (done < start) {
                    parts.text(done, start);
                }
                parts.token(token.id());
                done = stop;
            }
            at = trie.candidate(text, end);
        }
        if (done < text.length()) {
            parts.text(done, text.length());
        }
    }

    private static boolean standsAlone(String text, int start, int end) {
        return (start == 0 || !CharClass.isWord(text.codePointBefore(start)))
                && (end == text.length() || !CharClass.isWord(text.codePointAt(end)));
    }

    private static int spaceBefore(String text, int done, int at) {
        int start = at;
        while (start > done && CharClass.isSpace(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private static int spaceAfter(String text, int end) {
        int stop = end;
        while (stop < text.length() && CharClass.isSpace(text.charAt(stop))) {
            stop++;
        }
        return stop;
    }
}
