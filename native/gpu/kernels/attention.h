/* The paged cache of keys and values: dev.hearth.spi.KvLayout and KvView say how it lies, Ops.store and Ops.attend what is computed. */
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

GPU_FN float element(const Cache& c, const uint8_t* start, int i) {
    switch (c.type) {
        case CACHE_F32: return load<float>(start + 4 * i);
        case CACHE_F16: return ofHalf(load<uint16_t>(start + 2 * i));
        case CACHE_BF16: return ofBfloat(load<uint16_t>(start + 2 * i));
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

/** Attention; block x is a token, y a query head. */
struct AttendArgs {
    Cache cache;
    Rows out, queries;
    Column sequences, positions, ends;
    const float* sinks;   // [heads] or null
    const float* slopes;  // [heads] or null
    const float* relativeKeys;     // [heads, vectors, headDim] or null
    const float* relativeQueries;  // likewise
    const int32_t* relativeRows;   // vector of each distance from -reach to reach
    int64_t relativeVectors;
    float scale, softcap;  // softcap 0: none
    int group;             // query heads of a key head
    int window, ahead, chunk;
    int reach, unused;
};

constexpr int segmentSize = 256;
constexpr int threadValues = 4;  // values of a head that a thread keeps, of 128 threads

struct AttendShared {
    float scores[segmentSize];
};

GPU_FN int firstVisible(const AttendArgs& a, int position) {
    int64_t window = static_cast<int64_t>(position) - a.window + 1;
    int64_t chunk = static_cast<int64_t>(position / a.chunk) * a.chunk;
    int64_t first = window > chunk ? window : chunk;
    return static_cast<int>(first > 0 ? first : 0);
}

GPU_FN int lastVisible(const AttendArgs& a, int position, int end) {
    int64_t chunk = (static_cast<int64_t>(position) / a.chunk + 1) * a.chunk - 1;
    int64_t ahead = static_cast<int64_t>(position) + a.ahead;
    int64_t last = ahead < chunk ? ahead : chunk;
    return static_cast<int>(last < end ? last : end);
}

/** The score of one position by sixteen lanes, each of which gets it; all lanes of the warp take part. */
GPU_FN float scoreOf(const AttendArgs& a, const float* query, int head, Slot s, int distance) {
    const Cache& c = a.cache;
    int lane = thread() % 16;
    const uint8_t* key = keyAt(c, head / a.group, s);
    float keyScale = c.type == CACHE_INT8 ? load<float>(keyScaleAt(c, head / a.group, s)) : 1;
    float sum = 0;
    for (int i = lane; i < c.headDim; i += 16) {
        sum = fma(query[i], element(c, key, i), sum);
    }
    float score = fold16(sum) * keyScale;
    if (a.relativeRows != nullptr) {
        int bound = distance < -a.reach ? -a.reach : distance > a.reach ? a.reach : distance;
        int64_t at = (head * a.relativeVectors + a.relativeRows[bound + a.reach]) * c.headDim;
        if (a.relativeKeys != nullptr) {
            sum = 0;
            for (int i = lane; i < c.headDim; i += 16) {
                sum = fma(query[i], a.relativeKeys[at + i], sum);
            }
            score += fold16(sum);
        }
        if (a.relativeQueries != nullptr) {
            sum = 0;
            for (int i = lane; i < c.headDim; i += 16) {
                sum = fma(element(c, key, i), a.relativeQueries[at + i], sum);
            }
            score += fold16(sum) * keyScale;
        }
    }
    score *= a.scale;
    if (a.softcap > 0) {
        score = softcap(score, a.softcap);
    }
    return a.slopes == nullptr ? score : fma(a.slopes[head], static_cast<float>(-distance), score);
}

/** What a thread knows of a head's result so far: the same maximum and sum in all threads, and values of its own. */
struct Running {
    float max, sum;
    float values[threadValues];
};

/** Positions start to end, of one segment, on their own. */
GPU_FN Running segmentOf(const AttendArgs& a, AttendShared& shared, int head, int sequence, int own, int start, int end) {
    const Cache& c = a.cache;
    const float* query = a.queries.row(blockX()) + head * c.headDim;
    for (int from = start; from <= end; from += threads() / 16) {
        int position = from + thread() / 16;
        bool mine = position <= end;
        Slot s = slotOf(c, sequence, mine ? position : end);
        float score = scoreOf(a, query, head, s, own - (mine ? position : end));
        if (mine && thread() % 16 == 0) {
            shared.scores[position % segmentSize] = score;
        }
    }
    syncBlock();
    Running r = {ofBits(static_cast<int>(0xff800000u)), 0, {}};
    for (int position = start + thread() % GPU_WARP; position <= end; position += GPU_WARP) {
        r.max = greater(r.max, shared.scores[position % segmentSize]);
    }
    r.max = warpMax(r.max);
    syncBlock();
    for (int position = start + thread(); position <= end; position += threads()) {
        float& score = shared.scores[position % segmentSize];
        score = exponential(score - r.max);
    }
    syncBlock();
    int lane = thread() % 16;
    for (int position = start + (lane - start % 16 + 16) % 16; position <= end; position += 16) {
        r.sum += shared.scores[position % segmentSize];
    }
    r.sum = fold16(r.sum);
    for (int position = start; position <= end; position++) {
        Slot s = slotOf(c, sequence, position);
        const uint8_t* value = valueAt(c, head / a.group, s);
        float weight = shared.scores[position % segmentSize];
        if (c.type == CACHE_INT8) {
            weight *= load<float>(valueScaleAt(c, head / a.group, s));
        }
        for (int j = 0; j < threadValues; j++) {
            int i = thread() + j * threads();
            if (i < c.valueDim) {
                r.values[j] = fma(weight, element(c, value, i), r.values[j]);
            }
        }
    }
    syncBlock();
    return r;
}

GPU_KERNEL(hearth_attend, AttendArgs) {
    GPU_SHARED(AttendShared, shared);
    const Cache& c = a.cache;
    int head = blockY();
    int own = a.positions.at(blockX());
    int sequence = a.sequences.at(blockX());
    int first = firstVisible(a, own);
    int last = lastVisible(a, own, a.ends.at(blockX()));
    Running all = {};
    for (int start = first; start <= last; start = (start / segmentSize + 1) * segmentSize) {
        int end = start / segmentSize * segmentSize + segmentSize - 1;
        Running part = segmentOf(a, shared, head, sequence, own, start, end < last ? end : last);
        if (start == first) {
            all = part;
            continue;
        }
        float higher = greater(all.max, part.max);
        float keep = exponential(all.max - higher);
        float gain = exponential(part.max - higher);
        for (int j = 0; j < threadValues; j++) {
            all.values[j] = fma(part.values[j], gain, all.values[j] * keep);
        }
        all.sum = fma(part.sum, gain, all.sum * keep);
        all.max = higher;
    }
    if (a.sinks != nullptr) {
        float higher = greater(all.max, a.sinks[head]);
        float keep = exponential(all.max - higher);
        for (int j = 0; j < threadValues; j++) {
            all.values[j] *= keep;
        }
        all.sum = all.sum * keep + exponential(a.sinks[head] - higher);
    }
    for (int j = 0; j < threadValues; j++) {
        int i = thread() + j * threads();
        if (i < c.valueDim) {
            a.out.row(blockX())[head * c.valueDim + i] = all.values[j] / all.sum;
        }
    }
}

}  // namespace gpu
