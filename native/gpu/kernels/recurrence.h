/* Operations with a state of fixed size: dev.hearth.spi.Ops.convolve, scan, delta and wkv. Block y is a row of slots, a sequence of the step or none. */
#pragma once
#include "functions.h"

namespace gpu {

/** The states of a layer, from the numbers of an operation on, and which tokens are whose. */
struct States {
    uint8_t* pool;
    int64_t slotBytes;
    Column slots, sequences, positions;
    int64_t tokens;
};

/** The tokens [first, end) of the block's sequence, and its numbers. */
struct Run {
    int64_t first, end;
    float* state;
    bool begins;  // at position 0: what the state holds is not to be read
};

struct RunShared {
    int first, end;
};

/** Tokens of a sequence stand together. Empty for one that the step doesn't have. */
GPU_FN Run runOf(const States& s, RunShared& shared) {
    int own = blockY();
    if (thread() == 0) {
        shared.first = 0;
        shared.end = 0;
    }
    syncBlock();
    for (int64_t t = thread(); t < s.tokens; t += threads()) {
        if (s.sequences.at(t) != own) {
            continue;
        }
        if (t == 0 || s.sequences.at(t - 1) != own) {
            shared.first = static_cast<int>(t);
        }
        if (t + 1 == s.tokens || s.sequences.at(t + 1) != own) {
            shared.end = static_cast<int>(t + 1);
        }
    }
    syncBlock();
    Run run = {shared.first, shared.end, reinterpret_cast<float*>(s.pool + s.slots.at(own) * s.slotBytes), false};
    run.begins = run.end > run.first && s.positions.at(run.first) == 0;
    return run;
}

/** A thread does a channel, whose window lies as [channels, kernel - 1], oldest first. */
struct ConvolveArgs {
    States states;
    Rows out, x;
    const float* filter;
    const float* bias;  // may be null
    int64_t channels;
    int kernel, silu;
};

constexpr int mostTaps = 8;  // of which a thread keeps the window; that of longer filters stays in memory

GPU_KERNEL(hearth_convolve, ConvolveArgs) {
    GPU_SHARED(RunShared, shared);
    Run run = runOf(a.states, shared);
    int64_t channel = static_cast<int64_t>(blockX()) * threads() + thread();
    if (channel >= a.channels || run.first == run.end) {
        return;
    }
    int tail = a.kernel - 1;
    bool kept = tail <= mostTaps;
    float* state = run.state + channel * tail;
    const float* taps = a.filter + channel * a.kernel;
    float window[mostTaps] = {};
    for (int j = 0; j < tail; j++) {
        if (run.begins) {
            state[j] = 0;
        }
    }
    for (int j = 0; j < mostTaps; j++) {
        if (kept && j < tail) {
            window[j] = state[j];
        }
    }
    for (int64_t t = run.first; t < run.end; t++) {
        float input = a.x.row(t)[channel];
        float sum = 0;
        for (int j = 0; j < mostTaps; j++) {
            if (kept && j < tail) {
                sum = fma(taps[j], window[j], sum);
                window[j] = j + 1 == tail ? input : j + 1 < mostTaps ? window[(j + 1) % mostTaps] : 0;
            }
        }
        for (int j = 0; !kept && j < tail; j++) {
            sum = fma(taps[j], state[j], sum);
            state[j] = j + 1 == tail ? input : state[j + 1];
        }
        sum = fma(taps[tail], input, sum);
        if (a.bias != nullptr) {
            sum += a.bias[channel];
        }
        a.out.row(t)[channel] = a.silu ? silu(sum) : sum;
    }
    for (int j = 0; j < mostTaps; j++) {
        if (kept && j < tail) {
            state[j] = window[j];
        }
    }
}

/** Sixteen lanes do a channel; state [heads, headDim, size]. */
struct ScanArgs {
    States states;
    Rows out, x, steps, b, c;
    const float* decay;
    const float* skip;
    const float* bias;  // may be null
    int heads, headDim, size, groups;
    int ownRates;  // whether every number of a state has a rate, or a head one
    float least, most;
    int unused;
};

constexpr int keptNumbers = 16;  // of a channel's state, by each of its lanes; what is beyond stays in memory

/** One number's part of a token's step; the next number. */
GPU_FN float scanned(float s, float keep, float input, float value) { return fma(s, keep, input * value); }

GPU_KERNEL(hearth_scan, ScanArgs) {
    GPU_SHARED(RunShared, shared);
    Run run = runOf(a.states, shared);
    if (run.first == run.end) {
        return;
    }
    int lane = thread() % 16;
    int64_t index = (static_cast<int64_t>(blockX()) * threads() + thread()) / 16;
    bool mine = index < static_cast<int64_t>(a.heads) * a.headDim;
    int64_t channel = mine ? index : 0;  // the last warp's lanes go through it together, for they add up
    int head = static_cast<int>(channel / a.headDim);
    int group = head / (a.heads / a.groups);
    float* state = run.state + channel * a.size;
    float kept[keptNumbers] = {};
    for (int j = 0; j < keptNumbers; j++) {
        int i = lane + 16 * j;
        if (i < a.size && !run.begins) {
            kept[j] = state[i];
        }
    }
    for (int i = lane + 16 * keptNumbers; mine && run.begins && i < a.size; i += 16) {
        state[i] = 0;
    }
    for (int64_t t = run.first; t < run.end; t++) {
        float logit = a.steps.row(t)[head];
        float step = softplus(a.bias == nullptr ? logit : logit + a.bias[head]);
        step = greater(a.least, lesser(a.most, step));
        const float* b = a.b.row(t) + static_cast<int64_t>(group) * a.size;
        const float* c = a.c.row(t) + static_cast<int64_t>(group) * a.size;
        float value = a.x.row(t)[channel];
        float keep = a.ownRates ? 0 : exponential(step * a.decay[head]);
        const float* rates = a.decay + static_cast<int64_t>(head) * a.size;
        float sum = 0;
        for (int j = 0; j < keptNumbers; j++) {
            int i = lane + 16 * j;
            if (i < a.size) {
                kept[j] = scanned(kept[j], a.ownRates ? exponential(step * rates[i]) : keep, step * b[i], value);
                sum = fma(kept[j], c[i], sum);
            }
        }
        for (int i = lane + 16 * keptNumbers; mine && i < a.size; i += 16) {
            state[i] = scanned(state[i], a.ownRates ? exponential(step * rates[i]) : keep, step * b[i], value);
            sum = fma(state[i], c[i], sum);
        }
        sum = fold16(sum);
        if (mine && lane == 0) {
            a.out.row(t)[channel] = fma(value, a.skip[head], sum);
        }
    }
    for (int j = 0; j < keptNumbers; j++) {
        int i = lane + 16 * j;
        if (mine && i < a.size) {
            state[i] = kept[j];
        }
    }
}

/** Block x is a value head and 128 columns of its state, [heads, keyDim, valueDim]; a thread does a column. */
struct DeltaArgs {
    States states;
    Rows out, queries, keys, values, steps, beta;
    const float* decay;
    const float* bias;
    int keyHeads, heads, keyDim, valueDim;
    int turns;  // how value heads share key heads
    float scale;
};

constexpr int mostKeyDim = 1024;  // dev.hearth.gpu.Support.MOST_KEY_DIM

struct DeltaShared {
    RunShared run;
    float query[mostKeyDim];
    float key[mostKeyDim];
};

/** to = (x * r) * scale by the threads of a block, r = 1 / sqrt(sum of squares + 1e-6); each warp finds r on its own. */
GPU_FN void normalise(float* to, const float* x, int size, float scale) {
    float sum = 0;
    for (int i = thread() % 16; i < size; i += 16) {
        sum = fma(x[i], x[i], sum);
    }
    float r = 1 / root(fold16(sum) + 1e-6f);
    for (int i = thread(); i < size; i += threads()) {
        to[i] = x[i] * r * scale;
    }
}

GPU_KERNEL(hearth_delta, DeltaArgs) {
    GPU_SHARED(DeltaShared, shared);
    Run run = runOf(a.states, shared.run);
    int parts = (a.valueDim + threads() - 1) / threads();
    int head = blockX() / parts;
    int column = blockX() % parts * threads() + thread();
    int keyHead = a.turns ? head % a.keyHeads : head / (a.heads / a.keyHeads);
    bool mine = column < a.valueDim;
    float* state = run.state + static_cast<int64_t>(head) * a.keyDim * a.valueDim + column;
    for (int i = 0; mine && run.begins && i < a.keyDim; i++) {
        state[static_cast<int64_t>(i) * a.valueDim] = 0;
    }
    for (int64_t t = run.first; t < run.end; t++) {
        syncBlock();  // the token before is done with them
        normalise(shared.query, a.queries.row(t) + static_cast<int64_t>(keyHead) * a.keyDim, a.keyDim, a.scale);
        normalise(shared.key, a.keys.row(t) + static_cast<int64_t>(keyHead) * a.keyDim, a.keyDim, 1);
        syncBlock();
        if (!mine) {
            continue;
        }
        float keep = exponential(a.decay[head] * softplus(a.steps.row(t)[head] + a.bias[head]));
        float share = 1 / (1 + exponential(-a.beta.row(t)[head]));
        float change = 0;
        for (int i = 0; i < a.keyDim; i++) {
            change = fma(shared.key[i], state[static_cast<int64_t>(i) * a.valueDim] * keep, change);
        }
        int64_t at = static_cast<int64_t>(head) * a.valueDim + column;
        change = (a.values.row(t)[at] - change) * share;
        float result = 0;
        for (int i = 0; i < a.keyDim; i++) {
            float& s = state[static_cast<int64_t>(i) * a.valueDim];
            s = fma(shared.key[i], change, s * keep);
            result = fma(shared.query[i], s, result);
        }
        a.out.row(t)[at] = result;
    }
}

/** A thread does a channel; state [3, channels]: sums of values and of weights, both over exp(most), and most. */
struct WkvArgs {
    States states;
    Rows out, keys, values;
    const float* decay;
    const float* bonus;
    int64_t channels;
};

GPU_KERNEL(hearth_wkv, WkvArgs) {
    GPU_SHARED(RunShared, shared);
    Run run = runOf(a.states, shared);
    int64_t channel = static_cast<int64_t>(blockX()) * threads() + thread();
    if (channel >= a.channels || run.first == run.end) {
        return;
    }
    float* state = run.state + channel;
    float sum = run.begins ? 0 : state[0];
    float weights = run.begins ? 0 : state[a.channels];
    float most = run.begins ? 0 : state[2 * a.channels];
    for (int64_t t = run.first; t < run.end; t++) {
        float key = a.keys.row(t)[channel];
        float value = a.values.row(t)[channel];
        float own = key + a.bonus[channel];
        float last = weights == 0 ? -1e38f : most;  // the least, that leaves room to add a decay
        float n = greater(last, own);
        float p = exponential(last - n);
        float q = exponential(own - n);
        a.out.row(t)[channel] = fma(sum, p, q * value) / fma(weights, p, q);
        float decayed = last + a.decay[channel];
        most = greater(decayed, key);
        p = exponential(decayed - most);
        q = exponential(key - most);
        sum = fma(sum, p, q * value);
        weights = fma(weights, p, q);
    }
    state[0] = sum;
    state[a.channels] = weights;
    state[2 * a.channels] = most;
}

}  // namespace gpu
