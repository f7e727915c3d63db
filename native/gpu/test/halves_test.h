/* halves.h against the tables of layouts.h; products by BF16 against exact sums, and against each other whatever makes them. */
#pragma once
#include "matrix_test.h"

namespace {

/** The places of mma.sync for numbers of 16 bits. */
bool mmaHalfPlaces() {
    bool same = true;
    for (const layouts::Element& e : layouts::mmaHalvesA) {
        same &= isAt(gpu::placeOperandA(e.lane, e.word), e.line, e.at - e.byte / 2);
    }
    for (const layouts::Element& e : layouts::mmaHalvesB) {
        same &= isAt(gpu::placeOperandB(e.lane, e.word), e.line, e.at - e.byte / 2);
    }
    return same;
}

/** Those of AMD's instructions; with WMMA the upper half of the warp has the same. */
bool amdHalfPlaces(const int (*inputs)[2]) {
    bool same = true;
    for (int line = 0; line < 16; line++) {
        for (int at = 0; at < 16; at += 2) {
            int lane = inputs[at / 2][0] + line, word = inputs[at / 2][1];
            same &= isAt(gpu::placeOperandA(lane, word), line, at) && isAt(gpu::placeOperandB(lane, word), line, at);
            same &= GPU_MATRIX != GPU_WMMA || isAt(gpu::placeOperandA(lane + 16, word), line, at);
        }
    }
    return same;
}

void halfPlaces() {
    bool same = GPU_MATRIX == GPU_MMA ? mmaHalfPlaces() : amdHalfPlaces(GPU_MATRIX == GPU_MFMA ? layouts::mfmaHalves : layouts::wmmaHalves);
    expect(same, "numbers of 16 bits lie where the makers of matrices say");
}

struct HalfProductArgs {
    const uint8_t* a;  // [16, 32]
    const uint8_t* b;  // [16, 32], a column of the product a row
    float* d;          // [16, 16]
};

template <class Number, int columns>
void halfProduct(const HalfProductArgs& args) {
    gpu::Piece x[gpu::piecesA], y[gpu::piecesB(columns)];
    float d[gpu::sumsD(columns)] = {};
    int lane = gpu::thread() % GPU_WARP;
    for (int i = 0; i < gpu::piecesA; i++) {
        gpu::Place at = gpu::placePiece(lane, i);
        x[i] = gpu::globalPiece(args.a + 2 * (32 * at.line + at.at));
    }
    for (int i = 0; i < gpu::piecesB(columns); i++) {
        gpu::Place at = gpu::placePiece(lane, i);
        y[i] = gpu::globalPiece(args.b + 2 * (32 * at.line + at.at));
    }
    gpu::multiply<Number, columns>(d, x, y);
    for (int i = 0; i < gpu::sumsD(columns); i++) {
        gpu::Place at = gpu::placeD(lane, i);
        args.d[16 * at.line + at.at] = d[i];
    }
}

GPU_KERNEL(bfloat_product_16, HalfProductArgs) { halfProduct<gpu::BF16, 16>(a); }
GPU_KERNEL(bfloat_product_8, HalfProductArgs) { halfProduct<gpu::BF16, 8>(a); }
GPU_KERNEL(half_product_16, HalfProductArgs) { halfProduct<gpu::F16, 16>(a); }

uint16_t bitsOf(float x, bool half) { return half ? gpu::toHalf(x) : gpu::toBfloat(x); }

/** Integers, whose sums are exact in any order. */
void halfProducts(const simt::Kernel& kernel, bool half, int columns) {
    Memory<uint16_t> a(16, 32), b(16, 32);
    Memory<float> d(16, 16);
    std::uniform_int_distribution<int> integers(-100, 100);
    for (int i = 0; i < 16 * 32; i++) {
        a.data[static_cast<std::size_t>(i)] = bitsOf(static_cast<float>(integers(engine)), half);
        b.data[static_cast<std::size_t>(i)] = bitsOf(static_cast<float>(integers(engine)), half);
    }
    auto value = [&](uint16_t bits) { return half ? gpu::ofHalf(bits) : gpu::ofBfloat(bits); };
    HalfProductArgs args = {reinterpret_cast<uint8_t*>(a.data.get()), reinterpret_cast<uint8_t*>(b.data.get()), d.data.get()};
    expect(run(kernel, 1, 1, args).empty(), std::string(kernel.name) + " ends");
    bool same = true;
    for (int i = 0; i < 16; i++) {
        for (int j = 0; j < columns; j++) {
            float sum = 0;
            for (int k = 0; k < 32; k++) {
                sum += value(a.at(i, k)) * value(b.at(j, k));
            }
            same &= d.at(i, j) == sum;
        }
    }
    expect(same, std::string(kernel.name) + " gives sums of products");
}

/** BF16 [rows, columns], `stride` numbers from row to row, from an address that is a multiple of 16 bytes and so many numbers. */
struct Bfloats {
    Memory<uint16_t> all;
    int64_t stride;
    uint16_t* first;
    Bfloats(int64_t rows, int64_t columns, int64_t step, int64_t off)
        : all(1, (rows - 1) * step + columns + off), stride(step), first(all.data.get() + off) {}
    uint16_t& at(int64_t row, int64_t i) { return first[row * stride + i]; }
    gpu::ByteRows rows() { return {reinterpret_cast<uint8_t*>(first), 2 * stride}; }
};

/** Every kernel gives a token the same bits, near the exact sum, with whole pieces and without, whatever hangs over. */
void bfloatProducts(int64_t columns, int64_t padding, int64_t off) {
    int64_t tokens = 70, count = 133;
    Bfloats x(tokens, columns, columns + padding, off), w(count, columns, columns + padding, off);
    Floats bias = normals(1, count), one(tokens, count), eight(tokens, count), tiles(tokens, count);
    std::normal_distribution<float> normal;
    for (Bfloats* each : {&x, &w}) {
        for (int64_t r = 0; r < (each == &x ? tokens : count); r++) {
            for (int64_t k = 0; k < columns; k++) {
                each->at(r, k) = gpu::toBfloat(normal(engine));
            }
        }
    }
    gpu::LinearArgs a = {rows(one), x.rows(), w.rows(), bias.data.get(), tokens, count, columns, nullptr, nullptr, nullptr, 0, 0, 0};
    std::string what = "products by BF16 of " + std::to_string(columns) + " columns, padded by " + std::to_string(padding) + ", off by " +
        std::to_string(off);
    expect(run(gpu::simt_kernel_hearth_linear_bf16_rounded_1, blocks(count, 16), static_cast<unsigned>(tokens), a).empty(), what + " end");
    a.out = rows(eight);
    expect(run(gpu::simt_kernel_hearth_linear_bf16_rounded_8, blocks(count, 16), blocks(tokens, 8), a).empty(), what + " end by eight");
    a.out = rows(tiles);
    expect(run(gpu::simt_kernel_hearth_linear_bf16_matrix, blocks(tokens, 64), blocks(count, 128), a).empty(), what + " end by tiles");
    std::size_t bytes = static_cast<std::size_t>(4 * tokens * count);
    expect(std::memcmp(one.data.get(), eight.data.get(), bytes) == 0, what + ": eight tokens have the bits of one");
    expect(std::memcmp(one.data.get(), tiles.data.get(), bytes) == 0, what + ": tiles have the bits of one token");
    double worst = 0;
    for (int64_t t = 0; t < tokens; t++) {
        for (int64_t r = 0; r < count; r++) {
            double sum = static_cast<double>(bias.at(0, r)), magnitude = std::fabs(sum);
            for (int64_t k = 0; k < columns; k++) {
                double term = static_cast<double>(gpu::ofBfloat(x.at(t, k))) * static_cast<double>(gpu::ofBfloat(w.at(r, k)));
                sum += term;
                magnitude += std::fabs(term);
            }
            worst = worse(worst, std::fabs(sum - static_cast<double>(one.at(t, r))) / magnitude);
        }
    }
    expect(worst < 1e-6, what + ": differ from the exact sum by " + std::to_string(worst));
}

void halves() {
    halfPlaces();
    halfProducts(simt_kernel_bfloat_product_16, false, 16);
    halfProducts(simt_kernel_bfloat_product_8, false, 8);
    halfProducts(simt_kernel_half_product_16, true, 16);
    for (int64_t columns : {1, 32, 33, 72, 256, 417}) {
        bfloatProducts(columns, 0, 0);
    }
    bfloatProducts(40, 8, 8);
    bfloatProducts(100, 4, 8);
    bfloatProducts(96, 1, 3);
}

}  // namespace
