/* The paged cache of keys and values: dev.hearth.spi.KvLayout and KvView say how it lies, Ops.store what is put there. */
#pragma once
#include "functions.h"

namespace gpu {

/** One layer's part of a pool. Bytes; a head's keys of all pages, then those of the next head. */
struct Cache {
    uint8_t* keys;    // of page 0, head 0
    uint8_t* values;  // likewise; within the keys where the layout has them there
    int64_t keyHead, keyPage, keySlot, keyScales;  // bytes from one to the next; from a page to its scales
    int64_t valueHead, valuePage, valueSlot, valueScales;
    const int32_t* pages;  // [sequences, tableWidth]
    int64_t tableStride;   // elements
    int pageSize, headDim, valueDim, type;
    int byFour;  // whether four neighbouring elements of a key may be loaded at once
    int unused;
};

/** dev.hearth.gpu.Codes. */
enum CacheType { CACHE_F32, CACHE_F16, CACHE_BF16, CACHE_INT8 };

/** Where a position of a sequence lies. */
struct Slot {
    int64_t page;
    int slot;
};

GPU_FN Slot slotOf(const Cache& c, int sequence, int position) {
    return {c.pages[sequence * c.tableStride + position / c.pageSize], position % c.pageSize};
}

GPU_FN uint8_t* keyAt(const Cache& c, int head, Slot s) { return c.keys + head * c.keyHead + s.page * c.keyPage + s.slot * c.keySlot; }

GPU_FN uint8_t* valueAt(const Cache& c, int head, Slot s) {
    return c.values + head * c.valueHead + s.page * c.valuePage + s.slot * c.valueSlot;
}

GPU_FN uint8_t* keyScaleAt(const Cache& c, int head, Slot s) {
    return c.keys + head * c.keyHead + s.page * c.keyPage + c.keyScales + 4 * s.slot;
}

GPU_FN uint8_t* valueScaleAt(const Cache& c, int head, Slot s) {
    return c.values + head * c.valueHead + s.page * c.valuePage + c.valueScales + 4 * s.slot;
}

/** A scale, which begins where elements of one byte end. */
GPU_FN float scaleOf(const uint8_t* at) {
    return reinterpret_cast<uint64_t>(at) % 4 == 0 ? *reinterpret_cast<const float*>(at) : load<float>(at);
}

GPU_FN float element(const Cache& c, const uint8_t* start, int i) {
    switch (c.type) {
        case CACHE_F32: return reinterpret_cast<const float*>(start)[i];
        case CACHE_F16: return ofHalf(reinterpret_cast<const uint16_t*>(start)[i]);
        case CACHE_BF16: return ofBfloat(reinterpret_cast<const uint16_t*>(start)[i]);
        default: return static_cast<float>(static_cast<int8_t>(start[i]));
    }
}

/** Writes a row of `dim` elements, rounded, and its scale if the type has one. All threads of the block take part. */
GPU_FN void put(const Cache& c, uint8_t* to, uint8_t* scaleAt, const float* x, int dim) {
    float inverse = 0;
    if (c.type == CACHE_INT8) {
        int most = 0;
        for (int i = thread() % GPU_WARP; i < dim; i += GPU_WARP) {
            int bits = bitsOf(x[i]) & 0x7fffffff;
            most = bits > most ? bits : most;
        }
        float scale = int8Scale(lanesMax(most, GPU_WARP));
        inverse = int8Inverse(scale);
        if (thread() == 0) {
            save(scaleAt, scale);
        }
    }
    for (int i = thread(); i < dim; i += threads()) {
        switch (c.type) {
            case CACHE_F32: save(to + 4 * i, x[i]); break;
            case CACHE_F16: save(to + 2 * i, toHalf(x[i])); break;
            case CACHE_BF16: save(to + 2 * i, toBfloat(x[i])); break;
            default: to[i] = static_cast<uint8_t>(toInt8(x[i], inverse));
        }
    }
}

/** Writes keys and values of the tokens; block x is a token, y a head. */
struct StoreArgs {
    Cache cache;
    Rows keys, values;  // values.start null: they are in the keys
    Column sequences, positions;
};

GPU_KERNEL(hearth_store, StoreArgs) {
    const Cache& c = a.cache;
    int head = blockY();
    Slot s = slotOf(c, a.sequences.at(blockX()), a.positions.at(blockX()));
    put(c, keyAt(c, head, s), keyScaleAt(c, head, s), a.keys.row(blockX()) + head * c.headDim, c.headDim);
    if (a.values.start != nullptr) {
        put(c, valueAt(c, head, s), valueScaleAt(c, head, s), a.values.row(blockX()) + head * c.valueDim, c.valueDim);
    }
}

}  // namespace gpu
