/*
 * Block-quantised weights as they lie in a GGUF file (ggml-common.h; dev.hearth.tensor.DType). A type says how large a block is, where four
 * neighbouring codes are, and what scales groups of sixteen have; `Blocks` makes values and products of that. Blocks begin at multiples of
 * `align` bytes.
 */
#pragma once
#include "functions.h"

namespace gpu {

/** Four bytes, of which the first is at a multiple of `align`. */
template <int align>
GPU_FN uint32_t word(const uint8_t* at) {
    if (align % 4 == 0) {
        return *reinterpret_cast<const uint32_t*>(at);
    }
    if (align % 2 == 0) {
        const uint16_t* halves = reinterpret_cast<const uint16_t*>(at);
        return halves[0] | static_cast<uint32_t>(halves[1]) << 16;
    }
    return load<uint32_t>(at);
}

GPU_FN float half(const uint8_t* at) { return ofHalf(*reinterpret_cast<const uint16_t*>(at)); }

/** Four bytes below 128, each less `offset`, which is below 128 too. */
GPU_FN uint32_t minus(uint32_t bytes, uint32_t offset) { return ((bytes | 0x80808080u) - offset * 0x01010101u) ^ 0x80808080u; }

/** The bytes of a table of sixteen, in two words of eight, that four nibbles choose. */
GPU_FN uint32_t choose(uint32_t nibbles, uint64_t first, uint64_t second) {
    uint32_t chosen = 0;
    for (int i = 0; i < 32; i += 8) {
        uint32_t n = nibbles >> i & 15;
        chosen |= static_cast<uint32_t>((n < 8 ? first : second) >> 8 * (n & 7) & 255) << i;
    }
    return chosen;
}

/** IQ4_NL's numbers: -127 -104 -83 -65 -49 -35 -22 -10, 1 13 25 38 53 69 89 113. */
GPU_FN uint32_t normals(uint32_t nibbles) { return choose(nibbles, 0xf6eaddcfbfad9881u, 0x7159453526190d01u); }

/** Twice the numbers of FP4 E2M1: 0 1 2 3 4 6 8 12 and their negatives. */
GPU_FN uint32_t e2m1(uint32_t nibbles) { return choose(nibbles, 0x0c08060403020100u, 0xf4f8fafcfdfeff00u); }

/** Bit `shift` of each of four bytes, as 0 or 1. */
GPU_FN uint32_t bitOfEach(uint32_t bytes, int shift) { return bytes >> shift & 0x01010101u; }

/** The fifth bits of Q5_0 and Q5_1 for codes i to i + 3, in their place. */
GPU_FN uint32_t fifthBits(uint32_t bits, int i) {
    uint32_t four = bits >> i & 15;
    return (four & 1) << 4 | (four & 2) << 11 | (four & 4) << 18 | (four & 8) << 25;
}

/** Nibbles i to i + 3 of 16 bytes, first all low ones. */
template <int align>
GPU_FN uint32_t nibbles16(const uint8_t* at, int i) {
    return word<align>(at + i % 16) >> i / 16 * 4 & 0x0f0f0f0fu;
}

/** The same of 128 bytes: of each 32 first the low ones. */
template <int align>
GPU_FN uint32_t nibbles128(const uint8_t* at, int i) {
    return word<align>(at + i / 64 * 32 + i % 32) >> i / 32 % 2 * 4 & 0x0f0f0f0fu;
}

/** Pairs of bits i to i + 3 of 64 bytes: of each 32 first the lowest. */
template <int align>
GPU_FN uint32_t pairs64(const uint8_t* at, int i) {
    return word<align>(at + i / 128 * 32 + i % 32) >> i / 32 % 4 * 2 & 0x03030303u;
}

/** A type whose groups have no scale but the block's. */
template <int blockSize, int blockBytes>
struct Plain {
    static constexpr int size = blockSize;
    static constexpr int bytes = blockBytes;
    static constexpr bool hasMinima = false;
    static constexpr int scaled = blockSize == 256 ? 16 : 32;  // neighbours that share a scale
    GPU_FN static float d(const uint8_t* block) { return half(block); }
    GPU_FN static float dmin(const uint8_t*) { return 0; }
    GPU_FN static int scale(const uint8_t*, int) { return 1; }
    GPU_FN static int minimum(const uint8_t*, int) { return 0; }
};

/** A type with one minimum, which is added. */
template <int blockBytes>
struct WithMinimum : Plain<32, blockBytes> {
    static constexpr bool hasMinima = true;
    GPU_FN static float dmin(const uint8_t* block) { return -half(block + 2); }
    GPU_FN static int minimum(const uint8_t*, int) { return 1; }
};

struct Q8_0 : Plain<32, 34> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return word<2>(block + 2 + i); }
};

