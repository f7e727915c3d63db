package dev.hearth.sample;

/**
 * Exclude top choices: with a probability, all tokens at least as likely as a threshold are cut but the last of them, the least likely,
 * highest id among equals; fewer than two such tokens are left alone. By p-e-w, text-generation-webui pull request 6335, as in
 * llama.cpp.
 *
 * @param probability 0 to 1, with which it happens at a token
 * @param threshold 0 to 1; above 0.5 it never does anything
 */
public record Xtc(double probability, double threshold) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public Xtc {
        ParamCheck.check(probability >= 0 && probability <= 1, "Xtc: probability", "0 to 1", probability);
        ParamCheck.check(threshold >= 0 && threshold <= 1, "Xtc: threshold", "0 to 1", threshold);
    }
}
