/*
 * Copies from global to shared memory, 16 bytes each, that are under way while a thread goes on: it begins those of a tile, commits them, and later
 * waits until all tiles but the last so many have arrived. What other threads copy is there after a barrier that follows their wait. A tile may be
 * begun, or on AMD be waited for, in the place of one that all threads have read before a barrier. NVIDIA's cp.async does it; on AMD, values are
 * under way in registers.
 *
 * In the emulation a copy arrives when it is waited for; where cp.async is to write there are NaNs from its beginning on.
 */
#pragma once
#include "halves.h"

namespace gpu {

/** Tiles that are under way while one is read, and that shared memory has room for; on AMD registers have that which is under way. */
constexpr int tilesUnderWay = GPU_MATRIX == GPU_MMA ? 2 : 1;
constexpr int ringTiles = GPU_MATRIX == GPU_MMA ? 3 : 1;

/** What lies at any address: so many bytes, at most 16, and then zeros. */
GPU_FN Piece anyPiece(const uint8_t* from, int bytes) {
    Piece piece = {};
    GPU_UNROLL for (int i = 0; i < 8; i++) {
        if (2 * i < bytes) {
            piece.words[i / 2] |= static_cast<uint32_t>(reinterpret_cast<const uint16_t*>(from)[i]) << i % 2 * 16;
        }
    }
    return piece;
}

GPU_FN bool isAligned(const uint8_t* from) { return reinterpret_cast<uint64_t>(from) % 16 == 0; }

#if GPU_HIP
typedef uint32_t WordsOf4 __attribute__((ext_vector_type(4)));
#endif

/** Eight numbers at a multiple of 16 bytes of global memory that nobody writes meanwhile. */
GPU_FN Piece globalPiece(const uint8_t* from) {
#if GPU_CUDA
    Piece piece;
    asm("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(piece.words[0]), "=r"(piece.words[1]), "=r"(piece.words[2]), "=r"(piece.words[3])
        : "l"(from));
    return piece;
#elif GPU_HIP
    return __builtin_bit_cast(Piece, *(const WordsOf4 __attribute__((address_space(1)))*)from);
#else
    return load<Piece>(from);
#endif
}

/** Those of shared memory. */
GPU_FN Piece sharedPiece(const uint8_t* from) {
#if GPU_CUDA
    uint4 words = *reinterpret_cast<const uint4*>(from);
    return {{words.x, words.y, words.z, words.w}};
#elif GPU_HIP
    return __builtin_bit_cast(Piece, *(const WordsOf4 __attribute__((address_space(3)))*)from);
#else
    return load<Piece>(from);
#endif
}

/** Into shared memory. */
GPU_FN void keepPiece(uint8_t* to, const Piece& piece) {
#if GPU_CUDA
    *reinterpret_cast<uint4*>(to) = make_uint4(piece.words[0], piece.words[1], piece.words[2], piece.words[3]);
#elif GPU_HIP
    *(WordsOf4 __attribute__((address_space(3)))*)to = __builtin_bit_cast(WordsOf4, piece);
#else
    save(to, piece);
#endif
}

/** Pieces of lines, of which `bytes` are there, and then zeros: either all or none, at multiples of 16 bytes. */
struct WholePieces {
    static constexpr bool whole = true;
    GPU_FN static Piece at(const uint8_t* from, int bytes) { return bytes > 0 ? globalPiece(from) : Piece{}; }
};

/** Or any number of them, at multiples of 2. */
struct AnyPieces {
    static constexpr bool whole = false;
    GPU_FN static Piece at(const uint8_t* from, int bytes) { return anyPiece(from, bytes); }
};

/** Or any number of bytes, at multiples of 16. */
struct Bytes {
    static constexpr bool whole = true;
    GPU_FN static Piece at(const uint8_t* from, int bytes) {
        if (bytes == 16) {
            return globalPiece(from);
        }
        Piece piece = {};
        GPU_UNROLL for (int i = 0; i < 16; i++) {
            if (i < bytes) {
                piece.words[i / 4] |= static_cast<uint32_t>(from[i]) << i % 4 * 8;
            }
        }
        return piece;
    }
};

/** A thread's copies, `count` of every tile, on AMD neither more nor fewer. Those of AnyPieces cp.async cannot make: they arrive at once. */
#if GPU_CUDA
template <class Pieces, int count>
struct Copies {
    GPU_FN void begin(int, uint8_t* to, const uint8_t* from, int bytes) {
        if constexpr (Pieces::whole) {
            asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                         :
                         : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))), "l"(from), "r"(bytes)
                         : "memory");
        } else {
            keepPiece(to, Pieces::at(from, bytes));
        }
    }
    GPU_FN void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
    template <int others>
    GPU_FN void wait() { asm volatile("cp.async.wait_group %0;" : : "n"(others) : "memory"); }
};
#elif GPU_HIP
template <class Pieces, int count>
struct Copies {
    Piece held[count];
    uint8_t* target[count];
    GPU_FN void begin(int i, uint8_t* to, const uint8_t* from, int bytes) {
        held[i] = Pieces::at(from, bytes);
        target[i] = to;
    }
    GPU_FN void commit() {}
    template <int others>
    GPU_FN void wait() {
        static_assert(others == 0, "registers for one tile");
        GPU_UNROLL for (int i = 0; i < count; i++) {
            keepPiece(target[i], held[i]);
        }
    }
};
#else
template <class Pieces, int count>
struct Copies {
    struct Tile {
        Piece pieces[count];
        uint8_t* targets[count] = {};
    };
    static constexpr int most = tilesUnderWay + 1;
    Tile tiles[most];
    int committed = 0;
    int arrived = 0;

    void begin(int i, uint8_t* to, const uint8_t* from, int bytes) {
        Tile& tile = tiles[committed % most];
        tile.pieces[i] = Pieces::at(from, bytes);
        tile.targets[i] = to;
        if (GPU_MATRIX == GPU_MMA) {
            __builtin_memset(to, 0xff, sizeof(Piece));
        }
    }
    void commit() { committed++; }
    template <int others>
    void wait() {
        for (; arrived < committed - others; arrived++) {
            Tile& tile = tiles[arrived % most];
            for (int i = 0; i < count; i++) {
                if (tile.targets[i] != nullptr) {
                    keepPiece(tile.targets[i], tile.pieces[i]);
                } else if (GPU_MATRIX != GPU_MMA) {
                    __builtin_trap();  // of registers into which nothing was loaded
                }
                tile.targets[i] = nullptr;
            }
        }
    }
};
#endif

}  // namespace gpu
