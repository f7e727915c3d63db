package dev.hearth.sample;

/**
 * Working memory of samplers and {@link Logprobs}: up to 28 bytes for each token of the vocabulary, 4 more with
 * logprobs, allocated at first use and kept. One for each thread that samples serves any number of sequences. Not thread-safe.
 */
public final class SampleScratch {
    final LogitBlocks blocks;
    final Candidates candidates;
    final BlockDraw whole;
    private float[] row = {};
    private float[] copy = {};

    /** Empty; it grows as it is used. */
    public SampleScratch() {
        RankCut cut = new RankCut();
        blocks = new LogitBlocks(cut);
        candidates = new Candidates(cut);
        whole = new BlockDraw(blocks);
    }

    /** Room for a row of logits to be chosen from, until the next. */
    public float[] row(int vocabSize) {
        if (row.length != vocabSize) {
            row = new float[vocabSize];
        }
        return row;
    }

    /** A copy of a row that lasts until the next. */
    float[] copyOf(float[] row) {
        if (copy.length != row.length) {
            copy = new float[row.length];
        }
        System.arraycopy(row, 0, copy, 0, row.length);
        return copy;
    }
}
