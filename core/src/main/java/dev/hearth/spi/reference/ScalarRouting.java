package dev.hearth.spi.reference;

import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Rank;
import dev.hearth.spi.RoutingSpec.Scoring;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The choice of experts; see {@link dev.hearth.spi.Ops#route}. */
final class ScalarRouting {
    private final RoutingSpec spec;
    private final float @Nullable [] bias;
    private final float[] score;
    private final float[] choice;
    private final boolean[] open;
    private final float[] groupRank;
    private final boolean[] groupOpen;

    ScalarRouting(int experts, float @Nullable [] bias, RoutingSpec spec) {
        this.spec = spec;
        this.bias = bias;
        score = new float[experts];
        choice = new float[experts];
        open = new boolean[experts];
        groupRank = new float[spec.groups().count()];
        groupOpen = new boolean[spec.groups().count()];
    }

    void route(Tensor experts, Tensor weights, Tensor logits, long t) {
        for (int e = 0; e < score.length; e++) {
            score[e] = logits.getFloat(t, e);
        }
        switch (spec.scoring()) {
            case SOFTMAX -> softmax(score, score.length);
            case SIGMOID -> sigmoid(score, score.length);
            case LOGIT_THEN_SOFTMAX, LOGIT_THEN_SIGMOID -> {}
        }
        for (int e = 0; e < score.length; e++) {
            choice[e] = bias == null ? score[e] : score[e] + bias[e];
        }
        openGroups();
        float[] chosen = new float[spec.expertCount()];
        for (int j = 0; j < chosen.length; j++) {
            int best = takeBest(choice, open);
            experts.setInt(t, j, best);
            chosen[j] = score[best];
        }
        weigh(chosen);
        for (int j = 0; j < chosen.length; j++) {
            weights.setFloat(t, j, chosen[j]);
        }
    }

    /** Opens the experts of the groups that rank highest. */
    private void openGroups() {
        int size = score.length / groupRank.length;
        for (int g = 0; g < groupRank.length; g++) {
            boolean[] left = new boolean[score.length];
            Arrays.fill(left, g * size, (g + 1) * size, true);
            groupRank[g] = choice[takeBest(choice, left)];
            if (spec.groups().rank() == Rank.BEST_TWO) {
                groupRank[g] += choice[takeBest(choice, left)];
            }
            groupOpen[g] = true;
        }
        Arrays.fill(open, false);
        for (int i = 0; i < spec.groups().used(); i++) {
            int g = takeBest(groupRank, groupOpen);
            Arrays.fill(open, g * size, (g + 1) * size, true);
        }
    }

    /** The first of the greatest values that are left, which is then not left. */
    private static int takeBest(float[] values, boolean[] left) {
        int best = -1;
        for (int i = 0; i < values.length; i++) {
            if (left[i] && (best < 0 || values[i] > values[best])) {
                best = i;
            }
        }
        left[best] = false;
        return best;
    }

    private void weigh(float[] chosen) {
        if (spec.scoring() == Scoring.LOGIT_THEN_SOFTMAX) {
            softmax(chosen, chosen.length);
        } else if (spec.scoring() == Scoring.LOGIT_THEN_SIGMOID) {
            sigmoid(chosen, chosen.length);
        }
        if (spec.normalised()) {
            float sum = 0;
            for (float w : chosen) {
                sum += w;
            }
            for (int j = 0; j < chosen.length; j++) {
                chosen[j] /= sum + spec.epsilon();
            }
        }
        for (int j = 0; j < chosen.length; j++) {
            chosen[j] *= spec.scale();
        }
    }

    private static void softmax(float[] values, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, values[i]);
        }
        float sum = 0;
        for (int i = 0; i < count; i++) {
            values[i] = ScalarMath.exp(values[i] - max);
            sum += values[i];
        }
        for (int i = 0; i < count; i++) {
            values[i] /= sum;
        }
    }

    private static void sigmoid(float[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = 1 / (1 + ScalarMath.exp(-values[i]));
        }
    }
}
