/* Operations on rows of activations. Block x is a row, block y a part of its columns where the kernel says nothing else. */
#pragma once
#include "functions.h"

namespace gpu {

/** out[t, i] = f(x[t, i], y[t, i]) for all elements; out may be x or y, of which some operations need the first alone. */
struct ElementArgs {
    Rows out, x, y;
    const float* factors;
    int64_t width;
    float first, second;
    int activation;
    float third, fourth;
    int unused;
};

/** f(i) for the column of this thread, if there is one. */
template <class F>
GPU_FN void eachColumn(int64_t width, F f) {
    int64_t i = static_cast<int64_t>(blockY()) * threads() + thread();
    if (i < width) {
        f(i);
    }
}

GPU_KERNEL(hearth_add, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = a.x.row(blockX())[i] + a.y.row(blockX())[i]; });
}

GPU_KERNEL(hearth_multiply, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = a.x.row(blockX())[i] * a.y.row(blockX())[i]; });
}

GPU_KERNEL(hearth_scale, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = a.x.row(blockX())[i] * a.first; });
}

GPU_KERNEL(hearth_scale_columns, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = a.x.row(blockX())[i] * a.factors[i]; });
}

GPU_KERNEL(hearth_activate, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = activate(a.activation, a.x.row(blockX())[i]); });
}

GPU_KERNEL(hearth_gate, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) {
        a.out.row(blockX())[i] = activate(a.activation, a.x.row(blockX())[i]) * a.y.row(blockX())[i];
    });
}

/** first is alpha, second the limit. */
GPU_KERNEL(hearth_clamped_gate, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) {
        float g = lesser(a.x.row(blockX())[i], a.second);
        float u = lesser(greater(a.y.row(blockX())[i], -a.second), a.second);
        a.out.row(blockX())[i] = (u + 1) * (g / (1 + exponential(-(a.first * g))));
    });
}

GPU_KERNEL(hearth_softcap, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = softcap(a.x.row(blockX())[i], a.first); });
}

/** first is the limit. */
GPU_KERNEL(hearth_clamp, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) { a.out.row(blockX())[i] = lesser(greater(a.x.row(blockX())[i], -a.first), a.first); });
}

/** first is positive, second negative, third linear, fourth the most. */
GPU_KERNEL(hearth_xielu, ElementArgs) {
    eachColumn(a.width, [&](int64_t i) {
        float x = a.x.row(blockX())[i];
        float straight = a.third * x;
        if (bitsOf(x) >= 0) {
            a.out.row(blockX())[i] = fma(a.first * x, x, straight);
            return;
        }
        float y = lesser(x, a.fourth);
        float e;
        if (y < -0.5f) {
            e = (exponential(y) - 1) - y;
        } else {
            float p = 1 / 362880.0f;
            p = fma(p, y, 1 / 40320.0f);
            p = fma(p, y, 1 / 5040.0f);
            p = fma(p, y, 1 / 720.0f);
            p = fma(p, y, 1 / 120.0f);
            p = fma(p, y, 1 / 24.0f);
            p = fma(p, y, 1 / 6.0f);
            p = fma(p, y, 1 / 2.0f);
            e = y * y * p;
        }
        a.out.row(blockX())[i] = fma(e + (y - x), a.second, straight);
    });
}

/** out[t, j * size + i] = sum over streams s of weights[t, j * streams + s] * x[t, s * size + i], by fma from zero. */
struct MixArgs {
    Rows out, x, weights;
    int64_t size, width;
    int streams, unused;
};

GPU_KERNEL(hearth_mix, MixArgs) {
    eachColumn(a.width, [&](int64_t at) {
        const float* weights = a.weights.row(blockX()) + at / a.size * a.streams;
        float sum = 0;
        for (int s = 0; s < a.streams; s++) {
            sum = fma(weights[s], a.x.row(blockX())[s * a.size + at % a.size], sum);
        }
        a.out.row(blockX())[at] = sum;
    });
}

/** out[i] = x[rows[i]], bytes. */
struct GatherArgs {
    ByteRows out, x;
    Column rows;
    int64_t bytes;
};

GPU_KERNEL(hearth_gather, GatherArgs) {
    const uint8_t* from = a.x.row(a.rows.at(blockX()));
    uint8_t* to = a.out.row(blockX());
    for (int64_t i = thread(); i < a.bytes; i += threads()) {
        to[i] = from[i];
    }
}

/** out[t] = x[t + distance] of the same sequence, so many positions away, or zeros. */
struct ShiftArgs {
    Rows out, x;
    Column positions, sequences;
    int64_t rows, width, distance;
};

GPU_KERNEL(hearth_shift, ShiftArgs) {
    int64_t t = blockX();
    int64_t u = t + a.distance;
    bool there = u >= 0 && u < a.rows && a.sequences.at(u) == a.sequences.at(t)
        && a.positions.at(u) == a.positions.at(t) + a.distance;
    for (int64_t i = thread(); i < a.width; i += threads()) {
        a.out.row(t)[i] = there ? a.x.row(u)[i] : 0;
    }
}

