package dev.hearth.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes ids as they come. What {@link #push} and {@link #finish} return, put together, is what decoding all ids at once gives.
 * Not thread-safe; any thread may use it, one at a time.
 */
public final class StreamingDecoder {
    private final TokenTexts texts;
    private final SpecialTokens special;
    private final DecodingStage.Collector collector;
    private final DecodingStage first;
    private final DecodingStage.@Nullable SpelledBytes bytes;
    private final Decoder decoder;
    private String known =
            ""; // the end of a text that went before, of which a stage still holds what comes of its tokens
    private boolean finished;

    /** What becomes of special tokens. */
    enum SpecialTokens {
        /** They are decoded as others. */
        KEPT,
        /** They add nothing. */
        SKIPPED
    }

    StreamingDecoder(TokenTexts texts, SpecialTokens special, Decoder decoder) {
        this.texts = texts;
        this.special = special;
        this.decoder = decoder;
        this.collector = new DecodingStage.Collector();
        this.first = decoder.start(collector);
        this.bytes = first instanceof DecodingStage.SpelledBytes stage ? stage : null;
    }

    /**
     * Takes ids whose text is known, a prompt's: {@link #push} and {@link #finish} return the text of all ids without that of these at
     * its beginning, with the space between both if there is one.
     *
     * @return the text of these ids alone
     */
    public String begin(int... ids) {
        StreamingDecoder alone = new StreamingDecoder(texts, special, decoder);
        for (int id : ids) {
            alone.add(id);
            add(id);
        }
        String text = alone.finish();
        known = text.substring(collector.take().length());
        return text;
    }

    /** What is new of a text. */
    private String fresh(String text) {
        if (known.isEmpty()) {
            return text;
        }
        int both = Arrays.mismatch(text.toCharArray(), known.toCharArray());
        if (both < 0) {
            both = text.length();
        }
        known = both == text.length() ? known.substring(both) : ""; // the rest has become another text
        return text.substring(both);
    }

    /**
     * Takes the next id.
     *
     * @return the text that is now certain, often empty: never half a character, never text that a later token would change
     * @throws IllegalStateException after {@link #finish}
     */
    public String push(int id) {
        add(id);
        return fresh(collector.take());
    }

    /**
     * Ends the text.
     *
     * @return what was held back; broken UTF-8 at the end as U+FFFD
     * @throws IllegalStateException if called twice
     */
    public String finish() {
        check();
        finished = true;
        first.finish();
        return fresh(collector.take());
    }

    void add(int id) {
        check();
        if (special == SpecialTokens.SKIPPED && texts.isSkipped(id)) {
            return;
        }
        String text = bytes == null ? null : texts.text(id);
        if (bytes != null && text != null) {
            bytes.complete(text);
            return;
        }
        String token = texts.spelled(id);
        if (token != null) {
            first.text(token);
            first.endToken();
        }
    }

    private void check() {
        if (finished) {
            throw new IllegalStateException("streaming decoder: expected to be used before finish(); make a new one");
        }
    }
}
