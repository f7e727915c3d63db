/* Mixtures of experts: the choice of a token, and what is made of the results; the products between are those of linear.h. */
#pragma once
#include "functions.h"

namespace gpu {

/** The experts of each token and their weights, dev.hearth.spi.Ops.route; a block does a token, in the order of the specification. */
struct RouteArgs {
    int32_t* experts;  // [tokens, count]
    int64_t expertsStride;
    Rows weights, logits;
    const float* bias;  // [all], of the choice alone; may be null
    int all, count;
    int scoring;
    int groups, usedGroups, byTwo;
    int normalised;
    float epsilon, scale;
    int unused;
};

enum Scoring { SOFTMAX_OF_ALL, SIGMOID_OF_EACH, LOGIT_THEN_SOFTMAX, LOGIT_THEN_SIGMOID };

constexpr int mostExperts = 1024;

struct RouteShared {
    float score[mostExperts];
    float choice[mostExperts];
    uint8_t open[mostExperts];
    float groupRank[mostExperts];
    uint8_t groupOpen[mostExperts];
};

GPU_FN void softmax(float* values, int count) {
    float most = ofBits(static_cast<int>(0xff800000u));
    for (int i = 0; i < count; i++) {
        most = greater(most, values[i]);
    }
    float sum = 0;
    for (int i = 0; i < count; i++) {
        values[i] = exponential(values[i] - most);
        sum += values[i];
    }
    for (int i = 0; i < count; i++) {
        values[i] /= sum;
    }
}

GPU_FN void sigmoid(float* values, int count) {
    for (int i = 0; i < count; i++) {
        values[i] = 1 / (1 + exponential(-values[i]));
    }
}

/** The first of the greatest values from `from` to `to` that are left, which is then not left. */
GPU_FN int takeBest(const float* values, uint8_t* left, int from, int to) {
    int best = from;
    bool any = false;
    for (int i = from; i < to; i++) {
        if (left[i] && (!any || values[i] > values[best])) {
            best = i;
            any = true;
        }
    }
    left[best] = 0;
    return best;
}

/** Opens the experts of the groups that rank highest. */
GPU_FN void openGroups(RouteShared& s, const RouteArgs& a) {
    int size = a.all / a.groups;
    for (int g = 0; g < a.groups; g++) {
        for (int i = g * size; i < (g + 1) * size; i++) {
            s.open[i] = 1;
        }
        s.groupRank[g] = s.choice[takeBest(s.choice, s.open, g * size, (g + 1) * size)];
        if (a.byTwo) {
            s.groupRank[g] += s.choice[takeBest(s.choice, s.open, g * size, (g + 1) * size)];
        }
        s.groupOpen[g] = 1;
    }
    for (int i = 0; i < a.all; i++) {
        s.open[i] = 0;
    }
    for (int used = 0; used < a.usedGroups; used++) {
        int g = takeBest(s.groupRank, s.groupOpen, 0, a.groups);
        for (int i = g * size; i < (g + 1) * size; i++) {
            s.open[i] = 1;
        }
    }
}

GPU_KERNEL(hearth_route, RouteArgs) {
    GPU_SHARED(RouteShared, s);
    if (thread() != 0) {
        return;
    }
    int64_t t = blockX();
    for (int e = 0; e < a.all; e++) {
        s.score[e] = a.logits.row(t)[e];
    }
    if (a.scoring == SOFTMAX_OF_ALL) {
        softmax(s.score, a.all);
    } else if (a.scoring == SIGMOID_OF_EACH) {
        sigmoid(s.score, a.all);
    }
    for (int e = 0; e < a.all; e++) {
        s.choice[e] = a.bias == nullptr ? s.score[e] : s.score[e] + a.bias[e];
    }
    openGroups(s, a);
    float* weights = a.weights.row(t);
    for (int j = 0; j < a.count; j++) {
        int best = takeBest(s.choice, s.open, 0, a.all);
        a.experts[t * a.expertsStride + j] = best;
        weights[j] = s.score[best];
    }
    if (a.scoring == LOGIT_THEN_SOFTMAX) {
        softmax(weights, a.count);
    } else if (a.scoring == LOGIT_THEN_SIGMOID) {
        sigmoid(weights, a.count);
    }
    if (a.normalised) {
        float sum = 0;
        for (int j = 0; j < a.count; j++) {
            sum += weights[j];
        }
        for (int j = 0; j < a.count; j++) {
            weights[j] /= sum + a.epsilon;
        }
    }
    for (int j = 0; j < a.count; j++) {
        weights[j] *= a.scale;
    }
}

/** out[t * choices + j] = fma(weights[t, j], x[t], 0). */
struct SharesArgs {
    Rows out, x, weights;
    int64_t width;
    int choices, unused;
};

GPU_KERNEL(hearth_shares, SharesArgs) {
    int64_t t = blockX() / a.choices;
    float weight = a.weights.row(t)[blockX() % a.choices];
    for (int64_t i = thread(); i < a.width; i += threads()) {
        a.out.row(blockX())[i] = fma(weight, a.x.row(t)[i], 0);
    }
}

/** out[t] = sum of weights[t, j] * x[t * choices + j], by fma in ascending order of the experts from zero. */
struct CombineArgs {
    Rows out, x;
    Rows weights;  // start null: all are 1
    const int32_t* chosen;
    int64_t chosenStride;
    int64_t width;
    int choices, unused;
};

GPU_KERNEL(hearth_combine, CombineArgs) {
    int64_t t = blockX();
    const int32_t* chosen = a.chosen + t * a.chosenStride;
    for (int64_t i = thread(); i < a.width; i += threads()) {
        float sum = 0;
        int last = -1;
        for (int n = 0; n < a.choices; n++) {
            int next = -1;  // the choice of the least expert above the last
            for (int j = 0; j < a.choices; j++) {
                if (chosen[j] > last && (next < 0 || chosen[j] < chosen[next])) {
                    next = j;
                }
            }
            last = chosen[next];
            float weight = a.weights.start == nullptr ? 1 : a.weights.row(t)[next];
            sum = fma(weight, a.x.row(t * a.choices + next)[i], sum);
        }
        a.out.row(t)[i] = sum;
    }
}

}  // namespace gpu