/** residual += delta, out = norm(residual) of each group; a block does one group of one row. */
struct NormArgs {
    Rows out, residual, delta;  // delta.start null: nothing is added
    const float* weight;
    const float* bias;  // layer norm: may be null
    int64_t groups;     // of a row
    int64_t size;       // of a group
    float epsilon;
    int unused;
};

struct NormShared {
    float values[1024];
    float result;
};

/**
 * The sum16 of term(x) * term(x), or of x itself where the term says so, over a group; every thread gets it. Adds delta first, if `first`.
 * Values go through shared memory, so that all threads fetch them and sixteen add them in their order.
 */
template <class Add>
GPU_FN float groupSum(NormShared& shared, const NormArgs& a, int64_t row, int64_t start, bool addsDelta, Add add) {
    float* x = a.residual.row(row) + start;
    float sum = 0;
    for (int64_t from = 0; from < a.size; from += 1024) {
        int count = static_cast<int>(a.size - from < 1024 ? a.size - from : 1024);
        for (int i = thread(); i < count; i += threads()) {
            float value = x[from + i];
            if (addsDelta) {
                value += a.delta.row(row)[start + from + i];
                x[from + i] = value;
            }
            shared.values[i] = value;
        }
        syncBlock();
        for (int i = thread(); thread() < 16 && i < count; i += 16) {
            sum = add(shared.values[i], sum);
        }
        syncBlock();
    }
    sum = fold16(sum);
    if (thread() == 0) {
        shared.result = sum;
    }
    syncBlock();
    sum = shared.result;
    syncBlock();
    return sum;
}

GPU_KERNEL(hearth_norm, NormArgs) {
    GPU_SHARED(NormShared, shared);
    int64_t row = blockX() / a.groups;
    int64_t start = blockX() % a.groups * a.size;
    float sum = groupSum(
        shared, a, row, start, a.delta.start != nullptr, [](float x, float s) { return fma(x, x, s); });
    float r = 1 / root(sum / static_cast<float>(a.size) + a.epsilon);
    for (int64_t i = thread(); i < a.size; i += threads()) {
        a.out.row(row)[start + i] = a.residual.row(row)[start + i] * r * a.weight[i];
    }
}

GPU_KERNEL(hearth_layer_norm, NormArgs) {
    GPU_SHARED(NormShared, shared);
    int64_t row = blockX() / a.groups;
    int64_t start = blockX() % a.groups * a.size;
    float size = static_cast<float>(a.size);
    float mean = groupSum(shared, a, row, start, a.delta.start != nullptr, [](float x, float s) { return s + x; }) / size;
    float squares = groupSum(shared, a, row, start, false, [mean](float x, float s) { return fma(x - mean, x - mean, s); });
    float r = 1 / root(squares / size + a.epsilon);
    for (int64_t i = thread(); i < a.size; i += threads()) {
        float value = (a.residual.row(row)[start + i] - mean) * r * a.weight[i];
        a.out.row(row)[start + i] = a.bias == nullptr ? value : value + a.bias[i];
    }
}

/** Numbers that int8 with one scale a row stands for; epsilon is the least of the greatest. */
GPU_KERNEL(hearth_int8, NormArgs) {
    GPU_SHARED(NormShared, shared);
    const float* x = a.residual.row(blockX());
    float most = a.epsilon;
    for (int64_t i = thread(); i < a.size; i += threads()) {
        most = greater(most, absolute(x[i]));
    }
    most = warpMax(most);
    if (thread() % GPU_WARP == 0) {
        shared.values[thread() / GPU_WARP] = most;
    }
    syncBlock();
    for (int warp = 0; warp < threads() / GPU_WARP; warp++) {
        most = greater(most, shared.values[warp]);
    }
    float scale = 127 / most;
    for (int64_t i = thread(); i < a.size; i += threads()) {
        a.out.row(blockX())[i] = (rint(x[i] * scale) + 0.0f) / scale;
    }
}

/** relu(x - (mean + deviations * deviation)) of a row; epsilon is the deviations. */
GPU_KERNEL(hearth_sparse, NormArgs) {
    GPU_SHARED(NormShared, shared);
    float size = static_cast<float>(a.size);
    float mean = groupSum(shared, a, blockX(), 0, false, [](float x, float s) { return s + x; }) / size;
    float squares = groupSum(shared, a, blockX(), 0, false, [mean](float x, float s) { return fma(x - mean, x - mean, s); });
    float cutoff = fma(a.epsilon, root(squares / size), mean);
    for (int64_t i = thread(); i < a.size; i += threads()) {
        a.out.row(blockX())[i] = relu(a.residual.row(blockX())[i] - cutoff);
    }
}

