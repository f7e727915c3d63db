package dev.hearth.sample;

import java.util.Optional;

/**
 * Which tokens are left to draw from. The steps run in the order that {@link Sampler} gives, each on what the one before it left.
 *
 * @param topNSigma keeps logits at most so many standard deviations of all of them below the largest; 0, the default, keeps
 *     all; Tang and others 2024, arXiv:2411.07641
 * @param topH of the 100 likeliest tokens keeps the first whose terms of the entropy add up to at most this share of it, at
 *     least one; above 0, default 1: off, all tokens; Potraghloo and others 2025, arXiv:2509.02510, as Hugging Face bounds it
 * @param topK keeps this many of the likeliest tokens; 0, the default, keeps all
 * @param topP keeps the fewest of the likeliest tokens whose probabilities reach this, at least one; 0 to 1, default 1: all;
 *     Holtzman and others 2020, arXiv:1904.09751
 * @param topPDecay lets topP shrink along the output; default empty: it is fixed
 * @param minP keeps tokens at least this share as likely as the likeliest; 0 to 1, default 0: all; Nguyen and others 2024,
 *     arXiv:2407.01082
 * @param typicalP keeps the fewest tokens whose probabilities reach this, those first whose surprise is nearest to the entropy;
 *     0 to 1, default 1: all; Meister and others 2022, arXiv:2202.00666
 * @param epsilonCutoff keeps tokens at least so likely, and the likeliest; from 0, the default, below 1; Hewitt and others
 *     2022, arXiv:2210.15191
 * @param etaCutoff keeps tokens at least as likely as min(eta, sqrt(eta) * exp(-entropy)), and the likeliest; from 0, the
 *     default, below 1; by the same authors
 * @param xtc cuts the likeliest tokens at times; default empty: never
 * @param mirostat steers the surprise of the output; default empty: doesn't
 */
public record Truncation(
        double topNSigma,
        double topH,
        int topK,
        double topP,
        Optional<TopPDecay> topPDecay,
        double minP,
        double typicalP,
        double epsilonCutoff,
        double etaCutoff,
        Optional<Xtc> xtc,
        Optional<Mirostat> mirostat) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public Truncation {
        check(topNSigma >= 0 && Double.isFinite(topNSigma), "topNSigma", "a finite number from 0 (all)", topNSigma);
        check(topH > 0 && topH <= 1, "topH", "a number above 0, up to 1", topH);
        check(topK >= 0, "topK", "0 (all) or more", topK);
        check(topP >= 0 && topP <= 1, "topP", "0 to 1", topP);
        double leastTopP = topPDecay.map(TopPDecay::min).orElse(0.0);
        check(leastTopP <= topP, "topPDecay: min", "at most the topP of " + topP, leastTopP);
        check(minP >= 0 && minP <= 1, "minP", "0 to 1", minP);
        check(typicalP >= 0 && typicalP <= 1, "typicalP", "0 to 1", typicalP);
        check(epsilonCutoff >= 0 && epsilonCutoff < 1, "epsilonCutoff", "0 (all) to below 1", epsilonCutoff);
        check(etaCutoff >= 0 && etaCutoff < 1, "etaCutoff", "0 (all) to below 1", etaCutoff);
    }

    /** Whether nothing but topP cuts. */
    boolean keepsAllButTail() {
        return topNSigma == 0
                && topH == 1
                && topK == 0
                && minP == 0
                && typicalP == 1
                && epsilonCutoff == 0
                && etaCutoff == 0
                && xtc.isEmpty()
                && mirostat.isEmpty();
    }

    private static void check(boolean holds, String name, String expected, Number found) {
        ParamCheck.check(holds, "SamplingParams: " + name, expected, found);
    }
}
