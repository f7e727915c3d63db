package dev.hearth.schedule;

import java.util.List;

/** What lies between a step's results and the turns of those who wait for them, within the step's turn of the device. */
final class Preparation {
    private final List<Sequence> sequences;
    private final List<Chunk> chunks;
    private final Results results;
    private final int[] rows; // the first of each sequence

    Preparation(List<Sequence> sequences, List<Chunk> chunks, Results results) {
        this.sequences = sequences;
        this.chunks = chunks;
        this.results = results;
        this.rows = new int[sequences.size()];
        for (int i = 1; i < rows.length; i++) {
            rows[i] = rows[i - 1] + chunks.get(i - 1).logitCount();
        }
    }

    /** Brings what will be read, then has listeners prepare, several at a time. */
    void run(Runner runner) {
        if (results.isRemote()) {
            for (int i = 0; i < rows.length; i++) {
                attempt(i, Sequence.Listener::foresee);
            }
            results.bring();
        }
        runner.each(rows.length, i -> attempt(i, Sequence.Listener::prepare));
    }

    /** What a listener does with its results. */
    @FunctionalInterface
    private interface Part {
        void of(Sequence.Listener listener, Results results, int row, int count, int position);
    }

    /** Its mishap is told in its turn. */
    private void attempt(int i, Part part) {
        Sequence sequence = sequences.get(i);
        int wanted = chunks.get(i).logitCount();
        if (wanted == 0 || sequence.mishap != null) {
            return;
        }
        try {
            part.of(sequence.listener, results, rows[i], wanted, chunks.get(i).end() - wanted);
        } catch (RuntimeException | Error e) {
            sequence.mishap = e;
        }
    }
}
