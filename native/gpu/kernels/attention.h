/* dev.hearth.spi.Ops.attend over the paged cache. */
#pragma once
#include "cache.h"

namespace gpu {

/**
 * Attention. A block does up to ROWS rows, a row being a query head of a token, that share a key head: `tileTokens` neighbouring tokens by
 * `tileHeads` heads of the group. What rows have in common of the cache is read once for all: a token's heads see the same keys, and so do
 * tokens of a sequence and sequences that begin in the same pages. Positions go by segments of 256, whose results are merged in order: by
 * the block itself, or by hearth_attend_merge where `parts` is there, and then every segment has a block.
 *
 * Block x is a tile of tokens, times a segment if there are parts; y a key head, times a part of its group.
 */
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
    int reach;
    int tokens, heads;
    int tileTokens, tileHeads;
    int segments;  // of parts, of any row at most
    float* parts;  // [tokens, heads, segments, valueDim + 2]: values, their sum, their maximum; or null
};

constexpr int segmentSize = 256;
constexpr int farAway = 0x7fffffff;  // no position or page

GPU_FN int least(int x, int y) { return x < y ? x : y; }
GPU_FN int greatest(int x, int y) { return x > y ? x : y; }

/** What a row sees, and whose it is. */
struct AttendRow {
    const float* query;
    int token, head;
    int sequence, position;
    int first, last;  // position
};

template <int ROWS>
struct AttendShared {
    float scores[ROWS][segmentSize];  // below zero where the row doesn't see the position, once the scores are weights
    AttendRow rows[ROWS];
    float max[ROWS], sum[ROWS];        // of a segment
    float allMax[ROWS], allSum[ROWS];  // of the segments so far
    float keep[ROWS], gain[ROWS];      // factors of what there was, and of what the segment adds
    int differs[128 / 32];  // of each warp
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

GPU_FN AttendRow rowOf(const AttendArgs& a, int token, int head) {
    int position = a.positions.at(token);
    return {a.queries.row(token) + head * a.cache.headDim, token, head, a.sequences.at(token), position, firstVisible(a, position),
        lastVisible(a, position, a.ends.at(token))};
}

/** The rows of a block and the positions [sharedStart, sharedEnd) that lie in the same pages for all of them. */
struct Tile {
    int keyHead, count;
    int first, last;  // of any row
    int sharedStart, sharedEnd;
};

/** Fills shared.rows; all threads get the tile. */
template <int ROWS>
GPU_FN Tile tileOf(const AttendArgs& a, AttendShared<ROWS>& shared, int tile) {
    int chunks = (a.group + a.tileHeads - 1) / a.tileHeads;
    int chunk = blockY() % chunks;
    int headsLeft = a.group - chunk * a.tileHeads;
    int tokensLeft = a.tokens - tile * a.tileTokens;
    int headCount = headsLeft < a.tileHeads ? headsLeft : a.tileHeads;
    Tile t = {blockY() / chunks, headCount * (tokensLeft < a.tileTokens ? tokensLeft : a.tileTokens), farAway, -1, 0, farAway};
    if (thread() < t.count) {
        int head = t.keyHead * a.group + chunk * a.tileHeads + thread() % headCount;
        shared.rows[thread()] = rowOf(a, tile * a.tileTokens + thread() / headCount, head);
    }
    syncBlock();
    bool oneSequence = true;
    for (int r = 0; r < t.count; r++) {
        const AttendRow& row = shared.rows[r];
        t.first = least(t.first, row.first);
        t.last = greatest(t.last, row.last);
        t.sharedStart = greatest(t.sharedStart, row.first);
        t.sharedEnd = least(t.sharedEnd, row.last + 1);
        oneSequence &= row.sequence == shared.rows[0].sequence;
    }
    if (oneSequence) {
        t.sharedEnd = t.sharedStart;  // its tokens are a run anyway
        return t;
    }
    const Cache& c = a.cache;
    int differs = farAway;  // the first page that does
    for (int page = t.sharedStart / c.pageSize + thread(); page <= (t.sharedEnd - 1) / c.pageSize && differs > page; page += threads()) {
        for (int r = 1; r < t.count; r++) {
            if (c.pages[shared.rows[r].sequence * c.tableStride + page] != c.pages[shared.rows[0].sequence * c.tableStride + page]) {
                differs = page;
            }
        }
    }
    differs = -lanesMax(-differs, GPU_WARP);
    if (thread() % GPU_WARP == 0) {
        shared.differs[thread() / GPU_WARP] = differs;
    }
    syncBlock();
    for (int warp = 0; warp < threads() / GPU_WARP; warp++) {
        int64_t end = static_cast<int64_t>(shared.differs[warp]) * c.pageSize;
        t.sharedEnd = end < t.sharedEnd ? static_cast<int>(end) : t.sharedEnd;
    }
    t.sharedEnd = greatest(t.sharedStart, t.sharedEnd);
    return t;
}

/** Positions from to `to` that rows r0 to r1 - 1 see any of, in the pages of row r0. */
struct Span {
    int from, to, r0, r1;
};

/** The spans of positions start to end: before those in shared pages, these, behind them; each row's in order. */
template <int ROWS>
struct Spans {
    const AttendShared<ROWS>& shared;
    const Tile& t;
    int start, end;
    int part, row;

