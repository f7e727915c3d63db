package dev.hearth.tokenizer;

import dev.hearth.tokenizer.Charsmap.Match;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Applies a {@link Charsmap}.
 *
 * @param units what is looked up
 */
record CharsmapNormalizer(Charsmap map, Units units) implements Normalizer {
    private static final Pattern CLUSTER = Pattern.compile("\\X");
    /** Longer clusters are looked up character by character. */
    private static final int MOST_CLUSTER_BYTES = 5;

    /** What is looked up. */
    enum Units {
        /** Short grapheme clusters as a whole, of longer ones each character: as Hugging Face's tokenizers do. */
        CLUSTERS,
        /** At each place the longest part that the map has, as SentencePiece does. */
        LONGEST_PARTS
    }

    @Override
    public NormalizedText apply(NormalizedText in) {
        var edits = in.edit();
        int kept = switch (units) {
            case CLUSTERS -> byClusters(in.text, edits);
            case LONGEST_PARTS -> byParts(in.text, edits);
        };
        edits.keep(kept, in.text.length());
        return edits.done();
    }

    private int byClusters(String text, NormalizedText.Edits edits) {
        Matcher cluster = CLUSTER.matcher(Unicode17.withKnownClusters(text));
        int kept = 0;
        for (int at = 0; at < text.length(); ) {
            int end = clusterEnd(text, at, cluster);
            if (end == at + 1 && !map.maps(text.charAt(at))) {
                at = end;
                continue;
            }
            byte[] utf8 = text.substring(at, end).getBytes(StandardCharsets.UTF_8);
            long whole = utf8.length <= MOST_CLUSTER_BYTES ? map.find(utf8, 0, utf8.length, Match.SHORTEST) : -1;
            if (whole >= 0) {
                edits.keep(kept, at);
                edits.replace(at, end, map.string((int) whole));
                kept = end;
            } else {
                kept = byCharacters(text, at, end, kept, edits);
            }
            at = end;
        }
        return kept;
    }

    /** Most characters are clusters of their own, and that is quickly seen. */
    private static int clusterEnd(String text, int at, Matcher cluster) {
        if (Unicode17.isAlone(text.charAt(at)) && (at + 1 == text.length() || Unicode17.isAlone(text.charAt(at + 1)))) {
            return at + 1;
        }
        cluster.region(at, text.length());
        return cluster.lookingAt() ? cluster.end() : at + Character.charCount(text.codePointAt(at));
    }

    private int byCharacters(String text, int from, int to, int keptBefore, NormalizedText.Edits edits) {
        int kept = keptBefore;
        for (int at = from; at < to; ) {
            int c = text.codePointAt(at);
            int next = at + Character.charCount(c);
            if (next == at + 1 && !map.maps((char) c)) {
                at = next;
                continue;
            }
            byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
            long found = map.find(utf8, 0, utf8.length, Match.SHORTEST);
            if (found >= 0) {
                edits.keep(kept, at);
                edits.replace(at, next, map.string((int) found));
                kept = next;
            }
            at = next;
        }
        return kept;
    }

    private int byParts(String text, NormalizedText.Edits edits) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int kept = 0;
        int at = 0; // in text, as i is in utf8
        for (int i = 0; i < utf8.length; ) {
            long found = map.find(utf8, i, utf8.length, Match.LONGEST);
            int bytes = found < 0 ? length(utf8[i]) : (int) (found >>> 32);
            int next = at;
            for (int end = i + bytes; i < end; ) {
                int one = length(utf8[i]);
                next += one == 4 ? 2 : 1;
                i += one;
            }
            if (found >= 0) {
                edits.keep(kept, at);
                edits.replace(at, next, map.string((int) found));
                kept = next;
            }
            at = next;
        }
        return kept;
    }

    /** Of a character in valid UTF-8, by its first byte. */
    private static int length(byte first) {
        return first >= 0 ? 1 : (first & 0xFF) < 0xE0 ? 2 : (first & 0xFF) < 0xF0 ? 3 : 4;
    }
}
