/*
 * Products of int8 activations with blocks of weights, for many tokens: a block of threads makes 64 rows of 16, a warp 16 rows at a time. The bits
 * are those of linearInt8. What is read of a weight comes through a ring in shared memory.
 */
#pragma once
#include "copies.h"
#include "products.h"

namespace gpu {

constexpr int sumCount = 8;
constexpr int ringRows = 64;
constexpr int ringTokens = 16;

/** Tiles of 16 rows that a warp makes. */
constexpr int rowTiles = ringRows / 16 / (threadCount / GPU_WARP);

/** Places for tiles: cp.async fills one while the other is read. */
constexpr int blockTiles = GPU_MATRIX == GPU_MMA ? 2 : 1;

/** Threads that copy a row of a tile. */
constexpr int copiers = threadCount / ringRows;

/** What shared memory has of a weight: `count` neighbouring blocks of every row, from the multiple of 16 bytes at or before the first on. */
template <class Type, int count>
struct alignas(16) BlocksShared {
    static constexpr int pitch = (count * Type::bytes + 15) / 16 * 16 + 16;
    static constexpr int copies = (pitch / 16 + copiers - 1) / copiers;
    uint8_t tiles[blockTiles][ringRows * pitch];
};

template <class Type>
using OneBlock = BlocksShared<Type, 1>;
template <class Type>
using EightBlocks = BlocksShared<Type, sumCount>;

/** What lies so many bytes behind the beginning of a row; what is made of rows beyond the last is not kept. */
GPU_FN const uint8_t* blockAt(const LinearArgs& a, int64_t row, int64_t offset) { return a.weight.row(row < a.rows ? row : 0) + offset; }

/** Bytes from a multiple of 16 to the address. */
GPU_FN int beyond(const uint8_t* at) { return static_cast<int>(reinterpret_cast<uint64_t>(at) % 16); }

template <class Type, int count, class Copying>
GPU_FN void beginBlocks(Copying& copies, uint8_t* tile, const LinearArgs& a, int64_t firstBlock) {
    constexpr int pitch = BlocksShared<Type, count>::pitch;
    int line = thread() / copiers;
    const uint8_t* first = blockAt(a, static_cast<int64_t>(blockY()) * ringRows + line, firstBlock * Type::bytes);
    int64_t blocks = a.columns / Type::size - firstBlock;
    int left = beyond(first) + (blocks < count ? static_cast<int>(blocks) : count) * Type::bytes;
    first -= beyond(first);
    GPU_UNROLL for (int i = 0; i < BlocksShared<Type, count>::copies; i++) {
        int at = (i * copiers + thread() % copiers) * 16;
        at = at < pitch ? at : pitch - 16;  // of an odd number of pieces two threads copy the last
        copies.begin(i, tile + line * pitch + at, first + at, at >= left ? 0 : left - at < 16 ? left - at : 16);
    }
}

/** Where a row of a tile begins whose first block is `first`. */
template <class Type, int pitch>
GPU_FN const uint8_t* rowInTile(const uint8_t* tile, const LinearArgs& a, int line, int64_t first) {
    int64_t row = static_cast<int64_t>(blockY()) * ringRows + line;
    uint32_t rows = static_cast<uint32_t>(row < a.rows ? row : 0) * static_cast<uint32_t>(a.weight.stride);  // only their last four bits matter
    return tile + line * pitch + (static_cast<uint32_t>(beyond(a.weight.start)) + rows + static_cast<uint32_t>(first) * Type::bytes) % 16;
}

/** A lane's codes of activations. */
struct TokenCodes {
    const uint8_t* words[matrixB];
};

GPU_FN TokenCodes tokenCodes(const LinearArgs& a) {
    TokenCodes codes;
    GPU_UNROLL for (int w = 0; w < matrixB; w++) {
        Place b = placeB(thread() % GPU_WARP, w);
        int64_t token = static_cast<int64_t>(blockX()) * ringTokens + b.line;
        codes.words[w] = a.x.row(token < a.tokens ? token : 0) + b.at;
    }
    return codes;
}

/** The scale of a block of activations for a number of d. */
template <class Type>
GPU_FN float tokenScale(const LinearArgs& a, int i, int64_t block) {
    int64_t token = static_cast<int64_t>(blockX()) * ringTokens + placeD(thread() % GPU_WARP, i).at;
    return *reinterpret_cast<const float*>(a.x.row(token < a.tokens ? token : 0) + a.columns + 4 * block);
}

/** Puts a number of d where it is of a row and a token that there are. */
GPU_FN void putResult(const LinearArgs& a, int line, int i, float dot) {
    Place d = placeD(thread() % GPU_WARP, i);
    int64_t row = static_cast<int64_t>(blockY()) * ringRows + line + d.line;
    int64_t token = static_cast<int64_t>(blockX()) * ringTokens + d.at;
    if (row < a.rows && token < a.tokens) {
        put(a, token, row, dot);
    }
}

/** Blocks of 32 without minima, by eights; a result's eight sums are in registers. */
template <class Type>
GPU_FN void linearRing(const LinearArgs& a, EightBlocks<Type>& shared) {
    using Shared = EightBlocks<Type>;
    static_assert(Type::size == 32 && !Type::hasMinima, "a type that linearMatrix is for");
    int lane = thread() % GPU_WARP;
    int firstLine = thread() / GPU_WARP * rowTiles * 16;
    TokenCodes codes = tokenCodes(a);
    Copies<Bytes, Shared::copies> copies;
    float sums[rowTiles][sumCount][matrixD] = {};
    int64_t blocks = a.columns / Type::size;
    beginBlocks<Type, sumCount>(copies, shared.tiles[0], a, 0);
    copies.commit();
    int read = 0;
    for (int64_t first = 0; first < blocks; first += sumCount) {
        if (blockTiles == 1) {
            syncBlock();  // the tile before was read by all
        }
        copies.template wait<0>();
        syncBlock();  // all copies have arrived, and the tile before was read by all
        if (first + sumCount < blocks) {
            beginBlocks<Type, sumCount>(copies, shared.tiles[(read + 1) % blockTiles], a, first + sumCount);
        }
        copies.commit();
        GPU_UNROLL for (int block = 0; block < sumCount; block++) {
            if (first + block >= blocks) {
                continue;
            }
            int x[matrixB];
            GPU_UNROLL for (int w = 0; w < matrixB; w++) {
                x[w] = *reinterpret_cast<const int32_t*>(codes.words[w] + (first + block) * Type::size);
            }
            float scales[matrixD];
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                scales[i] = tokenScale<Type>(a, i, first + block);
            }
            GPU_UNROLL for (int r = 0; r < rowTiles; r++) {
                int exact[matrixD] = {};
                int y[matrixA];
                GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                    Place place = placeA(lane, w);
                    const uint8_t* at = rowInTile<Type, Shared::pitch>(shared.tiles[read], a, firstLine + r * 16 + place.line, first);
                    y[w] = static_cast<int>(Type::four(at + block * Type::bytes, place.at));
                }
                multiply(exact, y, x);
                GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                    const uint8_t* at = rowInTile<Type, Shared::pitch>(shared.tiles[read], a, firstLine + r * 16 + placeD(lane, i).line, first);
                    float& sum = sums[r][block][i];
                    sum = fma(Type::d(at + block * Type::bytes) * scales[i], static_cast<float>(exact[i]), sum);
                }
            }
        }
        read = (read + 1) % blockTiles;
    }
    GPU_UNROLL for (int r = 0; r < rowTiles; r++) {
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            float s[4];
            GPU_UNROLL for (int j = 0; j < 4; j++) {
                s[j] = sums[r][j][i] + sums[r][j + 4][i];
            }
            putResult(a, firstLine + r * 16, i, (s[0] + s[2]) + (s[1] + s[3]));
        }
    }
}

