package dev.hearth.model;

/**
 * Which vector of a table stands for how far two tokens are apart: near by each distance has its own, further away they share
 * them by logarithm, on both sides; the middle of the table is where the distance is 0. He and others 2020, arXiv:2006.03654,
 * equation 3, with the buckets of the second version.
 *
 * @param count buckets on each side, those of half as many distances near by included; 0 where each distance has its own
 * @param furthest the distance that bounds the last bucket, or that is the last to have its own
 */
public record DistanceBuckets(int count, int furthest) {
    /** Vectors on each side. */
    public int span() {
        return count > 0 ? count : furthest;
    }

    /** The vectors of the distances -reach to reach. */
    public int[] rows(int reach) {
        int[] rows = new int[2 * reach + 1];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Math.clamp((long) bucket(i - reach) + span(), 0, 2 * span() - 1);
        }
        return rows;
    }

    private int bucket(int distance) {
        int middle = count / 2;
        int far = Math.abs(distance);
        if (count == 0 || far <= middle) {
            return distance;
        }
        // in F32, as the models were trained
        float part = log((float) far / middle) / log((float) ((furthest - 1) / (double) middle));
        int steps = (int) Math.ceil(part * (middle - 1));
        return (steps + middle) * Integer.signum(distance);
    }

    private static float log(float x) {
        return (float) Math.log(x);
    }
}