struct Q4_0 : Plain<32, 18> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return minus(nibbles16<2>(block + 2, i), 8); }
};

struct Q4_1 : WithMinimum<20> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return nibbles16<4>(block + 4, i); }
};

struct Q5_0 : Plain<32, 22> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        return minus(nibbles16<2>(block + 6, i) | fifthBits(word<2>(block + 2), i), 16);
    }
};

struct Q5_1 : WithMinimum<24> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        return nibbles16<4>(block + 8, i) | fifthBits(word<4>(block + 4), i);
    }
};

struct IQ4_NL : Plain<32, 18> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return normals(nibbles16<2>(block + 2, i)); }
};

struct MXFP4 : Plain<32, 17> {
    /** Half of 2^(e - 127), for the codes count halves. */
    GPU_FN static float d(const uint8_t* block) {
        int e = block[0];
        return ofBits(e < 2 ? 0x200000 << e : (e - 1) << 23);
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return e2m1(nibbles16<1>(block + 1, i)); }
};

/** Four groups of 16 with a scale in unsigned E4M3 each, here in units of 2^-10. */
struct NVFP4 : Plain<64, 36> {
    GPU_FN static float d(const uint8_t*) { return 0x1p-10f; }
    GPU_FN static int scale(const uint8_t* block, int group) {
        int code = block[group];
        int e = code >> 3 & 15;
        int m = code & 7;
        return code == 0 || code == 0x7f ? 0 : e == 0 ? m : (8 + m) << (e - 1);
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        return e2m1(word<4>(block + 4 + i / 16 * 8 + i % 8) >> i / 8 % 2 * 4 & 0x0f0f0f0fu);
    }
};

struct Q2_K : Plain<256, 84> {
    static constexpr bool hasMinima = true;
    GPU_FN static float d(const uint8_t* block) { return half(block + 80); }
    GPU_FN static float dmin(const uint8_t* block) { return half(block + 82); }
    GPU_FN static int scale(const uint8_t* block, int group) { return block[group] & 15; }
    GPU_FN static int minimum(const uint8_t* block, int group) { return block[group] >> 4; }
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return pairs64<4>(block + 16, i); }
};

struct Q3_K : Plain<256, 110> {
    GPU_FN static float d(const uint8_t* block) { return half(block + 108); }
    GPU_FN static int scale(const uint8_t* block, int group) {
        int low = block[96 + group % 8] >> 4 * (group / 8) & 15;
        int high = block[104 + group % 4] >> 2 * (group / 4) & 3;
        return (low | high << 4) - 32;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        uint32_t third = bitOfEach(word<2>(block + i % 32), i / 32) << 2;
        return minus(pairs64<2>(block + 32, i) | third, 4);
    }
};

/** Scales and minima of Q4_K and Q5_K: 8 of 6 bits each in 12 bytes. */
template <int blockBytes>
struct SixBits : Plain<256, blockBytes> {
    static constexpr int scaled = 32;
    static constexpr bool hasMinima = true;
    GPU_FN static float dmin(const uint8_t* block) { return half(block + 2); }
    GPU_FN static int scale(const uint8_t* block, int group) {
        int j = group / 2;
        return j < 4 ? block[4 + j] & 63 : (block[8 + j] & 15) | block[j] >> 6 << 4;
    }
    GPU_FN static int minimum(const uint8_t* block, int group) {
        int j = group / 2;
        return j < 4 ? block[8 + j] & 63 : block[8 + j] >> 4 | block[4 + j] >> 6 << 4;
    }
};

struct Q4_K : SixBits<144> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return nibbles128<4>(block + 16, i); }
};

struct Q5_K : SixBits<176> {
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        return nibbles128<4>(block + 48, i) | bitOfEach(word<4>(block + 16 + i % 32), i / 32) << 4;
    }
};

