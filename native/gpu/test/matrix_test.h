/* matrix.h against the tables of layouts.h, and the products that it makes against plain sums. */
#pragma once
#include "check.h"
#include "layouts.h"

namespace {

bool isAt(gpu::Place place, int line, int at) { return place.line == line && place.at == at; }

/** The places of mma.sync; the second eight columns of b and d are another instruction's. */
bool mmaPlaces() {
    bool same = true;
    for (const layouts::Element& e : layouts::mmaA) {
        same &= isAt(gpu::placeA(e.lane, e.word), e.line, e.at - e.byte);
    }
    for (const layouts::Element& e : layouts::mmaB) {
        same &= isAt(gpu::placeB(e.lane, e.word), e.line, e.at - e.byte) && isAt(gpu::placeB(e.lane, e.word + 2), e.line + 8, e.at - e.byte);
    }
    for (const layouts::Element& e : layouts::mmaD) {
        same &= isAt(gpu::placeD(e.lane, e.word), e.line, e.at) && isAt(gpu::placeD(e.lane, e.word + 4), e.line, e.at + 8);
    }
    return same;
}

/** The places of AMD's instructions, of which the inputs of one have `k` at most. */
bool amdPlaces(const int (*inputs)[2], int k, const int (*results)[2]) {
    bool same = true;
    for (int line = 0; line < 16; line++) {
        for (int at = 0; at < 32; at += 4) {
            int lane = inputs[at % k / 4][0] + line;
            int word = inputs[at % k / 4][1] + at / k * (k / 4);
            same &= isAt(gpu::placeA(lane, word), line, at) && isAt(gpu::placeB(lane, word), line, at);
        }
        for (int row = 0; row < 16; row++) {
            same &= isAt(gpu::placeD(results[row][0] + line, results[row][1]), row, line);
        }
    }
    return same;
}

void matrixPlaces() {
    bool same = GPU_MATRIX == GPU_MMA ? mmaPlaces()
        : GPU_MATRIX == GPU_MFMA      ? amdPlaces(layouts::mfmaInputs, 32, layouts::mfmaResults)
                                      : amdPlaces(layouts::wmmaInputs, 16, layouts::wmmaResults);
    expect(same, "elements of matrices lie where their makers say");
}

/** Products by matrices give the bits of those without, whatever hangs over. */
template <class Type>
void matrixProducts(const simt::Kernel& plain, const simt::Kernel& byMatrix, int64_t scaleAt) {
    for (int64_t count : {1, 63, 70}) {
        for (int64_t tokens : {16, 21}) {
            int64_t blockCount = tokens == 16 ? 10 : 3, columns = Type::size * blockCount, perBlock = Type::size == 256 ? 276 : 36;
            Floats x = normals(tokens, columns), bias = normals(1, count), expected(tokens, count), out(tokens, count);
            Memory<uint8_t> codes(tokens, blockCount * perBlock), w(count, blockCount * Type::bytes);
            for (int64_t r = 0; r < count; r++) {
                for (int64_t i = 0; i < blockCount * Type::bytes; i++) {
                    w.at(r, i) = static_cast<uint8_t>(engine());
                }
                for (int64_t b = 0; b < blockCount; b++) {
                    gpu::save(&w.at(r, b * Type::bytes + scaleAt), gpu::toHalf(0.01f));
                    if (Type::hasMinima) {
                        gpu::save(&w.at(r, b * Type::bytes + scaleAt + 2), gpu::toHalf(0.02f));
                    }
                }
            }
            gpu::QuantizeArgs q = {{codes.data.get(), codes.stride}, rows(x), tokens, columns, Type::size, 0};
            run(gpu::simt_kernel_hearth_quantize, blocks(tokens * blockCount * 16, 128), 1, q);
            gpu::LinearArgs a = {rows(expected), {codes.data.get(), codes.stride}, {w.data.get(), w.stride}, bias.data.get(), tokens, count,
                columns, nullptr, nullptr, nullptr, 0, 0, 0};
            run(plain, blocks(count * 8, 128), blocks(tokens, 8), a);
            a.out = rows(out);
            expect(run(byMatrix, blocks(tokens, 16), blocks(count, 64), a).empty(), "products by matrices end");
            std::size_t bytes = static_cast<std::size_t>(4 * tokens * count);
            expect(std::memcmp(out.data.get(), expected.data.get(), bytes) == 0, "products by matrices have the same bits");
        }
    }
}

void matrices() {
    matrixPlaces();
    using namespace gpu;
    matrixProducts<Blocks<Q8_0>>(simt_kernel_hearth_linear_q8_0_rounded_8, simt_kernel_hearth_linear_q8_0_matrix, 0);
    matrixProducts<Blocks<Q5_0>>(simt_kernel_hearth_linear_q5_0_rounded_8, simt_kernel_hearth_linear_q5_0_matrix, 0);
    matrixProducts<Blocks<MXFP4>>(simt_kernel_hearth_linear_mxfp4_rounded_8, simt_kernel_hearth_linear_mxfp4_matrix, 0);
    matrixProducts<Blocks<Q5_1>>(simt_kernel_hearth_linear_q5_1_rounded_8, simt_kernel_hearth_linear_q5_1_matrix, 0);
    matrixProducts<Blocks<Q4_K>>(simt_kernel_hearth_linear_q4_k_rounded_8, simt_kernel_hearth_linear_q4_k_matrix, 0);
    matrixProducts<Blocks<Q2_K>>(simt_kernel_hearth_linear_q2_k_rounded_8, simt_kernel_hearth_linear_q2_k_matrix, 80);
    matrixProducts<Blocks<Q6_K>>(simt_kernel_hearth_linear_q6_k_rounded_8, simt_kernel_hearth_linear_q6_k_matrix, 208);
}

}  // namespace
