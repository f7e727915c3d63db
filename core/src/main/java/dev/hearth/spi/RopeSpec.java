package dev.hearth.spi;

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

    private final int headDim;
    private final float[] inverseFrequencies;
    private final float magnitude;
    private final Pairing pairing;

    /**
     * A rotation.
     *
     * @param headDim elements of a head; those behind the pairs stay as they are
     * @param magnitude cosine and sine are multiplied by it (YaRN's and LongRoPE's attention factor), 1 for none
     */
    public RopeSpec(int headDim, float[] inverseFrequencies, float magnitude, Pairing pairing) {
        if (inverseFrequencies.length * 2 > headDim || inverseFrequencies.length == 0) {
            throw new IllegalArgumentException(
                    "rope: " + inverseFrequencies.length + " pairs do not fit a head of " + headDim);
        }
        this.headDim = headDim;
        this.inverseFrequencies = inverseFrequencies.clone();
        this.magnitude = magnitude;
        this.pairing = pairing;
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

    /** Factor of cosine and sine. */
    public float magnitude() {
        return magnitude;
    }

    /** Which elements form a pair. */
    public Pairing pairing() {
        return pairing;
    }
}
