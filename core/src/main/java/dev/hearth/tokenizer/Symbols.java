package dev.hearth.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What a piece consists of before anything is merged. Immutable, thread-safe. */
sealed interface Symbols {
    /** Appends the symbols of a piece. */
    void read(char[] text, int from, int to, IntList out);

    /** Appends the id of a symbol that is left when nothing merges any more, or the ids. */
    default void write(int symbol, IntList ids) {
        ids.add(symbol);
    }

    /** Each byte of the UTF-8 is a symbol. */
    record Bytes(ByteIds ofByte) implements Symbols {
        @Override
        public void read(char[] text, int from, int to, IntList out) {
            for (int i = from; i < to; i++) {
                char c = text[i];
                if (c < 0x80) {
                    out.add(ofByte.get(c));
                } else if (c < 0x800) {
                    out.add(ofByte.get(0xC0 | (c >> 6)));
                    out.add(ofByte.get(0x80 | (c & 0x3F)));
                } else if (Character.isHighSurrogate(c) && i + 1 < to) { // paired: lone ones were replaced
                    int cp = Character.toCodePoint(c, text[++i]);
                    out.add(ofByte.get(0xF0 | (cp >> 18)));
                    out.add(ofByte.get(0x80 | ((cp >> 12) & 0x3F)));
                    out.add(ofByte.get(0x80 | ((cp >> 6) & 0x3F)));
                    out.add(ofByte.get(0x80 | (cp & 0x3F)));
                } else {
                    out.add(ofByte.get(0xE0 | (c >> 12)));
                    out.add(ofByte.get(0x80 | ((c >> 6) & 0x3F)));
                    out.add(ofByte.get(0x80 | (c & 0x3F)));
                }
            }
        }
    }

    /** Ids of single characters: an array for the basic plane, a map for the rest. */
    final class CharacterIds {
        private final int[] basic = new int[0x10000];
        private final Map<Integer, Integer> others = new HashMap<>();

        CharacterIds() {
            Arrays.fill(basic, -1);
        }

        void put(int codePoint, int id) {
            if (codePoint < 0x10000) {
                basic[codePoint] = id;
            } else {
                others.put(codePoint, id);
            }
        }

        int get(int codePoint) {
            return codePoint < 0x10000 ? basic[codePoint] : others.getOrDefault(codePoint, -1);
        }
    }

    /**
     * Each character is a symbol. One that isn't in the vocabulary becomes its bytes where all have tokens, else the unknown
     * token, else nothing.
     *
     * @param ofByte byte tokens; none without byte fallback
     * @param unknown what unknown characters become
     * @param affixes prefix and suffix that the vocabulary marks parts of a word with
     */
    record Characters(Vocabulary vocabulary, CharacterIds characters, ByteIds ofByte, Unknown unknown, Affixes affixes)
            implements Symbols {
        /** The token of unknown characters, if there is one. */
        record Unknown(OptionalInt id, Runs runs) {}

        /** What several unknown characters in a row become. */
        enum Runs {
            /** One token each. */
            SEPARATE,
            /** One token together. */
            FUSED
        }

        /** @param continuing stands before each character but the first of a piece; {@code end} after the last */
        record Affixes(String continuing, String end) {
            boolean isNone() {
                return continuing.isEmpty() && end.isEmpty();
            }
        }

        @Override
        public void read(char[] text, int from, int to, IntList out) {
            boolean pending = false; // an unknown token not yet written
            for (int at = from; at < to; ) {
                int c = Character.codePointAt(text, at, to);
                int next = at + Character.charCount(c);
                String spelled = affixes.isNone() ? "" : spell(c, at == from, next == to);
                int id = affixes.isNone() ? characters.get(c) : vocabulary.find(spelled);
                if (id >= 0) {
                    if (pending) {
                        out.add(unknown.id.getAsInt());
                        pending = false;
                    }
                    out.add(id);
                } else if (!addBytes(affixes.isNone() ? Character.toString(c) : spelled, out)
                        && unknown.id.isPresent()) {
                    if (pending && unknown.runs == Runs.SEPARATE) {
                        out.add(unknown.id.getAsInt());
                    }
                    pending = true;
                }
                at = next;
            }
            if (pending) {
                out.add(unknown.id.getAsInt());
            }
        }

        private String spell(int codePoint, boolean first, boolean last) {
            return (first ? "" : affixes.continuing) + Character.toString(codePoint) + (last ? affixes.end : "");
        }

        private boolean addBytes(String spelled, IntList out) {
            byte[] utf8 = spelled.getBytes(StandardCharsets.UTF_8);
            for (byte b : utf8) {
                if (ofByte.get(b & 0xFF) < 0) {
                    return false;
                }
            }
            for (byte b : utf8) {
                out.add(ofByte.get(b & 0xFF));
            }
            return true;
        }
    }

    /**
     * Each character is a symbol, also those which only occur within longer tokens: these have symbols of their own, from
     * {@code firstExtra} on, and become bytes, or the unknown token, if nothing merges with them;
     * several unknown characters in a row are one unknown token.
     */
    record Scored(CharacterIds characters, int firstExtra, List<String> extras, ByteIds ofByte, OptionalInt unknown)
            implements Symbols {
        @Override
        public void read(char[] text, int from, int to, IntList out) {
            for (int at = from; at < to; ) {
                int c = Character.codePointAt(text, at, to);
                int symbol = characters.get(c);
                if (symbol >= 0) {
                    out.add(symbol);
                } else {
                    writeBytes(Character.toString(c), out);
                }
                at += Character.charCount(c);
            }
        }

        @Override
        public void write(int symbol, IntList ids) {
            if (symbol >= firstExtra) {
                writeBytes(extras.get(symbol - firstExtra), ids);
            } else {
                ids.add(symbol);
            }
            int last = ids.size() - 1;
            boolean repeated = last > 0
                    && unknown.isPresent()
                    && ids.get(last) == unknown.getAsInt()
                    && ids.get(last - 1) == unknown.getAsInt();
            if (repeated) {
                ids.cut(last);
            }
        }

        /** Appends the bytes of a character, or the unknown token if one of them has no token. */
        private void writeBytes(String character, IntList ids) {
            byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
            for (byte b : utf8) {
                if (ofByte.get(b & 0xFF) < 0) {
                    unknown.ifPresent(ids::add);
                    return;
                }
            }
            for (byte b : utf8) {
                ids.add(ofByte.get(b & 0xFF));
            }
        }
    }
}
