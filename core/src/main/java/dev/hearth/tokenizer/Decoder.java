package dev.hearth.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Turns tokens back into text. Each decoder is a stage that takes tokens, in fragments, and hands on what no later token can
 * change; so decoding a stream and decoding everything at once are the same code. Immutable, thread-safe.
 */
sealed interface Decoder {
    /** A stage in front of {@code next}. */
    DecodingStage start(DecodingStage next);

    /** What a token, or what earlier decoders made of it, stands for in the middle of a text. */
    Contribution contribution(Contribution token);

    /** Text, or bytes once a decoder has found them. */
    record Contribution(String text, Optional<byte[]> bytes) {
        static Contribution of(String text) {
            return new Contribution(text, Optional.empty());
        }

        static Contribution of(byte[] bytes) {
            return new Contribution("", Optional.of(bytes));
        }

        byte[] toBytes() {
            return bytes.orElseGet(() -> text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** One after the other. */
    record Sequence(List<Decoder> parts) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            DecodingStage stage = next;
            for (Decoder part : parts.reversed()) {
                stage = part.start(stage);
            }
            return stage;
        }

        @Override
        public Contribution contribution(Contribution token) {
            Contribution result = token;
            for (Decoder part : parts) {
                result = part.contribution(result);
            }
            return result;
        }
    }

    /** A space between tokens: what is done where a file names no decoder. */
    record Spaced() implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.EachToken(next, (index, token) -> index == 0 ? token : " " + token);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(" " + token.text);
        }
    }

    /** From spelled bytes to bytes to text. */
    record Bytes(Spelling spelling) implements Decoder {
        /** How tokens spell bytes. */
        enum Spelling {
            /** In the {@link ByteAlphabet}. */
            ALPHABET,
            /** As text, with {@code \\n} and {@code \\xE4} where that is none. */
            ESCAPES;

            byte[] bytesOf(String token) {
                return this == ALPHABET ? ByteAlphabet.bytesOf(token) : ByteEscapes.bytesOf(token);
            }
        }

        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.SpelledBytes(next, spelling);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(spelling.bytesOf(token.text));
        }
    }

    /** Puts {@code content} where a pattern matches. */
    record Replace(TextPattern pattern, String content) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.EachToken(next, (index, token) -> replaced(token));
        }

        @Override
        public Contribution contribution(Contribution token) {
            return token.bytes.isPresent() ? token : Contribution.of(replaced(token.text));
        }

        private String replaced(String token) {
            if (pattern instanceof TextPattern.Literal(var value)) { // the usual case, on every token of some models
                return token.replace(value, content);
            }
            return new Normalizer.Replace(pattern, content).apply(NormalizedText.of(token)).text;
        }
    }

    /** Byte tokens, {@code <0xE4>}, to text: a run of them to its text, or one U+FFFD each if it isn't UTF-8. */
    record ByteFallback() implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.ByteRuns(next);
        }

        @Override
        public Contribution contribution(Contribution token) {
            int b = DecodingStage.ByteRuns.byteOf(token.text);
            return b < 0 ? token : Contribution.of(new byte[] {(byte) b});
        }
    }

    /** All tokens become one. */
    record Fuse() implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.Fused(next);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return token;
        }
    }

    /** Up to {@code left} and {@code right} characters {@code content} fewer at the ends of each token. */
    record Strip(int content, int left, int right) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.Stripped(next, this);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return token; // of a fused text, a token in the middle has no end to strip
        }
    }

    /** SentencePiece's spaces. {@code dropped}: whether those of the first token go. */
    record Metaspace(char replacement, FirstSpace first) implements Decoder {
        /** What becomes of the replacements in the first token. */
        enum FirstSpace {
            /** Spaces, as everywhere. */
            KEPT,
            /** Nothing: encoding put one there. */
            DROPPED
        }

        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.EachToken(
                    next,
                    (index, token) -> index == 0 && first == FirstSpace.DROPPED
                            ? token.replace(String.valueOf(replacement), "")
                            : token.replace(replacement, ' '));
        }

        @Override
        public Contribution contribution(Contribution token) {
            return token.bytes.isPresent() ? token : Contribution.of(token.text.replace(replacement, ' '));
        }
    }

    /** WordPiece's: a space before each token which doesn't continue a word. */
    record WordPieces(String prefix, CleanUp cleanUp) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.EachToken(next, this::decoded);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(decoded(1, token.text));
        }

        private String decoded(int index, String token) {
            String joined =
                    index == 0 ? token : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            return cleanUp.apply(joined);
        }
    }

    /** What {@code mark} begins a word with becomes a space, and nothing in the first token. */
    record WordStartMarks(String mark, CleanUp cleanUp) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.EachToken(next, this::decoded);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(decoded(1, token.text));
        }

        private String decoded(int index, String token) {
            String space = index == 0 ? "" : " ";
            return cleanUp.apply(token.startsWith(mark) ? space + token.substring(mark.length()) : token);
        }
    }

    /** The suffix that ends a word becomes a space, and nothing in the last token. */
    record WordEnds(String suffix) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.LastTokenDiffers(next, t -> t.replace(suffix, " "), t -> t.replace(suffix, ""));
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(token.text.replace(suffix, " "));
        }
    }

    /** What speech models that emit a token for every frame mean: repeated tokens once, {@code pad} between them. */
    record Ctc(String pad, String wordDelimiter, CleanUp cleanUp) implements Decoder {
        @Override
        public DecodingStage start(DecodingStage next) {
            return new DecodingStage.Deduplicated(next, this::decoded);
        }

        @Override
        public Contribution contribution(Contribution token) {
            return Contribution.of(decoded(token.text));
        }

        private String decoded(String token) {
            String kept = token.replace(pad, "");
            return cleanUp == CleanUp.NONE ? kept : cleanUp.apply(kept).replace(wordDelimiter, " ");
        }
    }

    /** Whether spaces that English text doesn't have are taken out again. */
    enum CleanUp {
        /** No. */
        NONE,
        /** Before punctuation and contractions, in this order. */
        ENGLISH;

        private static final String[][] RULES = {
            {" .", "."},
            {" ?", "?"},
            {" !", "!"},
            {" ,", ","},
            {" ' ", "'"},
            {" n't", "n't"},
            {" 'm", "'m"},
            {" do not", " don't"},
            {" 's", "'s"},
            {" 've", "'ve"},
            {" 're", "'re"},
        };

        String apply(String token) {
            String result = token;
            if (this == ENGLISH && mayApply(token)) {
                for (String[] rule : RULES) {
                    result = result.replace(rule[0], rule[1]);
                }
            }
            return result;
        }

        /** Whether a space stands before something that a rule begins with: few tokens have that. */
        private static boolean mayApply(String token) {
            for (int at = token.indexOf(' '); at >= 0 && at + 1 < token.length(); at = token.indexOf(' ', at + 1)) {
                char next = token.charAt(at + 1);
                if (".?!,'".indexOf(next) >= 0
                        || token.startsWith("n't", at + 1)
                        || token.startsWith("do not", at + 1)) {
                    return true;
                }
            }
            return false;
        }
    }
}