/** out = residual * root(mean(delta^2)) / root(max(mean(residual^2), epsilon)) of a row. */
GPU_KERNEL(hearth_resize, NormArgs) {
    GPU_SHARED(NormShared, shared);
    float size = static_cast<float>(a.size);
    NormArgs like = a;
    like.residual = a.delta;
    float target = root(groupSum(shared, like, blockX(), 0, false, [](float x, float s) { return fma(x, x, s); }) / size);
    float mean = groupSum(shared, a, blockX(), 0, false, [](float x, float s) { return fma(x, x, s); }) / size;
    float own = root(greater(mean, a.epsilon));
    for (int64_t i = thread(); i < a.size; i += threads()) {
        a.out.row(blockX())[i] = a.residual.row(blockX())[i] * target / own;
    }
}

/** Turns pairs of each head; table [positions, 2 * pairs] holds cosines, then sines. */
struct RotateArgs {
    Rows inOut;
    Column positions;
    const float* table;
    int64_t heads;
    int headDim, pairs;
    int firstStep;     // elements from one pair's first element to the next pair's
    int secondOffset;  // from the first element of a pair to its second
};

GPU_KERNEL(hearth_rotate, RotateArgs) {
    const float* table = a.table + static_cast<int64_t>(a.positions.at(blockX())) * 2 * a.pairs;
    for (int64_t k = thread(); k < a.heads * a.pairs; k += threads()) {
        int pair = static_cast<int>(k % a.pairs);
        float* first = a.inOut.row(blockX()) + k / a.pairs * a.headDim + pair * a.firstStep;
        float* second = first + a.secondOffset;
        float x = *first;
        float y = *second;
        float cosine = table[pair];
        float sine = table[a.pairs + pair];
        *first = fma(x, cosine, -(y * sine));
        *second = fma(y, cosine, x * sine);
    }
}

/** The greatest of each `size` neighbours; sixteen lanes find one. */
struct MaximaArgs {
    Rows out, x;
    int64_t rows, outWidth, width, size;
};

GPU_KERNEL(hearth_maxima, MaximaArgs) {
    int64_t index = (static_cast<int64_t>(blockX()) * threads() + thread()) / 16;
    bool mine = index < a.rows * a.outWidth;
    int64_t row = mine ? index / a.outWidth : 0;
    int64_t start = mine ? index % a.outWidth * a.size : 0;
    int64_t end = start + a.size < a.width ? start + a.size : a.width;
    float most = ofBits(static_cast<int>(0xff800000u));
    for (int64_t i = start + thread() % 16; mine && i < end; i += 16) {
        most = greater(most, a.x.row(row)[i]);
    }
    for (int mask = 8; mask > 0; mask /= 2) {
        most = greater(most, shuffleXor(most, mask));
    }
    if (mine && thread() % 16 == 0) {
        a.out.row(row)[index % a.outWidth] = most;
    }
}

/** Rounds blocks of `size` elements to int8: codes, then scales, then, where size is 256, sums of every 32. Sixteen lanes do a block. */
struct QuantizeArgs {
    ByteRows out;
    Rows x;
    int64_t rows, width;
    int size, unused;
};

/** To BF16; a block does a row. */
GPU_KERNEL(hearth_bfloats, QuantizeArgs) {
    for (int64_t i = thread(); i < a.width; i += threads()) {
        save(a.out.row(blockX()) + 2 * i, toBfloat(a.x.row(blockX())[i]));
    }
}

GPU_KERNEL(hearth_quantize, QuantizeArgs) {
    int lane = thread() % 16;
    int64_t blocks = a.width / a.size;
    int64_t index = (static_cast<int64_t>(blockX()) * threads() + thread()) / 16;
    bool mine = index < a.rows * blocks;
    int64_t row = mine ? index / blocks : 0;
    int64_t block = mine ? index % blocks : 0;
    const float* x = a.x.row(row) + block * a.size;
    int most = 0;
    for (int i = lane; mine && i < a.size; i += 16) {
        int bits = bitsOf(x[i]) & 0x7fffffff;
        most = bits > most ? bits : most;
    }
    float scale = int8Scale(lanesMax(most, 16));
    float inverse = int8Inverse(scale);
    uint8_t* out = a.out.row(row);
    int sum = 0;
    for (int i = lane; i < a.size; i += 16) {  // every lane goes through it, for they add up together
        int code = mine ? toInt8(x[i], inverse) : 0;
        if (mine) {
            out[block * a.size + i] = static_cast<uint8_t>(code);
        }
        sum = i % 32 < 16 ? code : sum + code;
        if (a.size == 256 && i % 32 >= 16) {
            int all = sum;
            for (int mask = 8; mask > 0; mask /= 2) {
                all += shuffleXor(all, mask);
            }
            if (mine && lane == 0) {
                int64_t group = (block * a.size + i) / 32;
                save(out + a.width + blocks * 4 + 2 * group, static_cast<int16_t>(all));
            }
        }
    }
    if (mine && lane == 0) {
        save(out + a.width + 4 * block, scale);
    }
}

}  // namespace gpu
