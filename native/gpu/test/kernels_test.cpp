/*
 * The kernels under sanitizers, in both orders of threads: results against plain loops, shapes that end in the middle of a block, memory
 * that ends where a tensor does. The kit of dev.hearth.conformance goes further into values; this goes into memory.
 */
#include "check.h"
#include "halves_test.h"

namespace {

void linear() {
    for (int64_t tokens : {1, 2, 9}) {
        for (int64_t columns : {1, 15, 16, 100}) {
            for (int64_t count : {1, 7, 33}) {
                Floats x = normals(tokens, columns), w = normals(count, columns), bias = normals(1, count), out(tokens, count);
                gpu::LinearArgs a = {rows(out), {reinterpret_cast<uint8_t*>(x.data.get()), 4 * columns},
                    {reinterpret_cast<uint8_t*>(w.data.get()), 4 * columns}, bias.data.get(), tokens, count, columns, nullptr, nullptr,
                    nullptr, 0, 0, 0};
                const simt::Kernel& kernel = tokens == 1 ? gpu::simt_kernel_hearth_linear_f32_1 : gpu::simt_kernel_hearth_linear_f32_8;
                expect(run(kernel, blocks(count * 16, 128), blocks(tokens, tokens == 1 ? 1 : 8), a).empty(), "linear ends");
                bool same = true;
                for (int64_t t = 0; t < tokens; t++) {
                    for (int64_t r = 0; r < count; r++) {
                        float dot = sum16([&](int64_t k) { return x.at(t, k); }, [&](int64_t k) { return w.at(r, k); }, columns);
                        same &= out.at(t, r) == dot + bias.at(0, r);
                    }
                }
                expect(same, "linear gives the bits of sum16");
            }
        }
    }
}

void linearInt8() {
    for (int64_t tokens : {1, 5}) {
        for (int64_t blockCount : {1, 7, 9, 20}) {
            int64_t columns = 32 * blockCount, count = 19;
            Floats x = normals(tokens, columns), out(tokens, count);
            Memory<uint8_t> codes(tokens, blockCount * 36), w(count, blockCount * 34);
            for (int64_t r = 0; r < count; r++) {
                for (int64_t b = 0; b < blockCount; b++) {
                    gpu::save(&w.at(r, b * 34), gpu::toHalf(0.01f * static_cast<float>(1 + b)));
                    for (int i = 0; i < 32; i++) {
                        w.at(r, b * 34 + 2 + i) = static_cast<uint8_t>(engine());
                    }
                }
            }
            gpu::QuantizeArgs q = {{codes.data.get(), codes.stride}, rows(x), tokens, columns, 32, 0};
            expect(run(gpu::simt_kernel_hearth_quantize, blocks(tokens * blockCount * 16, 128), 1, q).empty(), "quantize ends");
            gpu::LinearArgs a = {rows(out), {codes.data.get(), codes.stride}, {w.data.get(), w.stride}, nullptr, tokens, count, columns, nullptr,
                nullptr, nullptr, 0, 0, 0};
            const simt::Kernel& kernel =
                tokens == 1 ? gpu::simt_kernel_hearth_linear_q8_0_rounded_1 : gpu::simt_kernel_hearth_linear_q8_0_rounded_8;
            expect(run(kernel, blocks(count * 8, 128), blocks(tokens, tokens == 1 ? 1 : 8), a).empty(), "linear of int8 ends");
            double worst = 0;
            for (int64_t t = 0; t < tokens; t++) {
                for (int64_t r = 0; r < count; r++) {
                    double sum = 0, magnitude = 0;
                    for (int64_t k = 0; k < columns; k++) {
                        double scale = gpu::ofHalf(gpu::load<uint16_t>(&w.at(r, k / 32 * 34)));
                        double term = scale * static_cast<int8_t>(w.at(r, k / 32 * 34 + 2 + k % 32)) * static_cast<double>(x.at(t, k));
                        sum += term;
                        magnitude += std::fabs(term);
                    }
                    worst = worse(worst, std::fabs(sum - static_cast<double>(out.at(t, r))) / magnitude);
                }
            }
            expect(worst < 0.02, "linear of int8 is near the product");
        }
    }
}

void norm() {
    for (int64_t size : {1, 33, 1024, 1500}) {
        for (int64_t groups : {1, 3}) {
            int64_t count = 3;
            Floats x = normals(count, size * groups), delta = normals(count, size * groups), w = normals(1, size), out(count, size * groups);
            std::vector<float> sums(static_cast<std::size_t>(count * size * groups));
            for (std::size_t i = 0; i < sums.size(); i++) {
                sums[i] = x.data[i] + delta.data[i];
            }
            gpu::NormArgs a = {rows(out), rows(x), rows(delta), w.data.get(), nullptr, groups, size, 1e-6f, 0};
            expect(run(gpu::simt_kernel_hearth_norm, static_cast<unsigned>(count * groups), 1, a).empty(), "norm ends");
            bool same = std::memcmp(sums.data(), x.data.get(), 4 * sums.size()) == 0;
            for (int64_t g = 0; g < count * groups; g++) {
                auto value = [&](int64_t i) { return sums[static_cast<std::size_t>(g * size + i)]; };
                float r = 1 / std::sqrt(sum16(value, value, size) / static_cast<float>(size) + 1e-6f);
                for (int64_t i = 0; i < size; i++) {
                    same &= out.data[static_cast<std::size_t>(g * size + i)] == value(i) * r * w.at(0, i);
                }
            }
            expect(same, "norm gives the bits of its formula");
        }
    }
}

/** A prompt in pages of any order, stored and attended to; against double precision. */
void attend(int type, int headDim, int valueDim, int group, int pageSize, int length, int window, int tileTokens, bool split, double bound) {
    int most = valueDim <= 128 ? 8 : 4, segments = (length + 255) / 256;
    Floats parts(length * 2 * group * segments, valueDim + 2);
    int heads = 2, pageCount = (length + pageSize - 1) / pageSize + 1;
    int64_t element = type == gpu::CACHE_F32 ? 4 : type == gpu::CACHE_INT8 ? 1 : 2;
    int64_t scale = type == gpu::CACHE_INT8 ? 4 : 0;
    int64_t keyPage = pageSize * (headDim * element + scale), valuePage = pageSize * (valueDim * element + scale);
    Memory<uint8_t> pool(1, pageCount * heads * (keyPage + valuePage));
    Memory<int32_t> table(1, pageCount), positions(length, 1), sequences(length, 1), ends(length, 1);
    for (int i = 0; i < pageCount; i++) {
        table.at(0, i) = (i * 3 + 1) % pageCount;
    }
    if (pageCount % 3 == 0) {
        for (int i = 0; i < pageCount; i++) {
            table.at(0, i) = pageCount - 1 - i;
        }
    }
    for (int i = 0; i < length; i++) {
        positions.at(i, 0) = i;
        ends.at(i, 0) = length - 1;  // what is there; that a token sees none after its own is the kernel's part
    }
    Floats keys = normals(length, heads * headDim), values = normals(length, heads * valueDim);
    Floats queries = normals(length, heads * group * headDim), out(length, heads * group * valueDim), sinks = normals(1, heads * group);
    gpu::Cache c = {pool.data.get(), pool.data.get() + pageCount * heads * keyPage, pageCount * keyPage, keyPage, headDim * element,
        pageSize * headDim * element, pageCount * valuePage, valuePage, valueDim * element, pageSize * valueDim * element,
        table.data.get(), pageCount, pageSize, headDim, valueDim, type, headDim % 4 == 0, 0};
    gpu::StoreArgs s = {c, rows(keys), rows(values), {sequences.data.get(), 1}, {positions.data.get(), 1}};
    expect(run(gpu::simt_kernel_hearth_store, static_cast<unsigned>(length), static_cast<unsigned>(heads), s).empty(), "store ends");
    gpu::AttendArgs a = {c, rows(out), rows(queries), {sequences.data.get(), 1}, {positions.data.get(), 1}, {ends.data.get(), 1},
        sinks.data.get(), nullptr, nullptr, nullptr, nullptr, 0, 0.3f, 0, group, window, 0, INT32_MAX, 0, length, heads * group,
        tileTokens, std::min(group, most), split ? segments : 0, split ? parts.data.get() : nullptr};
    unsigned tiles = blocks(length, tileTokens) * static_cast<unsigned>(split ? segments : 1);
    const simt::Kernel& kernel = tileTokens * group == 1 ? gpu::simt_kernel_hearth_attend_1_4
        : valueDim <= 128                                ? gpu::simt_kernel_hearth_attend_8_1
                                                         : gpu::simt_kernel_hearth_attend_4_4;
    expect(run(kernel, tiles, blocks(group, most) * static_cast<unsigned>(heads), a).empty(), "attend ends");
    if (split) {
        expect(run(gpu::simt_kernel_hearth_attend_merge, static_cast<unsigned>(length), static_cast<unsigned>(heads * group), a).empty(), "merge ends");
    }
    double worst = 0;
    for (int t = 0; t < length; t++) {
        for (int head = 0; head < heads * group; head++) {
            std::vector<double> weights;
            double sum = std::exp(static_cast<double>(sinks.at(0, head)));
            int first = std::max(0, t - window + 1);
            for (int p = first; p <= t; p++) {
                double dot = 0;
                for (int i = 0; i < headDim; i++) {
                    dot += static_cast<double>(queries.at(t, head * headDim + i)) * static_cast<double>(keys.at(p, head / group * headDim + i));
                }
                weights.push_back(std::exp(dot * 0.3));
                sum += weights.back();
            }
            for (int i = 0; i < valueDim; i++) {
                double o = 0;
                for (int p = first; p <= t; p++) {
                    o += weights[static_cast<std::size_t>(p - first)] / sum * static_cast<double>(values.at(p, head / group * valueDim + i));
                }
                worst = worse(worst, std::fabs(o - static_cast<double>(out.at(t, head * valueDim + i))));
            }
        }
    }
    expect(worst < bound, "attend, type " + std::to_string(type) + ", head " + std::to_string(headDim) + ", differs by " + std::to_string(worst));
}

void rowsOfAllKinds() {
    Floats x = normals(3, 133), y = normals(3, 133), out(3, 133);
    gpu::ElementArgs a = {rows(out), rows(x), rows(y), y.data.get(), 133, 1.5f, 7, gpu::SILU, 0, 0, 0};
    for (const simt::Kernel* kernel :
        {&gpu::simt_kernel_hearth_add, &gpu::simt_kernel_hearth_multiply, &gpu::simt_kernel_hearth_scale, &gpu::simt_kernel_hearth_scale_columns,
            &gpu::simt_kernel_hearth_activate, &gpu::simt_kernel_hearth_gate, &gpu::simt_kernel_hearth_clamped_gate, &gpu::simt_kernel_hearth_softcap}) {
        expect(run(*kernel, 3, 2, a).empty(), std::string(kernel->name) + " ends");
    }
    run(gpu::simt_kernel_hearth_add, 3, 2, a);
    expect(out.at(2, 132) == x.at(2, 132) + y.at(2, 132) && out.at(0, 0) == x.at(0, 0) + y.at(0, 0), "add adds the last element");
    Memory<int32_t> indices(2, 1);
    indices.at(0, 0) = 2;
    gpu::GatherArgs g = {{reinterpret_cast<uint8_t*>(out.data.get()), 4 * 133}, {reinterpret_cast<uint8_t*>(x.data.get()), 4 * 133},
        {indices.data.get(), 1}, 4 * 133};
    expect(run(gpu::simt_kernel_hearth_gather, 2, 1, g).empty() && out.at(0, 132) == x.at(2, 132), "gather takes the row");
}

// ---- what the emulation itself must notice -------------------------------------------------------------------------------
struct OneArgs {
    float* out;
};

/** Half of the threads wait for all. */
GPU_KERNEL(divergent, OneArgs) {
    if (gpu::thread() < 64) {
        gpu::syncBlock();
    } else if (gpu::thread() < 96) {
        a.out[0] = gpu::shuffleXor(1.0f, 1);
        gpu::syncBlock();
    } else if (gpu::thread() == 96) {
        a.out[1] = gpu::shuffleXor(1.0f, 1);  // alone in its warp but for those that have ended
    } else if (gpu::thread() == 97) {
        gpu::syncBlock();
    }
}

struct OneShared {
    float values[128];
};

/** Each thread reads its neighbour's value without waiting for it. */
GPU_KERNEL(hasty, OneArgs) {
    GPU_SHARED(OneShared, shared);
    shared.values[gpu::thread()] = 1;
    a.out[gpu::thread()] = shared.values[127 - gpu::thread()];
}

struct CopyShared {
    alignas(16) uint8_t bytes[128 * 16];
};

/** Each thread reads what it copies without waiting for it. */
GPU_KERNEL(impatient, OneArgs) {
    GPU_SHARED(CopyShared, shared);
    gpu::Copies<gpu::WholePieces, 1> copies;
    copies.begin(0, shared.bytes + 16 * gpu::thread(), reinterpret_cast<const uint8_t*>(a.out), 16);
    copies.commit();
    a.out[4 + gpu::thread()] = gpu::load<float>(shared.bytes + 16 * gpu::thread());
    copies.wait<0>();
}

void emulation() {
    float copied[4 + 128] = {};
    OneArgs copyOnce = {copied};
    run(simt_kernel_impatient, 1, 1, copyOnce);
    expect(std::isnan(copied[4]) && std::isnan(copied[131]), "a copy that isn't waited for shows");
    float out[128] = {};
    OneArgs a = {out};
    std::string error = run(simt_kernel_divergent, 1, 1, a);
    expect(error.find("never ends") != std::string::npos, "a barrier that not all reach is reported: " + error);
    run(simt_kernel_hasty, 1, 1, a);
    bool missing = false;
    for (float value : out) {
        missing |= std::isnan(value);
    }
    expect(missing, "a missing barrier shows");
}

}  // namespace

int main() {
    for (bool order : {false, true}) {
        reverse = order;
        linear();
        linearInt8();
        matrices();
        halves();
        norm();
        rowsOfAllKinds();
        attend(gpu::CACHE_F32, 16, 16, 2, 16, 40, INT32_MAX, 4, false, 1e-5);
        attend(gpu::CACHE_F32, 7, 9, 1, 1, 20, 5, 1, false, 1e-5);
        attend(gpu::CACHE_F32, 8, 8, 1, 32, 300, INT32_MAX, 8, false, 1e-5);
        attend(gpu::CACHE_F32, 8, 70, 12, 32, 260, 257, 1, true, 1e-5);
        attend(gpu::CACHE_F16, 24, 130, 3, 16, 33, 20, 1, false, 4e-3);
        attend(gpu::CACHE_BF16, 16, 16, 1, 16, 33, INT32_MAX, 1, true, 3e-2);
        attend(gpu::CACHE_INT8, 15, 7, 2, 3, 20, INT32_MAX, 3, false, 6e-2);
        emulation();
    }
    std::printf("gpu: %d checks of the kernels with warps of %d, %d failed\n", checks, simt::warpSize, failures);
    return failures == 0 ? 0 : 1;
}
