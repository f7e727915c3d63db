package dev.hearth.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A step of decoding under way: tokens come in as fragments of text and ends. Not thread-safe. */
abstract sealed class DecodingStage {
    /** More text of the current token. */
    abstract void text(String fragment);

    /** The current token is complete. */
    abstract void endToken();

    /** No token follows. */
    abstract void finish();

    /** Collects the text: the last stage. */
    static final class Collector extends DecodingStage {
        private final StringBuilder out = new StringBuilder();

        @Override
        void text(String fragment) {
            out.append(fragment);
        }

        @Override
        void endToken() {}

        @Override
        void finish() {}

        /** What came since the last call. */
        String take() {
            String result = out.toString();
            out.setLength(0);
            return result;
        }
    }

    /** Waits for whole tokens. */
    abstract static sealed class Whole extends DecodingStage {
        final DecodingStage next;
        private @Nullable String only;
        private final StringBuilder several = new StringBuilder();

        Whole(DecodingStage next) {
            this.next = next;
        }

        @Override
        final void text(String fragment) {
            if (only == null && several.isEmpty()) {
                only = fragment; // the usual case: no copy
            } else {
                several.append(only == null ? "" : only).append(fragment);
                only = null;
            }
        }

        @Override
        final void endToken() {
            String token = only != null ? only : several.toString();
            only = null;
            several.setLength(0);
            token(token);
        }

        abstract void token(String token);
    }

    /** A function of a token and its index. */
    static final class EachToken extends Whole {
        private final Function function;
        private int index;

        /** The text of a token. */
        interface Function {
            String apply(int index, String token);
        }

        EachToken(DecodingStage next, Function function) {
            super(next);
            this.function = function;
        }

        @Override
        void token(String token) {
            next.text(function.apply(index, token));
            index = 1; // all that matters is whether it is the first
            next.endToken();
        }

        @Override
        void finish() {
            next.finish();
        }
    }

    /** A function of each token that isn't equal to that before it; nothing for what becomes empty. */
    static final class Deduplicated extends Whole {
        private final UnaryOperator<String> function;
        private @Nullable String previous;

        Deduplicated(DecodingStage next, UnaryOperator<String> function) {
            super(next);
            this.function = function;
        }

        @Override
        void token(String token) {
            if (token.equals(previous)) {
                return;
            }
            previous = token;
            String text = function.apply(token);
            if (!text.isEmpty()) {
                next.text(text);
                next.endToken();
            }
        }

        @Override
        void finish() {
            next.finish();
        }
    }

    /** A function for the last token, another for the others. */
    static final class LastTokenDiffers extends Whole {
        private final UnaryOperator<String> other;
        private final UnaryOperator<String> last;
        private @Nullable String held;

        LastTokenDiffers(DecodingStage next, UnaryOperator<String> other, UnaryOperator<String> last) {
            super(next);
            this.other = other;
            this.last = last;
        }

        @Override
        void token(String token) {
            release(other);
            held = token;
        }

        private void release(UnaryOperator<String> function) {
            if (held != null) {
                next.text(function.apply(held));
                next.endToken();
            }
        }

        @Override
        void finish() {
            release(last);
            next.finish();
        }
    }

    /** Makes one token of all. */
    static final class Fused extends DecodingStage {
        private final DecodingStage next;

        Fused(DecodingStage next) {
            this.next = next;
        }

        @Override
        void text(String fragment) {
            next.text(fragment);
        }

        @Override
        void endToken() {}

        @Override
        void finish() {
            next.endToken();
            next.finish();
        }
    }

    /** See {@link Decoder.Bytes}. Makes one token of all. */
    static final class SpelledBytes extends Whole {
        private final Utf8Reader reader = new Utf8Reader();
        private final StringBuilder out = new StringBuilder();

        private final Decoder.Bytes.Spelling spelling;

        SpelledBytes(DecodingStage next, Decoder.Bytes.Spelling spelling) {
            super(next);
            this.spelling = spelling;
        }

        @Override
        void token(String token) {
            for (byte b : spelling.bytesOf(token)) {
                reader.push(b, out);
            }
            flush();
        }

        /** In place of a token, its text: its bytes neither begin nor end within a character. */
        void complete(String text) {
            if (reader.isInside()) {
                reader.finish(out);
                flush();
            }
            next.text(text);
        }

        private void flush() {
            if (!out.isEmpty()) {
                next.text(out.toString());
                out.setLength(0);
            }
        }

        @Override
        void finish() {
            reader.finish(out);
            flush();
            next.endToken();
            next.finish();
        }
    }

    /** See {@link Decoder.ByteFallback}. A run of byte tokens waits for its end: a later byte can spoil all of it. */
    static final class ByteRuns extends Whole {
        private byte[] run = new byte[8];
        private int size;

        ByteRuns(DecodingStage next) {
            super(next);
        }

        /** The byte that a token stands for, or -1. */
        static int byteOf(String token) {
            if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
                return -1;
            }
            int high = hex(token.charAt(3));
            int low = hex(token.charAt(4));
            // As Rust parses numbers, a plus sign may lead.
            return token.charAt(3) == '+' ? low : high < 0 || low < 0 ? -1 : high << 4 | low;
        }

        private static int hex(char c) {
            return c < 128 ? Character.digit(c, 16) : -1;
        }

        @Override
        void token(String token) {
            int b = byteOf(token);
            if (b >= 0) {
                run = size == run.length ? Arrays.copyOf(run, 2 * size) : run;
                run[size++] = (byte) b;
                return;
            }
            release();
            next.text(token);
            next.endToken();
        }

        private void release() {
            if (size == 0) {
                return;
            }
            try {
                next.text(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(run, 0, size))
                        .toString());
                next.endToken();
            } catch (CharacterCodingException e) { // the case that the type is for, no failure
                for (int i = 0; i < size; i++) {
                    next.text("\uFFFD");
                    next.endToken();
                }
            }
            size = 0;
        }

        @Override
        void finish() {
            release();
            next.finish();
        }
    }

    /** See {@link Decoder.Strip}. Holds back what may have to go at the end. */
    static final class Stripped extends DecodingStage {
        private final DecodingStage next;
        private final Decoder.Strip strip;
        private int toStrip;
        private int held;

        Stripped(DecodingStage next, Decoder.Strip strip) {
            this.next = next;
            this.strip = strip;
            this.toStrip = strip.left();
        }

        @Override
        void text(String fragment) {
            if (toStrip == 0 && strip.right() == 0) {
                next.text(fragment); // all but the beginning of most texts
                return;
            }
            StringBuilder out = new StringBuilder(fragment.length());
            fragment.codePoints().forEach(c -> {
                if (c == strip.content()) {
                    if (toStrip > 0) {
                        toStrip--;
                    } else if (held < strip.right()) {
                        held++;
                    } else {
                        out.appendCodePoint(c);
                    }
                } else {
                    toStrip = 0;
                    for (; held > 0; held--) {
                        out.appendCodePoint(strip.content());
                    }
                    out.appendCodePoint(c);
                }
            });
            next.text(out.toString());
        }

        @Override
        void endToken() {
            held = 0;
            toStrip = strip.left();
            next.endToken();
        }

        @Override
        void finish() {
            next.finish();
        }
    }
}
