/* The functions and sums that every backend rounds alike: dev.hearth.spi.reference.ScalarMath and ScalarActivations, to the bit. */
#pragma once
#include "gpu.h"

namespace gpu {

GPU_FN float powerOfTwo(int exponent) { return ofBits((exponent + 127) << 23); }

GPU_FN float exponential(float x) {
    if (x != x) {
        return x;
    }
    float clamped = x > 89 ? 89 : x < -104 ? -104 : x;
    float n = rint(clamped * 0x1.715476p0f);
    float r = fma(n, -0x1.62e4p-1f, clamped);
    r = fma(n, -0x1.7f7d1cp-20f, r);
    float p = 1 / 5040.0f;
    p = fma(p, r, 1 / 720.0f);
    p = fma(p, r, 1 / 120.0f);
    p = fma(p, r, 1 / 24.0f);
    p = fma(p, r, 1 / 6.0f);
    p = fma(p, r, 0.5f);
    p = fma(p, r, 1);
    p = fma(p, r, 1);
    int whole = static_cast<int>(n);
    int half = whole >> 1;
    return p * powerOfTwo(half) * powerOfTwo(whole - half);
}

GPU_FN float silu(float x) { return x / (1 + exponential(-x)); }

GPU_FN float geluTanh(float x) {
    float u = 0x1.988454p-1f * fma(0.044715f * x * x, x, x);
    return x / (1 + exponential(-2 * u));
}

GPU_FN float gelu(float x) {
    float t = 1 / fma(0.3f, absolute(x), 1);
    float p = -0x1.51e53p-6f;
    p = fma(p, t, 0x1.cc8968p-4f);
    p = fma(p, t, -0x1.d361ccp-3f);
    p = fma(p, t, 0x1.88c686p-3f);
    p = fma(p, t, -0x1.4551e2p-4f);
    p = fma(p, t, 0x1.89dbeap-4f);
    p = fma(p, t, 0x1.411572p-4f);
    p = fma(p, t, 0x1.c3863cp-4f);
    p = fma(p, t, 0x1.e9c422p-4f);
    p = fma(p, t, 0x1.ea3c98p-4f);
    float tail = t * p * exponential(-0.5f * x * x);
    return x * (bitsOf(x) < 0 ? tail : 1 - tail);
}

GPU_FN float relu(float x) { return greater(x, 0); }

GPU_FN float softcap(float x, float cap) { return cap * (1 - 2 / (exponential(2 * (x / cap)) + 1)); }

/** Natural logarithm of a normal number from 1 on: Cephes' polynomial around a fraction in [sqrt(1/2), sqrt(2)). */
GPU_FN float logarithm(float u) {
    int e = (bitsOf(u) >> 23) - 126;
    float m = ofBits((bitsOf(u) & 0x7fffff) | 0x3f000000);
    if (m < 0.70710677f) {
        e--;
        m += m;
    }
    float x = m - 1;
    float z = x * x;
    float p = 0.070376836f;
    p = fma(p, x, -0.1151461f);
    p = fma(p, x, 0.116769984f);
    p = fma(p, x, -0.12420141f);
    p = fma(p, x, 0.14249323f);
    p = fma(p, x, -0.16668057f);
    p = fma(p, x, 0.20000714f);
    p = fma(p, x, -0.24999994f);
    p = fma(p, x, 0.3333333f);
    p = p * x * z;
    p = fma(static_cast<float>(e), -0.00021219444f, p);
    p = fma(z, -0.5f, p);
    return fma(static_cast<float>(e), 0.6933594f, x + p);
}

/** log(1 + exp(x)), x itself above 20. */
GPU_FN float softplus(float x) {
    if (!(x <= 20)) {
        return x;
    }
    float y = exponential(x);
    float u = 1 + y;
    return u == 1 ? y : logarithm(u) * y / (u - 1);
}

/** dev.hearth.gpu.Codes, as all enums of choices. */
enum Activation { SILU, GELU_TANH, GELU, QUICK_GELU, RELU, RELU_SQUARED, SIGMOID };

GPU_FN float activate(int activation, float x) {
    switch (activation) {
        case SILU: return silu(x);
        case GELU_TANH: return geluTanh(x);
        case GELU: return gelu(x);
        case QUICK_GELU: return x / (1 + exponential(-1.702f * x));
        case RELU: return relu(x);
        case RELU_SQUARED: return relu(x) * relu(x);
        default: return 1 / (1 + exponential(-x));
    }
}

/** Folds sixteen sums, one in each of sixteen neighbouring lanes; all lanes of the warp take part and get their group's. */
GPU_FN float fold16(float sum) {
    sum += shuffleXor(sum, 8);
    sum += shuffleXor(sum, 4);
    sum += shuffleXor(sum, 2);
    return sum + shuffleXor(sum, 1);
}

/** Folds eight sums likewise. */
GPU_FN float fold8(float sum) {
    sum += shuffleXor(sum, 4);
    sum += shuffleXor(sum, 2);
    return sum + shuffleXor(sum, 1);
}

/** The greatest of the lanes of a warp. */
GPU_FN float warpMax(float x) {
    for (int mask = GPU_WARP / 2; mask > 0; mask /= 2) {
        x = greater(x, shuffleXor(x, mask));
    }
    return x;
}

/** The greatest of `lanes` neighbouring lanes. */
GPU_FN int lanesMax(int x, int lanes) {
    for (int mask = lanes / 2; mask > 0; mask /= 2) {
        int other = shuffleXor(x, mask);
        x = other > x ? other : x;
    }
    return x;
}

/** The scale of values whose greatest magnitude has these bits, rounded to int8: dev.hearth.spi.Ops.quantize. */
GPU_FN float int8Scale(int magnitudeBits) {
    float most = ofBits(magnitudeBits);
    return most < 0x1p-100f ? 0 : most <= 0x1.fffffep127f ? most / 127 : ofBits(0x7fc00000);
}

/** What values are multiplied by before they are rounded; 0 makes zeros of them. */
GPU_FN float int8Inverse(float scale) { return scale > 0 ? 1 / scale : 0; }

GPU_FN int toInt8(float x, float inverse) { return inverse == 0 ? 0 : static_cast<int>(rint(x * inverse)); }

/** Rows of F32, `stride` elements apart. */
struct Rows {
    float* start;
    int64_t stride;
    GPU_FN float* row(int64_t index) const { return start + index * stride; }
};

/** Rows of any type, `stride` bytes apart. */
struct ByteRows {
    uint8_t* start;
    int64_t stride;
    GPU_FN uint8_t* row(int64_t index) const { return start + index * stride; }
};

/** Integers, one a row. */
struct Column {
    const int32_t* start;
    int64_t stride;
    GPU_FN int at(int64_t row) const { return start[row * stride]; }
};

}  // namespace gpu
