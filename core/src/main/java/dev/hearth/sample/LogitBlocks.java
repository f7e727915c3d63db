package dev.hearth.sample;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The largest logit of each {@link LogitRow#BLOCK} neighbours, from one pass over the vocabulary or known beforehand: the largest of
 * all, its place, and the few blocks that hold what is large are found without another, and only these are copied from where a
 * device has them. Not thread-safe.
 */
final class LogitBlocks {
    private static final int BLOCK_SIZE = LogitRow.BLOCK;
    private static final float NEVER = Float.NEGATIVE_INFINITY;

    private final RankCut cut;
    private float[] maxima = {};
    private float[] logits = {};
    private double[] ones = {};
    private boolean[] absent = {}; // blocks that are not copied yet
    private boolean[] ruledOut = {}; // blocks to whose logits negative infinity is added when they are copied
    private boolean[] stale = {}; // blocks whose maximum was changed
    private @Nullable LogitRow source; // of blocks that are absent
    private int count;
    private float max;

    LogitBlocks(RankCut cut) {
        this.cut = cut;
    }

    /** Reads a row, which must stay unchanged until the next scan. A NaN makes its block's and the whole maximum NaN. */
    void scan(float[] row) {
        begin(row);
        source = null;
        for (int block = 0; block < count; block++) {
            maxima[block] = largest(row, start(block), end(block));
            max = Math.max(max, maxima[block]);
        }
    }

    /**
     * As {@link #scan}, of a row whose maxima are known.
     *
     * @param room [vocabulary], for what has to be copied; its own until the next scan
     */
    void take(LogitRow row, float[] room) {
        begin(room);
        source = row;
        Arrays.fill(absent, 0, count, true);
        row.copyMaxima(maxima);
        for (int block = 0; block < count; block++) {
            max = Math.max(max, maxima[block]);
        }
    }

    private void begin(float[] row) {
        logits = row;
        count = LogitRow.blocks(row.length);
        if (maxima.length < count) {
            maxima = new float[count];
            absent = new boolean[count];
            ruledOut = new boolean[count];
            stale = new boolean[count];
            ones = new double[count];
            Arrays.fill(ones, 1);
        }
        max = Float.NEGATIVE_INFINITY;
        Arrays.fill(ruledOut, 0, count, false);
        Arrays.fill(stale, 0, count, false);
    }

    private void fetch(int block) {
        if (source != null && absent[block]) {
            source.copy(logits, start(block), end(block));
            absent[block] = false;
            if (ruledOut[block]) {
                rule(start(block), end(block));
            }
        }
    }

    private void rule(int start, int end) {
        for (int token = start; token < end; token++) {
            logits[token] += NEVER;
        }
    }

    /** Changes the logit of a token; maxima follow at {@link #settle}. */
    void set(int token, float logit) {
        fetch(token / BLOCK_SIZE);
        logits[token] = logit;
        stale[token / BLOCK_SIZE] = true;
    }

    /** Adds negative infinity to the logit of a token, so that NaN and infinity stay to be found. */
    void ruleOut(int token) {
        set(token, logit(token) + NEVER);
    }

    /** The same for all tokens but some, ascending. */
    void ruleOutAllBut(int[] tokens) {
        int next = 0;
        for (int block = 0; block < count; block++) {
            if (next == tokens.length || tokens[next] >= end(block)) {
                ruleOutBlock(block);
                continue;
            }
            fetch(block);
            stale[block] = true;
            int from = start(block);
            for (; next < tokens.length && tokens[next] < end(block); next++) {
                rule(from, tokens[next]);
                from = tokens[next] + 1;
            }
            rule(from, end(block));
        }
    }

    private void ruleOutBlock(int block) {
        if (source != null && absent[block]) {
            ruledOut[block] = true;
            maxima[block] += NEVER;
        } else {
            rule(start(block), end(block));
            stale[block] = true;
        }
    }

    /** Finds the maxima of what was changed. */
    void settle() {
        max = Float.NEGATIVE_INFINITY;
        for (int block = 0; block < count; block++) {
            if (stale[block]) {
                maxima[block] = largest(logits, start(block), end(block));
                stale[block] = false;
            }
            max = Math.max(max, maxima[block]);
        }
    }

    private static float largest(float[] row, int start, int end) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = start; i < end; i++) {
            largest = Math.max(largest, row[i]);
        }
        return largest;
    }

    /** Blocks of the row. */
    int count() {
        return count;
    }

    /** The largest logit of each block, at least {@link #count} of them. */
    float[] maxima() {
        return maxima;
    }

    /** A block's first token. */
    int start(int block) {
        return block * BLOCK_SIZE;
    }

    /** The token after a block's last. */
    int end(int block) {
        return Math.min(logits.length, (block + 1) * BLOCK_SIZE);
    }

    /** The row, in which a block is there to be read. */
    float[] fetched(int block) {
        fetch(block);
        return logits;
    }

    /** The largest logit, or NaN. */
    float max() {
        return max;
    }

    /** The lowest token with the largest logit, or with NaN if there is one. */
    int argmax() {
        int block = 0;
        while (!same(maxima[block])) {
            block++;
        }
        fetch(block);
        int token = block * BLOCK_SIZE;
        while (!same(logits[token])) {
            token++;
        }
        return token;
    }

    /** The standard deviation of all logits above negative infinity, of the population: by their number, not one less. */
    double deviation() {
        for (int block = 0; block < count; block++) {
            fetch(block);
        }
        double sum = 0;
        int finite = 0;
        for (float logit : logits) {
            if (logit > Float.NEGATIVE_INFINITY) {
                sum += logit;
                finite++;
            }
        }
        double mean = sum / finite;
        double squares = 0;
        for (float logit : logits) {
            if (logit > Float.NEGATIVE_INFINITY) {
                squares += (logit - mean) * (logit - mean);
            }
        }
        return Math.sqrt(squares / finite);
    }

    /** The logit of a token in the row. */
    float logit(int token) {
        fetch(token / BLOCK_SIZE);
        return logits[token];
    }

    private boolean same(float value) {
        return value == max || Float.isNaN(value) && Float.isNaN(max);
    }

    /**
     * A logit that at least {@code wanted} tokens reach: if there are so many blocks, the {@code wanted}-th largest maximum, which
     * few other tokens reach; otherwise negative infinity.
     */
    float reachedBy(int wanted) {
        if (wanted > count) {
            return Float.NEGATIVE_INFINITY;
        }
        cut.find(maxima, ones, count, wanted);
        return cut.value();
    }

    /** Notes the blocks with a logit of at least {@code bound}. */
    void note(double bound, BitSet noted) {
        for (int block = 0; block < count; block++) {
            if (maxima[block] >= bound) {
                noted.set(block);
            }
        }
    }

    /** Collects, in order of their ids, all tokens whose logit is at least {@code bound} and above negative infinity. */
    void gather(double bound, Candidates out) {
        out.clear(logits.length);
        for (int block = 0; block < count; block++) {
            if (maxima[block] >= bound) {
                fetch(block);
                out.gather(logits, start(block), end(block), bound);
            }
        }
    }
}