/** Blocks of 256 in the order in which their sums are folded: those of sum 0, of 4, 2, 6, 1, 5, 3 and 7, each in ascending order. */
struct FoldOrder {
    int leaf;  // of the eight
    int64_t block;
    GPU_FN static int sumOf(int leaf) { return leaf % 2 * 4 + leaf / 2 % 2 * 2 + leaf / 4; }
    /** Goes on to the next block that there is; leaf is 8 when there is none. */
    GPU_FN void advance(int64_t blocks) {
        block += sumCount;
        while (block >= blocks && ++leaf < sumCount) {
            block = sumOf(leaf);
        }
    }
};

/** A sum, and those that wait for it: a pair's, two pairs', those of the first four. */
struct FoldSums {
    float sum[matrixD], pair[matrixD], four[matrixD], first[matrixD];
    /** Adds the sum of a leaf, and begins the next from zero. */
    GPU_FN void fold(int leaf) {
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            pair[i] = leaf % 2 == 0 ? sum[i] : pair[i] + sum[i];
            if (leaf % 2 == 1) {
                four[i] = leaf % 4 == 1 ? pair[i] : four[i] + pair[i];
            }
            if (leaf == 3) {
                first[i] = four[i];
            }
            sum[i] = 0;
        }
    }
};

/** The words of a row tile's codes, 32 columns from `from` on; of those in [low, high) alone. */
template <class Type>
GPU_FN void tileCodes(int (&y)[matrixA], const uint8_t* const (&at)[matrixA], int from, int low, int high) {
    GPU_UNROLL for (int w = 0; w < matrixA; w++) {
        int column = placeA(thread() % GPU_WARP, w).at;
        y[w] = column >= low && column < high ? static_cast<int>(Type::four(at[w], from + column)) : 0;
    }
}

