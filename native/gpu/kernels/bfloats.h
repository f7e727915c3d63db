/*
 * Products of BF16 activations with BF16 weights by the units for matrices. All sum alike: columns, in steps of 32 with zeros behind the last, are
 * cut into four slices of as many steps; the units add a slice's steps in ascending order to zero; the slices' sums are added in ascending order to
 * zero, but for slices without a step. How many tokens there are, and which block a token is in, changes nothing.
 */
#pragma once
#include "copies.h"
#include "products.h"

namespace gpu {

constexpr int slices = 4;
constexpr int warps = threadCount / GPU_WARP;

GPU_FN int stepsOf(const LinearArgs& a) { return static_cast<int>((a.columns + productColumns - 1) / productColumns); }

GPU_FN int stepsOfSlice(int steps) { return (steps + slices - 1) / slices; }

/** Whether every line is made of whole pieces, each at a multiple of its size. */
GPU_FN bool isWhole(const LinearArgs& a, const Source& source) {
    return (a.columns % pieceColumns | a.weight.stride % 16 | a.x.stride % 16) == 0 && isAligned(source.weight) && isAligned(source.x);
}

/** Bytes of a piece at column k that a line of so many columns has. */
GPU_FN int bytesOf(int64_t k, int64_t columns) {
    return static_cast<int>(k >= columns ? 0 : columns - k < pieceColumns ? 2 * (columns - k) : 2 * pieceColumns);
}

// ---- few tokens: a block makes 16 rows of up to 8, a warp a slice at a time --------------------------------------------------------

constexpr int narrowRows = 16;
constexpr int narrowTokens = 8;

struct NarrowShared {
    float sums[slices][narrowTokens][narrowRows];
};

/** Steps that are under way from memory at a time, as registers allow. */
constexpr int loadedSteps = GPU_MATRIX == GPU_MMA ? 4 : GPU_MATRIX == GPU_MFMA ? 8 : 2;

/** Where a lane's pieces of a weight and of activations begin. */
struct Lines {
    const uint8_t* a[piecesA];
    const uint8_t* b[piecesB(narrowTokens)];
};

/** Steps [from, to), `together` loaded before the first of them is multiplied. */
template <class Number, class Pieces, int together>
GPU_FN void addSteps(float (&d)[sumsD(narrowTokens)], const Lines& lines, int from, int to, int64_t columns) {
    int lane = thread() % GPU_WARP;
    for (int first = from; first < to; first += together) {
        Piece x[together][piecesA];
        Piece y[together][piecesB(narrowTokens)];
        GPU_UNROLL for (int step = 0; step < together; step++) {
            int64_t start = static_cast<int64_t>(first + step) * productColumns;
            int64_t end = first + step < to ? columns : 0;
            GPU_UNROLL for (int i = 0; i < piecesA; i++) {
                int64_t k = start + placePiece(lane, i).at;
                x[step][i] = Pieces::at(lines.a[i] + 2 * k, bytesOf(k, end));
            }
            GPU_UNROLL for (int i = 0; i < piecesB(narrowTokens); i++) {
                int64_t k = start + placePiece(lane, i).at;
                y[step][i] = Pieces::at(lines.b[i] + 2 * k, bytesOf(k, end));
            }
        }
        GPU_UNROLL for (int step = 0; step < together; step++) {
            if (first + step < to) {
                multiply<Number, narrowTokens>(d, x[step], y[step]);
            }
        }
    }
}

/** TOKENS of one block; experts go by one. */
template <class Number, int TOKENS>
GPU_FN void linearNarrow(const LinearArgs& a, NarrowShared& shared) {
    int lane = thread() % GPU_WARP;
    int64_t firstRow = static_cast<int64_t>(blockX()) * narrowRows;
    int64_t first = static_cast<int64_t>(blockY()) * TOKENS;
    Source source = sourceOf(a, first);
    Lines lines;
    GPU_UNROLL for (int i = 0; i < piecesA; i++) {
        int64_t row = firstRow + placePiece(lane, i).line;
        lines.a[i] = source.weight + (row < a.rows ? row : 0) * a.weight.stride;  // what is made of others is not kept
    }
    GPU_UNROLL for (int i = 0; i < piecesB(narrowTokens); i++) {
        int token = placePiece(lane, i).line;
        lines.b[i] = source.x + (token < TOKENS && first + token < a.tokens ? token : 0) * a.x.stride;
    }
    int steps = stepsOf(a);
    int length = stepsOfSlice(steps);
    for (int slice = thread() / GPU_WARP; slice * length < steps && slice < slices; slice += warps) {
        float d[sumsD(narrowTokens)] = {};
        int from = slice * length;
        int to = from + length < steps ? from + length : steps;
        if (isWhole(a, source)) {
            addSteps<Number, WholePieces, loadedSteps>(d, lines, from, to, a.columns);
        } else {
            addSteps<Number, AnyPieces, 1>(d, lines, from, to, a.columns);
        }
        GPU_UNROLL for (int i = 0; i < sumsD(narrowTokens); i++) {
            Place at = placeD(lane, i);
            if (at.at < narrowTokens) {
                shared.sums[slice][at.at][at.line] = d[i];
            }
        }
    }
    syncBlock();
    int token = thread() / narrowRows;
    int row = thread() % narrowRows;
    if (token < TOKENS && first + token < a.tokens && firstRow + row < a.rows) {
        float sum = 0;
        for (int slice = 0; slice < slices && slice * length < steps; slice++) {
            sum += shared.sums[slice][token][row];
        }
        put(a, first + token, firstRow + row, sum);
    }
}

// ---- many tokens: a block makes 128 rows of 64, from tiles of 32 columns that are copied while others are multiplied -----------------

constexpr int tileRows = 128;
constexpr int tileTokens = 64;
constexpr int tileLines = tileRows + tileTokens;
constexpr int lineBytes = 2 * productColumns;
constexpr int linePieces = productColumns / pieceColumns;
constexpr int tileCopies = tileLines * linePieces / threadCount;

/** Of a warp: 64 rows, and half of the tokens or all. */
constexpr int warpRows = 4;  // by 16
constexpr int warpTokens = warps == 4 ? 2 : 4;

struct alignas(16) TilesShared {
    uint8_t tiles[ringTiles][tileLines * lineBytes];  // rows of the weight, then of activations
};

/** Where a piece lies in a tile. Pieces of a line change places, so that lanes that read the same piece of neighbouring lines meet in no bank. */
GPU_FN int inTile(int line, int piece) { return line * lineBytes + (piece ^ line / 2 % linePieces) * static_cast<int>(sizeof(Piece)); }

template <class Copying>
GPU_FN void beginTile(Copying& copies, uint8_t* tile, const LinearArgs& a, int step) {
    int piece = thread() % linePieces;
    int64_t k = static_cast<int64_t>(step) * productColumns + piece * pieceColumns;
    GPU_UNROLL for (int i = 0; i < tileCopies; i++) {
        constexpr int together = threadCount / linePieces;
        int line = i * together + thread() / linePieces;
        int64_t row = static_cast<int64_t>(blockY()) * tileRows + line;
        int64_t token = static_cast<int64_t>(blockX()) * tileTokens + line - tileRows;
        const uint8_t* from = i < tileRows / together ? a.weight.row(row < a.rows ? row : 0) : a.x.row(token < a.tokens ? token : 0);
        copies.begin(i, tile + inTile(line, piece), from + 2 * k, bytesOf(k, a.columns));
    }
}

GPU_FN int firstRowOfWarp() { return thread() / GPU_WARP % 2 * warpRows * 16; }

GPU_FN int firstTokenOfWarp() { return thread() / GPU_WARP / 2 * warpTokens * 16; }

/** A lane's piece of 16 lines of a tile, of which the first is a multiple of 8. */
GPU_FN Piece tilePiece(const uint8_t* tile, int firstLine, int piece) {
    Place at = placePiece(thread() % GPU_WARP, piece);
    return sharedPiece(tile + firstLine * lineBytes + inTile(at.line, at.at / pieceColumns));
}

template <class Number>
GPU_FN void multiplyTile(float (&sums)[warpRows][warpTokens][matrixD], const uint8_t* tile) {
    Piece y[warpTokens][piecesB(16)];
    GPU_UNROLL for (int t = 0; t < warpTokens; t++) {
        GPU_UNROLL for (int i = 0; i < piecesB(16); i++) {
            y[t][i] = tilePiece(tile, tileRows + firstTokenOfWarp() + t * 16, i);
        }
    }
    GPU_UNROLL for (int r = 0; r < warpRows; r++) {
        Piece x[piecesA];
        GPU_UNROLL for (int i = 0; i < piecesA; i++) {
            x[i] = tilePiece(tile, firstRowOfWarp() + r * 16, i);
        }
        GPU_UNROLL for (int t = 0; t < warpTokens; t++) {
            multiply<Number, 16>(sums[r][t], x, y[t]);
        }
    }
}

/** Adds a slice's sums to what the result has of those before, and begins the next from zero. */
GPU_FN void addSlice(const LinearArgs& a, float (&sums)[warpRows][warpTokens][matrixD], bool first, bool last) {
    Place own = placeD(thread() % GPU_WARP, 0);
    int64_t firstRow = static_cast<int64_t>(blockY()) * tileRows + firstRowOfWarp() + own.line;
    int64_t firstToken = static_cast<int64_t>(blockX()) * tileTokens + firstTokenOfWarp() + own.at;
    float* start = a.out.row(firstToken) + firstRow;
    bool biased = last && a.bias != nullptr;  // a sum from +0 on is never -0, so that adding nothing leaves it
    GPU_UNROLL for (int t = 0; t < warpTokens; t++) {
        GPU_UNROLL for (int i = 0; i < matrixD; i++) {
            Place at = placeD(0, i);  // from the lane's own place
            GPU_UNROLL for (int r = 0; r < warpRows; r++) {
                int row = r * 16 + at.line;
                if (firstRow + row < a.rows && firstToken + t * 16 + at.at < a.tokens) {
                    float* out = start + (t * 16 + at.at) * a.out.stride + row;
                    float before = first ? 0 : *out;
                    float bias = biased ? a.bias[firstRow + row] : 0;
                    *out = before + sums[r][t][i] + bias;
                }
                sums[r][t][i] = 0;
            }
        }
    }
}

template <class Number, class Pieces>
GPU_FN void linearTiles(const LinearArgs& a, TilesShared& shared) {
    Copies<Pieces, tileCopies> copies;
    float sums[warpRows][warpTokens][matrixD] = {};
    int steps = stepsOf(a);
    int length = stepsOfSlice(steps);
    for (int step = 0; step < tilesUnderWay; step++) {
        if (step < steps) {
            beginTile(copies, shared.tiles[step], a, step);
        }
        copies.commit();
    }
    int read = 0;
    int left = length;
    for (int step = 0; step < steps; step++) {
        if (ringTiles == 1) {
            syncBlock();  // the tile before was read by all
        }
        copies.template wait<tilesUnderWay - 1>();
        syncBlock();  // all copies have arrived, and the tile before was read by all
        if (step + tilesUnderWay < steps) {
            beginTile(copies, shared.tiles[(read + tilesUnderWay) % ringTiles], a, step + tilesUnderWay);
        }
        copies.commit();
        multiplyTile<Number>(sums, shared.tiles[read]);
        read = (read + 1) % ringTiles;
        if (--left == 0 || step + 1 == steps) {
            addSlice(a, sums, step < length, step + 1 == steps);
            left = length;
        }
    }
}

GPU_KERNEL(hearth_linear_bf16_rounded_1, LinearArgs) {
    GPU_SHARED(NarrowShared, shared);
    linearNarrow<BF16, 1>(a, shared);
}
GPU_KERNEL(hearth_linear_bf16_rounded_8, LinearArgs) {
    GPU_SHARED(NarrowShared, shared);
    linearNarrow<BF16, narrowTokens>(a, shared);
}
GPU_KERNEL_OF(3, hearth_linear_bf16_matrix, LinearArgs) {
    GPU_SHARED(TilesShared, shared);
    if (isWhole(a, sourceOf(a, 0))) {
        linearTiles<BF16, WholePieces>(a, shared);
    } else {
        linearTiles<BF16, AnyPieces>(a, shared);
    }
}

}  // namespace gpu
