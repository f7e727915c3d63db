/*
 * Products of int8 activations with weights in blocks of 32 without minima, for many tokens: a block makes 64 rows of 16, a warp 16 rows at a time.
 * The bits are those of linearInt8. Blocks come by eights through a ring in shared memory; a result's eight sums are in registers.
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

/** Places for tiles of eight blocks: cp.async fills one while the other is read. */
constexpr int blockTiles = GPU_MATRIX == GPU_MMA ? 2 : 1;

/** Threads that copy a row. */
constexpr int copiers = threadCount / ringRows;

/** Rows of a tile from the multiple of 16 bytes at or before their first block on. */
template <class Type>
struct alignas(16) BlocksShared {
    static constexpr int pitch = (sumCount * Type::bytes + 15) / 16 * 16 + 16;
    static constexpr int copies = (pitch / 16 + copiers - 1) / copiers;
    uint8_t tiles[blockTiles][ringRows * pitch];
};

/** Where block `block` of a row lies; what is made of rows beyond the last is not kept. */
GPU_FN const uint8_t* blockAt(const LinearArgs& a, int64_t row, int64_t offset) { return a.weight.row(row < a.rows ? row : 0) + offset; }

/** Bytes from a multiple of 16 to the address. */
GPU_FN int beyond(const uint8_t* at) { return static_cast<int>(reinterpret_cast<uint64_t>(at) % 16); }

template <class Type, class Copying>
GPU_FN void beginBlocks(Copying& copies, uint8_t* tile, const LinearArgs& a, int64_t firstBlock) {
    constexpr int pitch = BlocksShared<Type>::pitch;
    int line = thread() / copiers;
    const uint8_t* first = blockAt(a, static_cast<int64_t>(blockY()) * ringRows + line, firstBlock * Type::bytes);
    int64_t left = beyond(first) + (a.columns / Type::size - firstBlock) * Type::bytes;
    first -= beyond(first);
    GPU_UNROLL for (int i = 0; i < BlocksShared<Type>::copies; i++) {
        int at = (i * copiers + thread() % copiers) * 16;
        if (at < pitch) {
            copies.begin(i, tile + line * pitch + at, first + at, static_cast<int>(at >= left ? 0 : left - at < 16 ? left - at : 16));
        }
    }
}

template <class Type>
GPU_FN void linearRing(const LinearArgs& a, BlocksShared<Type>& shared) {
    using Shared = BlocksShared<Type>;
    int lane = thread() % GPU_WARP;
    int64_t firstToken = static_cast<int64_t>(blockX()) * ringTokens;
    int64_t firstRow = static_cast<int64_t>(blockY()) * ringRows;
    int firstLine = thread() / GPU_WARP * rowTiles * 16;
    static_assert(Type::size == 32 && !Type::hasMinima, "a type that linearMatrix is for");
    const uint8_t* codes[matrixB];
    GPU_UNROLL for (int w = 0; w < matrixB; w++) {
        Place b = placeB(lane, w);
        int64_t token = firstToken + b.line;
        codes[w] = a.x.row(token < a.tokens ? token : 0) + b.at;
    }
    Copies<Bytes, Shared::copies> copies;
    float sums[rowTiles][sumCount][matrixD] = {};
    int64_t blocks = a.columns / Type::size;
    beginBlocks<Type>(copies, shared.tiles[0], a, 0);
    copies.commit();
    int read = 0;
    for (int64_t first = 0; first < blocks; first += sumCount) {
        if (blockTiles == 1) {
            syncBlock();  // the tile before was read by all
        }
        copies.template wait<0>();
        syncBlock();  // all copies have arrived, and the tile before was read by all
        if (first + sumCount < blocks) {
            beginBlocks<Type>(copies, shared.tiles[(read + 1) % blockTiles], a, first + sumCount);
        }
        copies.commit();
        auto inTile = [&](int line) {
            uint32_t row = static_cast<uint32_t>(firstRow + line < a.rows ? firstRow + line : 0);
            uint32_t offset = row * static_cast<uint32_t>(a.weight.stride) + static_cast<uint32_t>(first) * Type::bytes;
            return shared.tiles[read] + line * Shared::pitch + (static_cast<uint32_t>(beyond(a.weight.start)) + offset) % 16;
        };
        GPU_UNROLL for (int block = 0; block < sumCount; block++) {
            if (first + block >= blocks) {
                continue;
            }
            int x[matrixB];
            GPU_UNROLL for (int w = 0; w < matrixB; w++) {
                x[w] = *reinterpret_cast<const int32_t*>(codes[w] + (first + block) * Type::size);
            }
            float scales[matrixD];
            GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                int64_t token = firstToken + placeD(lane, i).at;
                scales[i] = *reinterpret_cast<const float*>(a.x.row(token < a.tokens ? token : 0) + a.columns + 4 * (first + block));
            }
            GPU_UNROLL for (int r = 0; r < rowTiles; r++) {
                int exact[matrixD] = {};
                int y[matrixA];
                GPU_UNROLL for (int w = 0; w < matrixA; w++) {
                    Place place = placeA(lane, w);
                    y[w] = static_cast<int>(Type::four(inTile(firstLine + r * 16 + place.line) + block * Type::bytes, place.at));
                }
                multiply(exact, y, x);
                GPU_UNROLL for (int i = 0; i < matrixD; i++) {
                    const uint8_t* at = inTile(firstLine + r * 16 + placeD(lane, i).line) + block * Type::bytes;
                    float& sum = sums[r][block][i];
                    sum = fma(Type::d(at) * scales[i], static_cast<float>(exact[i]), sum);
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
            Place d = placeD(lane, i);
            int64_t row = firstRow + firstLine + r * 16 + d.line;
            if (row < a.rows && firstToken + d.at < a.tokens) {
                put(a, firstToken + d.at, row, (s[0] + s[2]) + (s[1] + s[3]));
            }
        }
    }
}

}  // namespace gpu