/** Adds to 16 rows' sums what a block gives. */
template <class Type>
GPU_FN void addBlock(float (&sum)[matrixD], const LinearArgs& a, const TokenCodes& codes, const uint8_t* const (&rows)[matrixA],
    const uint8_t* const (&results)[matrixD], int64_t block) {
    int exact[matrixD] = {};
    int lows[matrixD] = {};
    for (int from = 0; from < Type::size; from += 32) {
        int x[matrixB];
        GPU_UNROLL for (int w = 0; w < matrixB; w++) {
            x[w] = *reinterpret_cast<const int32_t*>(codes.words[w] + block * Type::size + from);
        }
        int y[matrixA];
        for (int low = 0; low < 32; low += Type::scaled) {
            int part[matrixD] = {};
            tileCodes<Type>(y, rows, from, low, low + Type::scaled);
            multiply(part, y, x);
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                exact[i] += Type::scale(results[i], (from + low) / 16) * part[i];
            }
        }
        if (Type::hasMinima) {  // each below 128
            GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                y[w] = Type::minimum(rows[w], (from + placeA(thread() % GPU_WARP, w).at) / 16) * 0x01010101;
            }
            multiply(lows, y, x);
        }
    }
    GPU_UNROLL for (int i = 0; i < matrixD; i++) {
        float scale = tokenScale<Type>(a, i, block);
        sum[i] = fma(Type::d(results[i]) * scale, static_cast<float>(exact[i]), sum[i]);
        if (Type::hasMinima) {
            sum[i] = fma(-(Type::dmin(results[i]) * scale), static_cast<float>(lows[i]), sum[i]);
        }
    }
}

/** Blocks of 256, one by one, in the order of their sums, of which four a result are in registers. */
template <class Type>
GPU_FN void linearFolded(const LinearArgs& a, OneBlock<Type>& shared) {
    using Shared = OneBlock<Type>;
    int lane = thread() % GPU_WARP;
    int firstLine = thread() / GPU_WARP * rowTiles * 16;
    TokenCodes codes = tokenCodes(a);
    Copies<Bytes, Shared::copies> copies;
    FoldSums sums[rowTiles] = {};
    int64_t blocks = a.columns / Type::size;
    FoldOrder now = {0, 0};
    beginBlocks<Type, 1>(copies, shared.tiles[0], a, 0);
    copies.commit();
    int read = 0;
    while (now.leaf < sumCount) {
        FoldOrder next = now;
        next.advance(blocks);
        if (blockTiles == 1) {
            syncBlock();  // the tile before was read by all
        }
        copies.template wait<0>();
        syncBlock();  // all copies have arrived, and the tile before was read by all
        if (next.leaf < sumCount) {
            beginBlocks<Type, 1>(copies, shared.tiles[(read + 1) % blockTiles], a, next.block);
        }
        copies.commit();
        GPU_UNROLL for (int r = 0; r < rowTiles; r++) {
            const uint8_t* rows[matrixA];
            const uint8_t* results[matrixD];
            GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                rows[w] = rowInTile<Type, Shared::pitch>(shared.tiles[read], a, firstLine + r * 16 + placeA(lane, w).line, now.block);
            }
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                results[i] = rowInTile<Type, Shared::pitch>(shared.tiles[read], a, firstLine + r * 16 + placeD(lane, i).line, now.block);
            }
            addBlock<Type>(sums[r].sum, a, codes, rows, results, now.block);
            for (int leaf = now.leaf; leaf < next.leaf; leaf++) {
                sums[r].fold(leaf);
            }
        }
        now = next;
        read = (read + 1) % blockTiles;
    }
    GPU_UNROLL for (int r = 0; r < rowTiles; r++) {
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            putResult(a, firstLine + r * 16, i, sums[r].first[i] + sums[r].four[i]);
        }
    }
}

}  // namespace gpu
