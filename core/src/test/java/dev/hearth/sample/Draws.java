package dev.hearth.sample;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a sampler can draw from a row, and rows by their probabilities. */
final class Draws {
    private Draws() {}

    /** The distinct tokens of 400 draws, ascending. */
    static List<Integer> from(SamplingParams params, float... logits) {
        return from(new Sampler(params, 1, logits.length), logits);
    }

    /** The distinct tokens of 400 draws, ascending; none is accepted. */
    static List<Integer> from(Sampler sampler, float... logits) {
        return IntStream.range(0, 400)
                .map(position -> sampler.sample(logits.clone(), position).token())
                .distinct()
                .sorted()
                .boxed()
                .toList();
    }

    /** A row with its maxima, as a device finds them. */
    static LogitRow row(float[] logits) {
        float[] maxima = new float[LogitRow.blocks(logits.length)];
        Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < logits.length; i++) {
            maxima[i / LogitRow.BLOCK] = Math.max(maxima[i / LogitRow.BLOCK], logits[i]);
        }
        return LogitRow.of(MemorySegment.ofArray(logits), MemorySegment.ofArray(maxima));
    }

    /** Logits with these probabilities, up to rounding. */
    static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }
}
