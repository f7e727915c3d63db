package dev.hearth.spi;

/** A function of a row of numbers, for {@link Ops#map}; {@link dev.hearth.spi.reference.ScalarRows} says how each is rounded. */
public sealed interface RowFunction {
    /** {@code min(max(x, -limit), limit)}; a NaN stays one. */
    record Clamp(float limit) implements RowFunction {}

    /**
     * {@code max(x - (m + deviations * s), 0)}, m the row's mean and s its standard deviation: of numbers that are normally
     * distributed so many are kept as lie that far out. Gemma 3n's gates.
     */
    record Sparse(float deviations) implements RowFunction {
        /**
         * The deviations that make this drop a part of many such numbers, from 0, which is -infinity, to below 1: the normal
         * distribution's quantile, by Newton's method.
         */
        public static double deviationsDropping(double part) {
            double x = part > 0 ? 0 : Double.NEGATIVE_INFINITY;
            for (int i = 0; i < 64 && part > 0; i++) {
                double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
                x = Math.clamp(x - (0.5 + density * oddSeries(x) - part) / density, x - 1, x + 1);
            }
            return x;
        }

        /** x + x^3 / 3 + x^5 / (3 * 5) and so on: of the density, the distribution beyond one half. */
        private static double oddSeries(double x) {
            double sum = 0;
            double term = x;
            for (int n = 3; sum + term != sum; n += 2) {
                sum += term;
                term *= x * x / n;
            }
            return sum;
        }
    }

    /**
     * {@code rint(x * s) / s}, {@code s = 127 / max(amax, least)}: the numbers that int8 with one scale a row stands for, ties to
     * even, no zero negative. Wang and others 2023, arXiv:2310.11453, section 2.1, in the form of arXiv:2402.17764.
     */
    record Int8(float least) implements RowFunction {}

    /**
     * xIELU: {@code positive * x^2 + linear * x} from 0 on, else {@code negative * (exp(y) - 1 - x) + linear * x},
     * {@code y = min(x, most)}; Huang and Schlag 2024, arXiv:2411.13010.
     *
     * @param most below 0
     */
    record Xielu(float positive, float negative, float linear, float most) implements RowFunction {}
}
