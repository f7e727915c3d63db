package dev.hearth.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.IntPredicate;

/** Changes a text before it is cut. Immutable, thread-safe. */
sealed interface Normalizer
        permits Normalizer.Sequence,
                Normalizer.Prepend,
                Normalizer.Replace,
                Normalizer.Unicode,
                Normalizer.Lowercase,
                Normalizer.Strip,
                Normalizer.Remove,
                Normalizer.Change,
                Normalizer.Nmt,
                Normalizer.Bytes,
                Normalizer.Bert,
                CharsmapNormalizer,
                SentencePieceSpaces {
    /** The text after this. */
    NormalizedText apply(NormalizedText in);

    /** One after the other. */
    record Sequence(List<Normalizer> parts) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            NormalizedText result = in;
            for (Normalizer part : parts) {
                result = part.apply(result);
            }
            return result;
        }
    }

    /** Puts a string in front of a text that isn't empty. */
    record Prepend(String prefix) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            if (in.text.isEmpty()) {
                return in;
            }
            var edits = in.edit();
            edits.replace(0, 0, prefix);
            edits.keep(0, in.text.length());
            return edits.done();
        }
    }

    /** Puts {@code content}, as it is, where a pattern matches. */
    record Replace(TextPattern pattern, String content) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            IntList matches = new IntList(64);
            pattern.find(in.text.toCharArray(), 0, in.text.length(), matches);
            if (matches.size() == 0 || in.text.isEmpty()) { // nothing is found in nothing
                return in;
            }
            var edits = in.edit();
            int previous = 0;
            for (int i = 0; i < matches.size(); i += 2) {
                edits.keep(previous, matches.get(i));
                edits.replace(matches.get(i), matches.get(i + 1), content);
                previous = matches.get(i + 1);
            }
            edits.keep(previous, in.text.length());
            return edits.done();
        }
    }

    /** A Unicode normalisation form. Unicode Standard Annex 15. */
    record Unicode(Form form) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            return UnicodeForm.apply(form, in);
        }
    }

    /** Lower case, each character on its own: a capital sigma becomes σ wherever it stands. */
    record Lowercase() implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            var edits = in.edit();
            int kept = 0;
            for (int at = 0; at < in.text.length(); ) {
                int c = in.text.codePointAt(at);
                int next = at + Character.charCount(c);
                if (c < 128 ? c >= 'A' && c <= 'Z' : Unicode17.hasLowerCase(c)) {
                    edits.keep(kept, at);
                    edits.replace(at, next, Unicode17.lowerCase(c));
                    kept = next;
                }
                at = next;
            }
            edits.keep(kept, in.text.length());
            return edits.done();
        }
    }

    /** Without white space at its ends. */
    record Strip(Ends ends) implements Normalizer {
        /** Which ends. */
        enum Ends {
            /** Neither. */
            NONE,
            /** The start. */
            LEFT,
            /** The end. */
            RIGHT,
            /** Start and end. */
            BOTH
        }

        @Override
        public NormalizedText apply(NormalizedText in) {
            int start = 0;
            int end = in.text.length();
            while ((ends == Ends.LEFT || ends == Ends.BOTH)
                    && start < end
                    && CharClass.isSpace(in.text.charAt(start))) {
                start++;
            }
            while ((ends == Ends.RIGHT || ends == Ends.BOTH)
                    && start < end
                    && CharClass.isSpace(in.text.charAt(end - 1))) {
                end--;
            }
            var edits = in.edit();
            edits.keep(start, end);
            return edits.done();
        }
    }

    /** Without the characters of a class. */
    record Remove(IntPredicate unwanted) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            return mapped(in, c -> unwanted.test(c) ? "" : null);
        }
    }

    /** Changes characters one by one. */
    record Change(Mapping mapping) implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            return mapped(in, mapping);
        }
    }

    /** What neural translation systems clean from a text: control characters go, white space becomes spaces. */
    record Nmt() implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            return mapped(in, c -> isDropped(c) ? "" : isSpace(c) ? " " : null);
        }

        private static boolean isDropped(int c) {
            return (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
        }

        private static boolean isSpace(int c) {
            return switch (c) {
                case 9, 10, 12, 13, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
                default -> c >= 0x200B && c <= 0x200F;
            };
        }
    }

    /** Spells each byte of UTF-8 in the {@link ByteAlphabet}. */
    record Bytes() implements Normalizer {
        @Override
        public NormalizedText apply(NormalizedText in) {
            return mapped(in, c -> c > ' ' && c < 127 ? null : ByteAlphabet.spell(Character.toString(c)));
        }
    }

    /** BERT's cleaning, in this order: {@code steps}. Devlin et al. 2018, {@code BasicTokenizer}. */
    record Bert(List<Normalizer> steps) implements Normalizer {
        static final Normalizer CLEAN = new Remove(c -> c == 0 || c == 0xFFFD || isControl(c));
        static final Normalizer SPACES = new Change(c -> CharClass.isSpace(c) ? " " : null);
        static final Normalizer IDEOGRAPHS = new Change(c -> isIdeograph(c) ? " " + Character.toString(c) + " " : null);

        @Override
        public NormalizedText apply(NormalizedText in) {
            return new Sequence(steps).apply(in);
        }

        /** The blocks that BERT's authors chose. */
        private static boolean isIdeograph(int c) {
            return (c >= 0x4E00 && c <= 0x9FFF)
                    || (c >= 0x3400 && c <= 0x4DBF)
                    || (c >= 0x20000 && c <= 0x2A6DF)
                    || (c >= 0x2A700 && c <= 0x2B73F)
                    || (c >= 0x2B740 && c <= 0x2B81F)
                    || (c >= 0x2B920 && c <= 0x2CEAF) // where Rust's tokenizers begin, not at 0x2B820
                    || (c >= 0xF900 && c <= 0xFAFF)
                    || (c >= 0x2F800 && c <= 0x2FA1F);
        }

        private static boolean isControl(int c) {
            return c != '\t' && c != '\n' && c != '\r' && Unicode8.isControl(c);
        }
    }

    /** What a character becomes; {@code null} where it stays. */
    @FunctionalInterface
    interface Mapping {
        @org.jspecify.annotations.Nullable
        String of(int codePoint);
    }

    /** Changes characters one by one. */
    static NormalizedText mapped(NormalizedText in, Mapping mapping) {
        var edits = in.edit();
        int kept = 0;
        for (int at = 0; at < in.text.length(); ) {
            int c = in.text.codePointAt(at);
            int next = at + Character.charCount(c);
            String with = mapping.of(c);
            if (with != null) {
                edits.keep(kept, at);
                edits.replace(at, next, with);
                kept = next;
            }
            at = next;
        }
        edits.keep(kept, in.text.length());
        return edits.done();
    }
}
