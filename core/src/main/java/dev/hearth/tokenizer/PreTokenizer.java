package dev.hearth.tokenizer;

import java.lang.Character.UnicodeScript;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Cuts a text into the pieces that the model sees one by one. Immutable, thread-safe. */
sealed interface PreTokenizer {
    /** Cuts each piece further; may change the text. */
    Pieces cut(Pieces pieces);

    /** One after the other. */
    record Sequence(List<PreTokenizer> parts) implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            Pieces result = pieces;
            for (PreTokenizer part : parts) {
                result = part.cut(result);
            }
            return result;
        }
    }

    /** At the matches of a pattern, or, where a file says {@code invert}, at the gaps between them. */
    record Split(TextPattern pattern, SplitBehaviour behaviour, SplitBehaviour.Stretch delimiter)
            implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            Pieces out = pieces.cutAnew();
            IntList matches = new IntList(64);
            for (int i = 0; i < pieces.count(); i++) {
                matches.clear();
                pattern.find(pieces.text, pieces.start(i), pieces.end(i), matches);
                behaviour.cut(matches, delimiter, pieces.start(i), pieces.end(i), out);
            }
            return out;
        }
    }

    /** At each character of a class. */
    record Characters(IntPredicate isDelimiter, SplitBehaviour behaviour) implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            Pieces out = pieces.cutAnew();
            IntList matches = new IntList(64);
            for (int i = 0; i < pieces.count(); i++) {
                matches.clear();
                int end = pieces.end(i);
                for (int at = pieces.start(i); at < end; ) {
                    int c = Character.codePointAt(pieces.text, at, end);
                    int next = at + Character.charCount(c);
                    if (isDelimiter.test(c)) {
                        matches.add(at);
                        matches.add(next);
                    }
                    at = next;
                }
                behaviour.cut(matches, SplitBehaviour.Stretch.MATCH, pieces.start(i), end, out);
            }
            return out;
        }
    }

    /** Spells each byte of UTF-8 in the {@link ByteAlphabet}. */
    record Bytes() implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            StringBuilder text = new StringBuilder();
            IntList ends = new IntList(pieces.count());
            for (int i = 0; i < pieces.count(); i++) {
                int length = pieces.end(i) - pieces.start(i);
                text.append(ByteAlphabet.spell(new String(pieces.text, pieces.start(i), length)));
                ends.add(text.length());
            }
            return rebuilt(pieces, text, ends);
        }
    }

    /** Puts {@code prefix} before each piece that doesn't begin with it. */
    record Prefix(char prefix) implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            return withPrefix(pieces, prefix, pieces.count());
        }
    }

    /**
     * SentencePiece's spaces: each becomes {@code replacement}, and one is put in front.
     *
     * @param prefixed which pieces get one in front
     * @param cuts where to cut
     */
    record Metaspace(char replacement, Scheme prefixed, Cuts cuts) implements PreTokenizer {
        /** Which pieces get a replacement in front, unless they begin with one. */
        enum Scheme {
            /** That at the start of the whole text. */
            FIRST,
            /** None. */
            NEVER,
            /** Each. */
            ALWAYS
        }

        /** Where to cut. */
        enum Cuts {
            /** Nowhere. */
            NONE,
            /** Before each replacement. */
            BEFORE_EACH
        }

        @Override
        public Pieces cut(Pieces pieces) {
            char[] text = Arrays.copyOf(pieces.text, pieces.text.length);
            for (int i = 0; i < text.length; i++) {
                text[i] = text[i] == ' ' ? replacement : text[i];
            }
            Pieces replaced = pieces.of(text);
            for (int i = 0; i < pieces.count(); i++) {
                replaced.add(pieces.start(i), pieces.end(i));
            }
            boolean firstIsFirst = pieces.atStart && pieces.count() > 0 && pieces.start(0) == 0;
            int count = switch (prefixed) {
                case ALWAYS -> pieces.count();
                case FIRST -> firstIsFirst ? 1 : 0;
                case NEVER -> 0;
            };
            Pieces result = count == 0 ? replaced : withPrefix(replaced, replacement, count);
            return cuts == Cuts.NONE
                    ? result
                    : new Characters(c -> c == replacement, SplitBehaviour.MERGED_WITH_NEXT).cut(result);
        }
    }

    /** After each {@code length} code points. */
    record FixedLength(int length) implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            Pieces out = pieces.cutAnew();
            for (int i = 0; i < pieces.count(); i++) {
                int start = pieces.start(i);
                int count = 0;
                for (int at = start; at < pieces.end(i); ) {
                    at += Character.charCount(Character.codePointAt(pieces.text, at, pieces.end(i)));
                    if (++count % length == 0) {
                        out.add(start, at);
                        start = at;
                    }
                }
                out.add(start, pieces.end(i));
            }
            return out;
        }
    }

    /**
     * Where a word in one script meets one in another; Japanese is one script here, and spaces are none. What stands before the
     * first character that has a script is lost, as it is in Rust's tokenizers.
     */
    record Scripts() implements PreTokenizer {
        @Override
        public Pieces cut(Pieces pieces) {
            Pieces out = pieces.cutAnew();
            for (int i = 0; i < pieces.count(); i++) {
                int start = -1;
                var last = Optional.<UnicodeScript>empty();
                for (int at = pieces.start(i); at < pieces.end(i); ) {
                    int c = Character.codePointAt(pieces.text, at, pieces.end(i));
                    var script = script(c);
                    if (script.isPresent() && !script.equals(last)) {
                        if (start >= 0) {
                            out.add(start, at);
                        }
                        start = at;
                    }
                    last = script.isPresent() ? script : last;
                    at += Character.charCount(c);
                }
                if (start >= 0) {
                    out.add(start, pieces.end(i));
                }
            }
            return out;
        }

        private static Optional<UnicodeScript> script(int c) {
            return c == ' '
                    ? Optional.empty()
                    : Unicode9.scriptOf(c).map(script -> isJapanese(script) || c == 'ー' ? UnicodeScript.HAN : script);
        }

        private static boolean isJapanese(UnicodeScript script) {
            return script == UnicodeScript.HIRAGANA || script == UnicodeScript.KATAKANA;
        }
    }

    private static Pieces withPrefix(Pieces pieces, char prefix, int count) {
        StringBuilder text = new StringBuilder();
        IntList ends = new IntList(pieces.count());
        for (int i = 0; i < pieces.count(); i++) {
            if (i < count && pieces.text[pieces.start(i)] != prefix) {
                text.append(prefix);
            }
            text.append(pieces.text, pieces.start(i), pieces.end(i) - pieces.start(i));
            ends.add(text.length());
        }
        return rebuilt(pieces, text, ends);
    }

    private static Pieces rebuilt(Pieces pieces, StringBuilder text, IntList ends) {
        char[] chars = new char[text.length()];
        text.getChars(0, chars.length, chars, 0);
        Pieces out = pieces.of(chars);
        int start = 0;
        for (int i = 0; i < ends.size(); i++) {
            out.add(start, ends.get(i));
            start = ends.get(i);
        }
        return out;
    }
}