    GPU_FN bool next(Span& span) {
        for (; part < 3; part++, row = 0) {
            int from = part == 0 ? start : part == 1 ? t.sharedStart : t.sharedEnd;
            int to = part == 0 ? t.sharedStart - 1 : part == 1 ? t.sharedEnd - 1 : end;
            while (row < t.count) {
                int first = farAway;
                int last = -1;
                span.r0 = row;
                while (row < t.count && (part == 1 || shared.rows[row].sequence == shared.rows[span.r0].sequence)) {
                    first = shared.rows[row].first < first ? shared.rows[row].first : first;
                    last = shared.rows[row].last > last ? shared.rows[row].last : last;
                    row++;
                }
                span.r1 = row;
                span.from = greatest(greatest(from, start), first);
                span.to = least(least(to, end), last);
                if (span.from <= span.to) {
                    return true;
                }
            }
        }
        return false;
    }
};

struct alignas(16) FourFloats {
    float values[4];
};
struct alignas(8) FourHalves {
    uint16_t values[4];
};

/** Elements i to i + 3 of a key, zeros behind the last. */
GPU_FN void keyElements(const Cache& c, const uint8_t* key, int i, float* out) {
    if (c.byFour && c.type == CACHE_F32) {
        FourFloats four = *reinterpret_cast<const FourFloats*>(key + 4 * i);
        for (int e = 0; e < 4; e++) {
            out[e] = four.values[e];
        }
    } else if (c.byFour && c.type != CACHE_INT8) {
        FourHalves four = *reinterpret_cast<const FourHalves*>(key + 2 * i);
        for (int e = 0; e < 4; e++) {
            out[e] = c.type == CACHE_F16 ? ofHalf(four.values[e]) : ofBfloat(four.values[e]);
        }
    } else if (c.byFour) {
        int four = *reinterpret_cast<const int*>(key + i);
        for (int e = 0; e < 4; e++) {
            out[e] = static_cast<float>(static_cast<int8_t>(four >> 8 * e));
        }
    } else {
        for (int e = 0; e < 4; e++) {
            out[e] = i + e < c.headDim ? element(c, key, i + e) : 0;
        }
    }
}

/** As fold16 of sixteen sums, four in each of four neighbouring lanes; all lanes of the warp take part and get their group's. */
GPU_FN float foldFours(const float* sums) {
    float s[4];
    for (int e = 0; e < 4; e++) {
        s[e] = sums[e] + shuffleXor(sums[e], 2);
        s[e] += shuffleXor(s[e], 1);
    }
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/** Adds what a score gains by a vector of its distance: the sum16 of f(i) * vector[i]. */
template <class F>
GPU_FN float vectorDot(const float* vector, int size, F f) {
    float sums[4] = {};
    for (int i = thread() % 4 * 4; i < size; i += 16) {
        for (int e = 0; e < 4; e++) {
            if (i + e < size) {
                sums[e] = fma(f(i + e), vector[i + e], sums[e]);
            }
        }
    }
    return foldFours(sums);
}

/** A score of four lanes that have query * key. */
GPU_FN float scoreOf(const AttendArgs& a, const AttendRow& row, const uint8_t* key, float keyScale, int distance, float dot) {
    const Cache& c = a.cache;
    float score = dot * keyScale;
    if (a.relativeRows != nullptr) {
        int bound = distance < -a.reach ? -a.reach : distance > a.reach ? a.reach : distance;
        int64_t at = (row.head * a.relativeVectors + a.relativeRows[bound + a.reach]) * c.headDim;
        if (a.relativeKeys != nullptr) {
            score += vectorDot(a.relativeKeys + at, c.headDim, [&](int i) { return row.query[i]; });
        }
        if (a.relativeQueries != nullptr) {
            score += vectorDot(a.relativeQueries + at, c.headDim, [&](int i) { return element(c, key, i); }) * keyScale;
        }
    }
    score *= a.scale;
    if (a.softcap > 0) {
        score = softcap(score, a.softcap);
    }
    return a.slopes == nullptr ? score : fma(a.slopes[row.head], static_cast<float>(-distance), score);
}

/** Scores of rows r0 to r1 - 1; four lanes do a position, each four elements of sixteen. */
template <int ROWS>
GPU_FN void scores(const AttendArgs& a, AttendShared<ROWS>& shared, const Tile& t, const Span& span) {
    const Cache& c = a.cache;
    int lane = thread() % 4;
    int to = span.to;
    for (int base = span.from; base <= to; base += threads() / 4) {
        bool mine = base + thread() / 4 <= to;
        int position = mine ? base + thread() / 4 : to;
        Slot s = slotOf(c, shared.rows[span.r0].sequence, position);
        const uint8_t* key = keyAt(c, t.keyHead, s);
        float keyScale = c.type == CACHE_INT8 ? scaleOf(keyScaleAt(c, t.keyHead, s)) : 1;
        float sums[ROWS][4] = {};
        for (int i = 4 * lane; i < c.headDim; i += 16) {
            float k[4];
            keyElements(c, key, i, k);
            GPU_UNROLL for (int r = 0; r < ROWS; r++) {
                if (r >= span.r0 && r < span.r1) {
                    const float* query = shared.rows[r].query + i;
                    for (int e = 0; e < 4; e++) {
                        if (i + e < c.headDim) {
                            sums[r][e] = fma(query[e], k[e], sums[r][e]);
                        }
                    }
                }
            }
        }
        GPU_UNROLL for (int r = 0; r < ROWS; r++) {
            if (r >= span.r0 && r < span.r1) {
                const AttendRow& row = shared.rows[r];
                float score = scoreOf(a, row, key, keyScale, row.position - position, foldFours(sums[r]));
                if (mine && lane == 0) {
                    shared.scores[r][position % segmentSize] = position < row.first || position > row.last ? -1 : score;
                }
            }
        }
    }
}

/** Makes weights of a segment's scores, and adds up what goes with the values; sixteen lanes do a row. */
template <int ROWS>
GPU_FN void weights(AttendShared<ROWS>& shared, const Tile& t, int start, int end) {
    int r = thread() / 16;
    int lane = thread() % 16;
    bool mine = r < t.count;
    int first = mine && shared.rows[r].first > start ? shared.rows[r].first : start;
    int last = !mine ? -1 : shared.rows[r].last < end ? shared.rows[r].last : end;
    float* scores = shared.scores[mine ? r : 0];
    float max = ofBits(static_cast<int>(0xff800000u));
    int from = first + (lane - first % 16 + 16) % 16;
    for (int position = from; position <= last; position += 16) {
        max = greater(max, scores[position % segmentSize]);
    }
    for (int mask = 8; mask > 0; mask /= 2) {
        max = greater(max, shuffleXor(max, mask));
    }
    float sum = 0;
    for (int position = from; position <= last; position += 16) {
        float weight = exponential(scores[position % segmentSize] - max);
        scores[position % segmentSize] = weight;
        sum += weight;
    }
    sum = fold16(sum);
    if (!mine || lane != 0 || first > last) {
        return;
    }
    shared.max[r] = max;
    shared.sum[r] = sum;
    if (first == shared.rows[r].first) {
        shared.allMax[r] = max;
        shared.allSum[r] = sum;
        return;
    }
    float higher = greater(shared.allMax[r], max);
    float keep = exponential(shared.allMax[r] - higher);
    float gain = exponential(max - higher);
    shared.keep[r] = keep;
    shared.gain[r] = gain;
    shared.allSum[r] = fma(sum, gain, shared.allSum[r] * keep);
    shared.allMax[r] = higher;
}

/** The values of a thread: `lanes` threads do the rows r with r % sets == set, each every lanes-th element from `first` on. */
struct ValueShare {
    int lanes, sets, set, first;
};

template <int ROWS>
GPU_FN ValueShare valueShare(int valueDim) {
    int lanes = ROWS > 1 && valueDim <= threads() / 2 ? threads() / 2 : threads();
    return {lanes, threads() / lanes, thread() / lanes, thread() % lanes};
}

template <int ROWS, int DIMS>
GPU_FN void addValues(const AttendArgs& a, const AttendShared<ROWS>& shared, const Tile& t, const ValueShare& share,
    float (&part)[ROWS][DIMS], const Span& span) {
    const Cache& c = a.cache;
    for (int position = span.from; position <= span.to; position++) {
        Slot s = slotOf(c, shared.rows[span.r0].sequence, position);
        const uint8_t* value = valueAt(c, t.keyHead, s);
        float scale = c.type == CACHE_INT8 ? scaleOf(valueScaleAt(c, t.keyHead, s)) : 1;
        float elements[DIMS];
        for (int j = 0; j < DIMS; j++) {
            int i = share.first + j * share.lanes;
            elements[j] = i < c.valueDim ? element(c, value, i) : 0;
        }
        GPU_UNROLL for (int r = 0; r < ROWS; r++) {
            bool own = r >= span.r0 && r < span.r1 && (r & (share.sets - 1)) == share.set;
            float weight = own ? shared.scores[r][position % segmentSize] : -1;
            if (!(weight < 0)) {
                weight = c.type == CACHE_INT8 ? weight * scale : weight;
                for (int j = 0; j < DIMS; j++) {
                    part[r][j] = fma(weight, elements[j], part[r][j]);
                }
            }
        }
    }
}

/** Writes a row's result; `lanes` threads from the one with `first` 0 on have it. */
template <int DIMS>
GPU_FN void finish(const AttendArgs& a, int token, int head, const float (&values)[DIMS], float max, float sum, int first, int lanes) {
    float keep = 1;
    if (a.sinks != nullptr) {
        float higher = greater(max, a.sinks[head]);
        keep = exponential(max - higher);
        sum = sum * keep + exponential(a.sinks[head] - higher);
    }
    for (int j = 0; j < DIMS; j++) {
        int i = first + j * lanes;
        if (i < a.cache.valueDim) {
            a.out.row(token)[head * a.cache.valueDim + i] = values[j] * keep / sum;
        }
    }
}

GPU_FN float* partOf(const AttendArgs& a, int token, int head, int segment) {
    return a.parts + ((static_cast<int64_t>(token) * a.heads + head) * a.segments + segment) * (a.cache.valueDim + 2);
}

template <int ROWS, int DIMS>
GPU_FN void savePart(const AttendArgs& a, const AttendShared<ROWS>& shared, int r, int segment, const float (&values)[DIMS],
    const ValueShare& share) {
    const AttendRow& row = shared.rows[r];
    float* to = partOf(a, row.token, row.head, segment - row.first / segmentSize);
    for (int j = 0; j < DIMS; j++) {
        int i = share.first + j * share.lanes;
        if (i < a.cache.valueDim) {
            to[i] = values[j];
        }
    }
    if (share.first == 0) {
        to[a.cache.valueDim] = shared.sum[r];
        to[a.cache.valueDim + 1] = shared.max[r];
    }
}

template <int ROWS, int DIMS>
GPU_FN void attend(const AttendArgs& a, AttendShared<ROWS>& shared) {
    int segments = a.parts == nullptr ? 1 : a.segments;
    Tile t = tileOf(a, shared, blockX() / segments);
    ValueShare share = valueShare<ROWS>(a.cache.valueDim);
    float all[ROWS][DIMS] = {};
    int from = t.first / segmentSize + (a.parts == nullptr ? 0 : blockX() % segments);
    int to = a.parts == nullptr ? t.last / segmentSize : least(from, t.last / segmentSize);
    for (int segment = from; segment <= to; segment++) {
        int start = greatest(segment * segmentSize, t.first);
        int end = least(segment * segmentSize + segmentSize - 1, t.last);
        Span span;
        for (Spans<ROWS> spans = {shared, t, start, end, 0, 0}; spans.next(span);) {
            scores(a, shared, t, span);
        }
        syncBlock();
        weights(shared, t, start, end);
        syncBlock();
        float part[ROWS][DIMS] = {};
        for (Spans<ROWS> spans = {shared, t, start, end, 0, 0}; spans.next(span);) {
            addValues(a, shared, t, share, part, span);
        }
        GPU_UNROLL for (int r = 0; r < ROWS; r++) {
            if (r >= t.count || (r & (share.sets - 1)) != share.set || shared.rows[r].first > end || shared.rows[r].last < start) {
                continue;
            }
            if (a.parts != nullptr) {
                savePart(a, shared, r, segment, part[r], share);
                continue;
            }
            bool first = segment == shared.rows[r].first / segmentSize;
            for (int j = 0; j < DIMS; j++) {
                all[r][j] = first ? part[r][j] : fma(part[r][j], shared.gain[r], all[r][j] * shared.keep[r]);
            }
        }
        syncBlock();
    }
    GPU_UNROLL for (int r = 0; r < ROWS; r++) {
        if (a.parts == nullptr && r < t.count && (r & (share.sets - 1)) == share.set) {
            finish(a, shared.rows[r].token, shared.rows[r].head, all[r], shared.allMax[r], shared.allSum[r], share.first, share.lanes);
        }
    }
}

#define GPU_ATTEND(ROWS, DIMS)                             \
    GPU_KERNEL(hearth_attend_##ROWS##_##DIMS, AttendArgs) { \
        GPU_SHARED(AttendShared<ROWS>, shared);             \
        attend<ROWS, DIMS>(a, shared);                      \
    }

GPU_ATTEND(1, 4)  // dev.hearth.gpu.GpuAttention chooses
GPU_ATTEND(4, 4)
GPU_ATTEND(8, 1)

/** Merges the parts of a row in order; block x is a token, y a head. */
GPU_KERNEL(hearth_attend_merge, AttendArgs) {
    AttendRow row = rowOf(a, blockX(), blockY());
    int valueDim = a.cache.valueDim;
    float all[4] = {};
    float max = 0;
    float sum = 0;
    for (int segment = 0; segment <= row.last / segmentSize - row.first / segmentSize; segment++) {
        const float* from = partOf(a, row.token, row.head, segment);
        float higher = segment == 0 ? from[valueDim + 1] : greater(max, from[valueDim + 1]);
        float keep = exponential(max - higher);
        float gain = exponential(from[valueDim + 1] - higher);
        for (int j = 0; j < 4; j++) {
            int i = thread() + j * threads();
            float value = i < valueDim ? from[i] : 0;
            all[j] = segment == 0 ? value : fma(value, gain, all[j] * keep);
        }
        sum = segment == 0 ? from[valueDim] : fma(from[valueDim], gain, sum * keep);
        max = higher;
    }
    finish(a, row.token, row.head, all, max, sum, thread(), threads());
}

}  // namespace gpu
