package dev.hearth.sample;

/**
 * Keeps the surprise of the output, in bits a token, near a target, by a bound mu on surprises that learns: from {@code 2 * tau} it
 * goes down by {@code eta * (surprise - tau)} with each token accepted. Basu and others 2021, "Mirostat: a neural text decoding
 * algorithm that directly controls perplexity", arXiv:2007.14966. A token's surprise is -log2 of its probability before mirostat's cut,
 * as in the paper; llama.cpp takes it after the cut.
 *
 * @param version which of two cuts
 * @param tau the target, in bits; above 0; 5 in llama.cpp
 * @param eta the learning rate; above 0; 0.1 in llama.cpp
 */
public record Mirostat(Version version, double tau, double eta) {
    /** How mu becomes a cut. */
    public enum Version {
        /** Top-k with a k for which words by Zipf's law, its exponent estimated from the 100 likeliest, have mu: algorithm 1. */
        V1,
        /** All tokens whose surprise is at most mu, at least the likeliest: the authors' simplification, as in llama.cpp. */
        V2
    }

    /** @throws IllegalArgumentException if a value is outside its range */
    public Mirostat {
        ParamCheck.check(tau > 0 && Double.isFinite(tau), "Mirostat: tau", "a finite number above 0", tau);
        ParamCheck.check(eta > 0 && Double.isFinite(eta), "Mirostat: eta", "a finite number above 0", eta);
    }
}
