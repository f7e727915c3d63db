package dev.hearth.format.packed;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;

/**
 * Codes with a scale, and perhaps a zero point, for groups of columns in each row: {@code (code - zero) * scale}.
 *
 * @param groups of which group each column is
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GroupedMatrix(Shape shape, DType type, Codes codes, PerGroup zeros, PerGroup scales, int[] groups)
        implements CodedMatrix {
    /** Codes of a row. */
    interface Codes {
        /** Fills {@code codes} with those of a row. */
        void read(long row, float[] codes);
    }

    /** A number for each group of columns of each row. */
    interface PerGroup {
        /** The number. */
        float at(long row, int group);
    }

    @Override
    public void read(long row, float[] levels, float[] scales) {
        codes.read(row, levels);
        int last = -1;
        float zero = 0;
        float scale = 0;
        for (int i = 0; i < groups.length; i++) {
            if (groups[i] != last) {
                last = groups[i];
                zero = zeros.at(row, last);
                scale = this.scales.at(row, last);
            }
            levels[i] -= zero;
            scales[i] = scale;
        }
    }
}
