package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds the best cut of a piece, in O(n) times the length of the longest token. */
final class UnigramEncoder implements Model.Encoder {
    /** Instead of an id: an unknown character. */
    private static final int UNKNOWN = -1;

    private static final int UNREACHED = -1;

    private final Unigram model;
    private final Model.Encoder computing = this::compute;
    private final IntList reversed = new IntList(64);
    /** By end: the best sum, and the start and id of its last token. */
    private double[] best = {};

    private int[] starts = {};
    private int[] ids = {};

    UnigramEncoder(Unigram model) {
        this.model = model;
    }

    @Override
    public void encode(char[] text, int from, int to, IntList out) {
        model.cache().encode(text, from, to, out, computing);
    }

    private void compute(char[] text, int from, int to, IntList out) {
        int length = to - from;
        if (best.length <= length) {
            best = new double[length + 1];
            starts = new int[length + 1];
            ids = new int[length + 1];
        }
        Arrays.fill(starts, 0, length + 1, UNREACHED);
        best[0] = 0;
        for (int at = 0; at < length; ) {
            int next = at + (Character.isHighSurrogate(text[from + at]) && at + 1 < length ? 2 : 1);
            extend(text, from, at, length, next);
            at = next;
        }
        reversed.clear();
        for (int end = length; end > 0; end = starts[end]) {
            reversed.add(end);
        }
        write(text, from, out);
    }

    private void extend(char[] text, int from, int at, int length, int next) {
        boolean single = false;
        int node = PrefixTree.ROOT;
        for (int i = at; i < length; i++) {
            node = model.tokens().child(node, text[from + i]);
            if (node < 0) {
                break;
            }
            int id = model.tokens().tokenAt(node);
            if (id >= 0) {
                offer(at, i + 1, id, model.scores().of(id));
                single |= i + 1 == next;
            }
        }
        if (!single) {
            offer(at, next, UNKNOWN, model.scores().ofUnknown());
        }
    }

    private void offer(int start, int end, int id, double score) {
        double sum = model.custom() == Unigram.Custom.SENTENCE_PIECE
                ? (float) best[start] + (float) score
                : best[start] + score;
        if (starts[end] == UNREACHED || sum > best[end]) {
            best[end] = sum;
            starts[end] = start;
            ids[end] = id;
        }
    }

    private boolean isUnknown(int end) {
        int id = ids[end];
        return id == UNKNOWN || (model.unknown().isPresent() && model.unknown().getAsInt() == id);
    }

    /** Runs of unknown characters are taken together. */
    private void write(char[] text, int from, IntList out) {
        for (int i = reversed.size() - 1; i >= 0; i--) {
            int end = reversed.get(i);
            if (!isUnknown(end)) {
                out.add(ids[end]);
                continue;
            }
            int start = starts[end];
            while (i > 0 && isUnknown(reversed.get(i - 1))) {
                end = reversed.get(--i);
            }
            writeUnknown(text, from + start, from + end, out);
        }
    }

    private void writeUnknown(char[] text, int from, int to, IntList out) {
        int whole = model.custom() == Unigram.Custom.TOKENIZERS ? find(text, from, to) : PrefixTree.NONE;
        if (whole >= 0) {
            out.add(whole);
        } else if (!addBytes(new String(text, from, to - from), out)) {
            out.add(model.unknown()
                    .orElseThrow(() -> new ModelFormatException(
                            "tokenizer", "expected an unknown token for characters that no token has, found none")));
        }
    }

    private int find(char[] text, int from, int to) {
        int node = PrefixTree.ROOT;
        for (int i = from; i < to && node >= 0; i++) {
            node = model.tokens().child(node, text[i]);
        }
        return node < 0 ? PrefixTree.NONE : model.tokens().tokenAt(node);
    }

    private boolean addBytes(String unknown, IntList out) {
        byte[] utf8 = unknown.getBytes(StandardCharsets.UTF_8);
        for (byte b : utf8) {
            if (model.ofByte().get(b & 0xFF) < 0) {
                return false;
            }
        }
        for (byte b : utf8) {
            out.add(model.ofByte().get(b & 0xFF));
        }
        return true;
    }
}
