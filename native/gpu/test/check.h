/* What the tests of kernels share: launches, memory of exact size, random numbers, sums in the order that is specified. */
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "hearth.cu"

namespace {

int failures = 0;
int checks = 0;
bool reverse = false;

void expect(bool fits, const std::string& what) {
    checks++;
    if (!fits) {
        failures++;
        std::printf("FAILED: %s (warp %d, %s)\n", what.c_str(), simt::warpSize, reverse ? "reverse" : "forward");
#if defined(HEARTH_FIRST_FAILURE)
        std::exit(1);
#endif
    }
}

template <class Arguments>
std::string run(const simt::Kernel& kernel, unsigned gridX, unsigned gridY, const Arguments& arguments) {
    char error[400] = "";
    simt_launch(&kernel, gridX, gridY, 128, &arguments, reverse, error, sizeof error);
    return error;
}

/** Memory of exactly so many elements, so that a sanitizer sees what goes beyond. */
template <class T>
struct Memory {
    std::unique_ptr<T[]> data;
    int64_t stride;
    Memory(int64_t rows, int64_t width) : data(new T[static_cast<std::size_t>(rows * width)]()), stride(width) {}
    T& at(int64_t row, int64_t i) { return data[static_cast<std::size_t>(row * stride + i)]; }
};

using Floats = Memory<float>;
std::mt19937 engine(7);

Floats normals(int64_t rows, int64_t width) {
    std::normal_distribution<float> normal;
    Floats all(rows, width);
    for (int64_t i = 0; i < rows * width; i++) {
        all.data[static_cast<std::size_t>(i)] = normal(engine);
    }
    return all;
}

/** The greater difference; a NaN, which std::max would pass over, is the worst. */
double worse(double x, double y) { return std::isnan(y) || y > x ? y : x; }

gpu::Rows rows(Floats& x) { return {x.data.get(), x.stride}; }

unsigned blocks(int64_t items, int64_t aBlock) { return static_cast<unsigned>((items + aBlock - 1) / aBlock); }

float sum16(const std::function<float(int64_t)>& x, const std::function<float(int64_t)>& y, int64_t count) {
    float s[16] = {};
    for (int64_t i = 0; i < count; i++) {
        s[i % 16] = std::fma(x(i), y(i), s[i % 16]);
    }
    for (int step = 8; step > 2; step /= 2) {
        for (int i = 0; i < step; i++) {
            s[i] += s[i + step];
        }
    }
    return (s[0] + s[2]) + (s[1] + s[3]);
}

}  // namespace
