package dev.hearth.spi;

/**
 * How a token chooses its experts and what each counts.
 *
 * @param expertCount experts used by a token
 * @param scoring what an expert's score is
 * @param groups neighbouring experts among which a token chooses first
 * @param normalised whether the weights of the chosen experts are divided by their sum
 * @param epsilon added to that sum
 * @param scale factor of every weight, at the end
 */
public record RoutingSpec(
        int expertCount, Scoring scoring, Groups groups, boolean normalised, float epsilon, float scale) {
    /** What an expert's score is made of; the score of a chosen one is its weight. */
    public enum Scoring {
        /** The softmax of all logits; Shazeer and others 2017, arXiv:1701.06538. */
        SOFTMAX,
        /** 1 / (1 + exp(-logit)); DeepSeek-AI 2024, arXiv:2412.19437, section 2.1.2. */
        SIGMOID,
        /** The logit itself; the weights are the softmax of the chosen ones alone. */
        LOGIT_THEN_SOFTMAX,
        /** The logit itself; the weight is 1 / (1 + exp(-logit)). */
        LOGIT_THEN_SIGMOID
    }

    /**
     * Experts in groups of neighbours, all of one size: only those of the best groups can be chosen; DeepSeek-AI 2024,
     * arXiv:2405.04434, section 2.2.2.
     *
     * @param count groups; divides the number of experts
     * @param used groups that a token may choose from
     * @param rank what a group is judged by
     */
    public record Groups(int count, int used, Rank rank) {
        /** All experts in one. */
        public static final Groups NONE = new Groups(1, 1, Rank.BEST);

        /** Checks that at least one of the groups is used. */
        public Groups {
            if (used < 1 || used > count) {
                throw new IllegalArgumentException("routing: expected 1 to " + count + " groups, found " + used);
            }
        }
    }

    /** What a group of experts is judged by. */
    public enum Rank {
        /** Its greatest score. */
        BEST,
        /** The sum of its two greatest scores. */
        BEST_TWO
    }

    /** Softmax over all experts, without groups. */
    public RoutingSpec(int expertCount, boolean normalised) {
        this(expertCount, Scoring.SOFTMAX, Groups.NONE, normalised, 0, 1);
    }

    /** The same with other scores. */
    public RoutingSpec withScoring(Scoring other) {
        return new RoutingSpec(expertCount, other, groups, normalised, epsilon, scale);
    }

    /** The same with other groups. */
    public RoutingSpec withGroups(Groups other) {
        return new RoutingSpec(expertCount, scoring, other, normalised, epsilon, scale);
    }

    /** The same with groups, if there are any, judged by their two best. */
    public RoutingSpec rankedByTwo() {
        return groups.count() > 1 ? withGroups(new Groups(groups.count(), groups.used(), Rank.BEST_TWO)) : this;
    }

    /** The same with weights divided by their sum and {@code otherEpsilon}. */
    public RoutingSpec normalisedWith(float otherEpsilon) {
        return new RoutingSpec(expertCount, scoring, groups, true, otherEpsilon, scale);
    }

    /** The same with weights left as they are. */
    public RoutingSpec notNormalised() {
        return new RoutingSpec(expertCount, scoring, groups, false, 0, scale);
    }

    /** The same with another factor of the weights. */
    public RoutingSpec withScale(float other) {
        return new RoutingSpec(expertCount, scoring, groups, normalised, epsilon, other);
    }

    /** Whether a token can choose so among {@code all} experts. */
    public boolean fits(long all) {
        return expertCount >= 1
                && all % groups.count() == 0
                && expertCount <= all / groups.count() * groups.used()
                && (groups.rank() == Rank.BEST || all / groups.count() >= 2);
    }
}
