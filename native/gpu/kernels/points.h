/*
 * Blocks of 256 weights of which 4 or 8 neighbours are a point of a grid, given by its index: the IQ types below 4 bits, as in blocks.h.
 * Points' numbers are doubled or taken eightfold where that makes them integers, and the block's scale is divided likewise.
 */
#pragma once
#include "blocks.h"

#if GPU_EMULATED
#define HEARTH_GRID static const
#else
#define HEARTH_GRID static __device__ const
#endif
#include "grids.h"

namespace gpu {

/** The bytes of a table of eight that four numbers, of `bits` bits each, choose. */
template <int bits>
GPU_FN uint32_t pick(uint32_t numbers, uint64_t table) {
    uint32_t chosen = 0;
    for (int i = 0; i < 4; i++) {
        chosen |= static_cast<uint32_t>(table >> 8 * (numbers >> bits * i & ((1 << bits) - 1)) & 255) << 8 * i;
    }
    return chosen;
}

/** Four bytes from 1 to 127, negative where a bit of `negative` is set, the lowest for the first. */
GPU_FN uint32_t withSigns(uint32_t bytes, uint32_t negative) {
    uint32_t ones = fifthBits(negative, 0) >> 4;
    return (bytes ^ ones * 255) + ones;
}

/** Seven signs and the eighth, which makes their number even. */
GPU_FN uint32_t evenSigns(uint32_t signs) {
    uint32_t folded = signs ^ signs >> 4;
    folded ^= folded >> 2;
    return signs | ((folded ^ folded >> 1) & 1) << 7;
}

/** Numbers i to i + 3 of a point of eight numbers 8, 25 and 43. */
GPU_FN uint32_t point2(uint32_t point, int i, uint32_t signs) {
    return withSigns(pick<2>(point >> i % 8 * 2, 0x2b1908u), signs >> i % 8 & 15);
}

template <int blockBytes>
struct Points2 : Plain<256, blockBytes> {
    GPU_FN static float d(const uint8_t* block) { return half(block) * 0.125f; }
};

struct IQ2_XXS : Points2<66> {
    static constexpr int scaled = 32;
    GPU_FN static int scale(const uint8_t* block, int group) {
        return 2 * static_cast<int>(word<2>(block + 6 + group / 2 * 8) >> 28) + 1;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        const uint8_t* part = block + 2 + i / 32 * 8;
        int j = i % 32 / 8;
        return point2(grid_iq2_xxs[part[j]], i, evenSigns(word<2>(part + 4) >> 7 * j & 127));
    }
};

struct IQ2_XS : Points2<74> {
    GPU_FN static int scale(const uint8_t* block, int group) { return 2 * (block[66 + group / 2] >> group % 2 * 4 & 15) + 1; }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        uint32_t code = load<uint16_t>(block + 2 + i / 8 * 2);
        return point2(grid_iq2_xs[code & 511], i, evenSigns(code >> 9));
    }
};

struct IQ2_S : Points2<82> {
    GPU_FN static int scale(const uint8_t* block, int group) { return 2 * (block[74 + group / 2] >> group % 2 * 4 & 15) + 1; }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int j = i / 8;
        int high = block[66 + j / 4] >> 2 * (j % 4) & 3;
        return point2(grid_iq2_s[block[2 + j] | high << 8], i, block[34 + j]);
    }
};

struct IQ3_XXS : Plain<256, 98> {
    static constexpr int scaled = 32;
    GPU_FN static float d(const uint8_t* block) { return half(block) * 0.25f; }
    GPU_FN static int scale(const uint8_t* block, int group) {
        return 2 * static_cast<int>(word<2>(block + 66 + group / 2 * 4) >> 28) + 1;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        uint32_t signs = evenSigns(word<2>(block + 66 + i / 32 * 4) >> 7 * (i % 32 / 8) & 127);
        return withSigns(pick<4>(grid_iq3_xxs[block[2 + i / 4]], 0x3e342c241c140c04u), signs >> i % 8 & 15);
    }
};

struct IQ3_S : Plain<256, 110> {
    static constexpr int scaled = 32;
    GPU_FN static int scale(const uint8_t* block, int group) { return 2 * (block[106 + group / 4] >> group / 2 % 2 * 4 & 15) + 1; }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int j = i / 4;
        int high = block[66 + j / 8] >> j % 8 & 1;
        return withSigns(pick<4>(grid_iq3_s[block[2 + j] | high << 8], 0x0f0d0b0907050301u), block[74 + j / 2] >> i % 8 & 15);
    }
};

/** Numbers i to i + 3 of a point of eight -1, 0 and 1, eightfold and one more or less. */
GPU_FN uint32_t point1(int index, int i, bool less) {
    return pick<2>(static_cast<uint32_t>(grid_iq1[index]) >> i % 8 * 2, less ? 0x07fff7u : 0x0901f9u);
}

struct IQ1_S : Plain<256, 50> {
    static constexpr int scaled = 32;
    GPU_FN static float d(const uint8_t* block) { return half(block) * 0.125f; }
    GPU_FN static int scale(const uint8_t* block, int group) {
        return 2 * (load<uint16_t>(block + 34 + group / 2 * 2) >> 12 & 7) + 1;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int j = i / 8;
        int high = load<uint16_t>(block + 34 + j / 4 * 2);
        return point1(block[2 + j] | (high >> 3 * (j % 4) & 7) << 8, i, (high & 0x8000) != 0);
    }
};

/** The block's scale lies in the top nibbles of the four words that hold the groups' scales. */
struct IQ1_M : Plain<256, 56> {
    GPU_FN static float d(const uint8_t* block) {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= load<uint16_t>(block + 48 + 2 * i) >> 12 << 4 * i;
        }
        return ofHalf(static_cast<uint16_t>(bits)) * 0.125f;
    }
    GPU_FN static int scale(const uint8_t* block, int group) {
        return 2 * (load<uint16_t>(block + 48 + group / 4 * 2) >> 3 * (group % 4) & 7) + 1;
    }
    GPU_FN static uint32_t four(const uint8_t* block, int i) {
        int j = i / 8;
        int high = block[32 + j / 2] >> 4 * (j % 2);
        return point1(block[j] | (high & 7) << 8, i, (high & 8) != 0);
    }
};

}  // namespace gpu
