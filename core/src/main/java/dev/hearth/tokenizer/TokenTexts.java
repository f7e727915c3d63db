package dev.hearth.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * How each id is spelled for the decoder; and where tokens spell bytes, the text of those whose bytes are text by themselves, which
 * most are. Such a text is found when first asked for; threads share it without locks, for it doesn't matter if two find it.
 */
final class TokenTexts {
    private final @Nullable String[] spelled;
    private final BitSet skipped;
    private final @Nullable String[] texts;
    private final boolean[] broken;
    private final Decoder.Bytes.@Nullable Spelling spelling;

    TokenTexts(Vocabulary vocabulary, AddedTokens added, Decoder decoder) {
        int size = vocabulary.size();
        for (int id : added.ids().values()) {
            size = Math.max(size, id + 1);
        }
        spelled = new @Nullable String[size];
        skipped = new BitSet();
        for (int id = 0; id < size; id++) {
            String token = added.spelled(id);
            spelled[id] = token != null ? token : vocabulary.tokenOf(id);
            skipped.set(id, added.isSkipped(id));
        }
        spelling = decoder instanceof Decoder.Bytes(var of) ? of : null;
        texts = new @Nullable String[spelling == null ? 0 : size];
        broken = new boolean[texts.length];
    }

    /** One more than the greatest id that a token has. */
    int size() {
        return spelled.length;
    }

    /** Null for an id that no token has. */
    @Nullable
    String spelled(int id) {
        return id >= 0 && id < spelled.length ? spelled[id] : null;
    }

    /** Whether decoding without special tokens leaves the token out. */
    boolean isSkipped(int id) {
        return id >= 0 && skipped.get(id);
    }

    /** The text that the token's bytes are, or null if they are none, or if tokens don't spell bytes. */
    @Nullable
    String text(int id) {
        if (id < 0 || id >= texts.length) {
            return null;
        }
        String text = texts[id];
        return text != null || broken[id] ? text : find(id);
    }

    private @Nullable String find(int id) {
        String token = spelled[id];
        if (token == null || spelling == null) {
            return null;
        }
        try {
            texts[id] = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(spelling.bytesOf(token)))
                    .toString();
        } catch (CharacterCodingException e) { // part of a character, no failure
            broken[id] = true;
        }
        return texts[id];
    }
}
