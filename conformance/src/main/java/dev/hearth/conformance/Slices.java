package dev.hearth.conformance;

import java.util.Arrays;

/** Parts of arrays. */
final class Slices {
    private Slices() {}

    /** A copy of rows [from, to). */
    static float[][] of(float[][] rows, int from, int to) {
        float[][] part = new float[to - from][];
        for (int r = 0; r < part.length; r++) {
            part[r] = rows[from + r].clone();
        }
        return part;
    }

    /** Elements [from, to). */
    static int[] of(int[] values, int from, int to) {
        return Arrays.copyOfRange(values, from, to);
    }

    /** Both, one after the other, row by row. */
    static float[][] join(float[][] a, float[][] b) {
        float[][] both = new float[a.length][];
        for (int r = 0; r < a.length; r++) {
            both[r] = Arrays.copyOf(a[r], a[r].length + b[r].length);
            System.arraycopy(b[r], 0, both[r], a[r].length, b[r].length);
        }
        return both;
    }

    /** As F32, which must hold them. */
    static float[][] floats(int[][] rows) {
        float[][] floats = new float[rows.length][];
        for (int r = 0; r < rows.length; r++) {
            floats[r] = new float[rows[r].length];
            for (int i = 0; i < rows[r].length; i++) {
                floats[r][i] = rows[r][i];
                if ((int) floats[r][i] != rows[r][i]) {
                    throw new AssertionError("row " + r + ", element " + i + ": never set, found " + rows[r][i]);
                }
            }
        }
        return floats;
    }
}
