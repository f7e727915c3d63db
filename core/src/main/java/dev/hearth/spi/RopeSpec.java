package dev.hearth.spi;

import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding of each head of a row; Su and others 2021, arXiv:2104.09864. Pair i of a head turns by
 * position * inverseFrequencies[i]; what scalings do is already inside these numbers. Compared by identity.
 */
public final class RopeSpec {
    /** Which elements of a head form pair i of n. */
    public enum Pairing {
        /** i and i + n, as published in the Hugging Face layout. */
        HALVES,
        /** 2i and 2i + 1, as llama.cpp stores the weights of Llama. */
        NEIGHBOURS
    }

    /**
     * A magnitude that grows with the position: times {@code 1 + scale * ln(1 + floor((position + 1) / floor))}; Nakanishi 2025,
     * arXiv:2501.19399, as Llama 4 has it.
     *
     * @param floor positions of a step, at least 1
     */
    public record Temperature(double floor, double scale) {
        /** Checks that there is a step. */
        public Temperature {
            if (!(floor >= 1)) {
                throw new IllegalArgumentException("rope: expected a step of at least 1 position, found " + floor);
            }
        }

        private double at(int position) {
            return 1 + scale * StrictMath.log1p(Math.floor((position + 1.0) / floor));
        }
    }

    private final int headDim;
    private final float[] inverseFrequencies;
    private final float magnitude;
    private final Pairing pairing;
    private final @Nullable Temperature temperature;

    /**
     * A rotation.
     *
     * @param headDim elements of a head; those behind the pairs stay as they are
     * @param magnitude cosine and sine are multiplied by it (YaRN's and LongRoPE's attention factor), 1 for none
     */
    public RopeSpec(int headDim, float[] inverseFrequencies, float magnitude, Pairing pairing) {
        this(headDim, inverseFrequencies, magnitude, pairing, null);
    }

    private RopeSpec(
            int headDim,
            float[] inverseFrequencies,
            float magnitude,
            Pairing pairing,
            @Nullable Temperature temperature) {
        if (inverseFrequencies.length * 2 > headDim || inverseFrequencies.length == 0) {
            throw new IllegalArgumentException(
                    "rope: " + inverseFrequencies.length + " pairs do not fit a head of " + headDim);
        }
        this.headDim = headDim;
        this.inverseFrequencies = inverseFrequencies.clone();
        this.magnitude = magnitude;
        this.pairing = pairing;
        this.temperature = temperature;
    }

    /** Turns nothing, but scales every element of heads of an even size by the temperature at the position. */
    public static RopeSpec scaling(int headDim, Temperature temperature) {
        return new RopeSpec(headDim, new float[headDim / 2], 1, Pairing.HALVES, temperature);
    }

    /** Elements of a head. */
    public int headDim() {
        return headDim;
    }

    /** Pairs that turn in each head. */
    public int pairCount() {
        return inverseFrequencies.length;
    }

    /** Radians a position that pair i turns. */
    public float inverseFrequency(int pair) {
        return inverseFrequencies[pair];
    }

    /** Factor of cosine and sine at a position. */
    public float magnitude(int position) {
        return temperature == null ? magnitude : (float) (magnitude * temperature.at(position));
    }

    /** Which elements form a pair. */
    public Pairing pairing() {
        return pairing;
    }
}
