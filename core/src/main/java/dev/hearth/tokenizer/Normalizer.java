package dev.hearth.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

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
                BertNormalizer,
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
            return mapped(in, Lowercase::of);
        }

        private static @Nullable String of(int c) {
            if (c < 128) {
                return c >= 'A' && c <= 'Z' ? String.valueOf((char) (c + 32)) : null;
            }
            return Unicode17.hasLowerCase(c) ? Unicode17.lowerCase(c) : null;
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

    /** What a character becomes; {@code null} where it stays. */
    @FunctionalInterface
    interface Mapping {
        @Nullable
        String of(int codePoint);
    }

    /** Changes characters one by one. */
    static NormalizedText mapped(NormalizedText in, Mapping mapping) {
        NormalizedText.Edits edits = null;
        int kept = 0;
        for (int at = 0; at < in.text.length(); ) {
            int c = in.text.codePointAt(at);
            int next = at + Character.charCount(c);
            String with = mapping.of(c);
            if (with != null) {
                edits = edits == null ? in.edit() : edits;
                edits.keep(kept, at);
                edits.replace(at, next, with);
                kept = next;
            }
            at = next;
        }
        if (edits == null) {
            return in;
        }
        edits.keep(kept, in.text.length());
        return edits.done();
    }
}