struct Q6_K : Plain<256, 210> {
    GPU_FN static float d(const uint8_t* block) { return half(block + 208); }
    GPU_FN static int scale(const uint8_t* block, int group) { return static_cast<int8_t>(block[192 + group]); }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int upper = i / 128;  // each half of the block has 64 bytes of low nibbles and 32 of pairs
        int quarter = i % 128 / 32;
        uint32_t low = word<2>(block + 64 * upper + 32 * (quarter % 2) + i % 32) >> 4 * (quarter / 2) & 0x0f0f0f0fu;
        uint32_t high = word<2>(block + 128 + 32 * upper + i % 32) >> 2 * quarter & 0x03030303u;
        return minus(low | high << 4, 32);
    }
};

struct IQ4_XS : Plain<256, 136> {
    static constexpr int scaled = 32;
    GPU_FN static int scale(const uint8_t* block, int group) {
        int part = group / 2;
        int low = block[4 + part / 2] >> 4 * (part % 2) & 15;
        int high = (block[2] | block[3] << 8) >> 2 * part & 3;
        return (low | high << 4) - 32;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        return normals(nibbles16<4>(block + 8 + i / 32 * 16, i % 32));
    }
};

/** Five numbers a byte, each the top digit of a fraction in base 3: five times 32 bytes, five times 16, four times 4. */
struct TQ1_0 : Plain<256, 54> {
    static constexpr int scaled = 32;
    GPU_FN static float d(const uint8_t* block) { return half(block + 52); }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int base = i < 160 ? 0 : i < 240 ? 160 : 240;
        int count = i < 160 ? 32 : i < 240 ? 16 : 4;
        int power = 1;
        for (int digit = (i - base) / count; digit > 0; digit--) {
            power *= 3;
        }
        uint32_t fractions = word<2>(block + (i < 160 ? 0 : i < 240 ? 32 : 48) + (i - base) % count);
        uint32_t digits = 0;
        for (int j = 0; j < 32; j += 8) {
            int fraction = static_cast<int>(fractions >> j & 255) * power & 255;
            digits |= static_cast<uint32_t>(fraction * 3 >> 8) << j;
        }
        return minus(digits, 1);
    }
};

struct TQ2_0 : Plain<256, 66> {
    static constexpr int scaled = 32;
    GPU_FN static float d(const uint8_t* block) { return half(block + 64); }
    GPU_FN static uint32_t four(const uint8_t* block, int i) { return minus(pairs64<2>(block, i), 1); }
};

/** Values of a type, and its products with int8 activations. */
template <class Type>
struct Blocks : Type {
    GPU_FN static float value(const uint8_t* row, int64_t k) {
        const uint8_t* block = row + k / Type::size * Type::bytes;
        int i = static_cast<int>(k % Type::size);
        int code = static_cast<int8_t>(Type::four(block, i & ~3) >> 8 * (i & 3));
        float value = Type::d(block) * static_cast<float>(Type::scale(block, i / 16)) * static_cast<float>(code);
        return Type::hasMinima ? value - Type::dmin(block) * static_cast<float>(Type::minimum(block, i / 16)) : value;
    }

    /** sum + the block's part of the product with as many codes, by the order of sum8. */
    GPU_FN static float add(const uint8_t* block, const uint8_t* codes, float activationScale, float sum) {
        const int32_t* x = reinterpret_cast<const int32_t*>(codes);
        int exact = 0;
        int lows = 0;
        for (int group = 0; group < Type::size / 16; group++) {
            int part = 0;
            int total = 0;
            for (int j = 4 * group; j < 4 * group + 4; j++) {
                part = dot4(static_cast<int>(Type::four(block, 4 * j)), x[j], part);
                if (Type::hasMinima) {
                    total = dot4(0x01010101, x[j], total);
                }
            }
            exact += Type::scale(block, group) * part;
            lows += Type::minimum(block, group) * total;
        }
        sum = fma(Type::d(block) * activationScale, static_cast<float>(exact), sum);
        return Type::hasMinima ? fma(-(Type::dmin(block) * activationScale), static_cast<float>(lows), sum) : sum;
    }
};

}  // namespace gpu
