/*
 * Where the elements of matrices lie, typed from their makers' documents; matrix.h must agree.
 *
 * mma.sync m16n8k32 of s8: PTX ISA, "Matrix Fragments for mma.m16n8k32", figures for .s8: the elements of lanes 0, 1, 5 and 31.
 * MFMA 16x16x32 of i8 (CDNA 3) and WMMA 16x16x16 of iu8 (RDNA 3): the register layouts that AMD's matrix instruction calculator prints for
 * row 0 of A, column 0 of B and column 0 of D; each further row of A, column of B or of D is one lane further.
 *
 * mma.sync m16n8k16 of .f16 and .bf16: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type", all elements of lanes 0, 1, 6 and
 * 31; those of d as for m16n8k32. V_MFMA_F32_16X16X16_F16 and _BF16 (CDNA 3; CDNA 2's _BF16_1K) and V_WMMA_F32_16X16X16_F16 and _BF16 (RDNA 3): the
 * same calculator; with WMMA the other 16 lanes have the same. Results lie as those of int8.
 */
#pragma once

namespace layouts {

struct Element {
    int lane, word, byte, line, at;  // of a and d the row and then k or the column, of b the column and then k
};

/** The first and last byte of each word. */
constexpr Element mmaA[] = {{0, 0, 0, 0, 0}, {0, 0, 3, 0, 3}, {0, 1, 0, 8, 0}, {0, 1, 3, 8, 3}, {0, 2, 0, 0, 16}, {0, 2, 3, 0, 19},
    {0, 3, 0, 8, 16}, {0, 3, 3, 8, 19}, {1, 0, 0, 0, 4}, {1, 3, 3, 8, 23}, {5, 0, 0, 1, 4}, {5, 1, 0, 9, 4}, {5, 2, 3, 1, 23},
    {31, 0, 0, 7, 12}, {31, 1, 3, 15, 15}, {31, 2, 0, 7, 28}, {31, 3, 3, 15, 31}};
constexpr Element mmaB[] = {{0, 0, 0, 0, 0}, {0, 0, 3, 0, 3}, {0, 1, 0, 0, 16}, {0, 1, 3, 0, 19}, {1, 0, 0, 0, 4}, {1, 1, 3, 0, 23},
    {5, 0, 0, 1, 4}, {5, 1, 3, 1, 23}, {31, 0, 0, 7, 12}, {31, 1, 3, 7, 31}};
constexpr Element mmaD[] = {{0, 0, 0, 0, 0}, {0, 1, 0, 0, 1}, {0, 2, 0, 8, 0}, {0, 3, 0, 8, 1}, {1, 0, 0, 0, 2}, {1, 3, 0, 8, 3},
    {5, 0, 0, 1, 2}, {5, 3, 0, 9, 3}, {31, 0, 0, 7, 6}, {31, 3, 0, 15, 7}};

/** The lane and word that have k = 0, 4, 8, … of row 0 of A or column 0 of B; the bytes of a word follow. */
constexpr int mfmaInputs[8][2] = {{0, 0}, {0, 1}, {16, 0}, {16, 1}, {32, 0}, {32, 1}, {48, 0}, {48, 1}};
constexpr int wmmaInputs[4][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}};

/** Registers have two numbers of 16 bits: `byte` is 0 for the lower one and 2 for the upper. */
constexpr Element mmaHalvesA[] = {{0, 0, 0, 0, 0}, {0, 0, 2, 0, 1}, {0, 1, 0, 8, 0}, {0, 1, 2, 8, 1}, {0, 2, 0, 0, 8}, {0, 2, 2, 0, 9},
    {0, 3, 0, 8, 8}, {0, 3, 2, 8, 9}, {1, 0, 0, 0, 2}, {1, 0, 2, 0, 3}, {1, 1, 0, 8, 2}, {1, 1, 2, 8, 3}, {1, 2, 0, 0, 10}, {1, 2, 2, 0, 11},
    {1, 3, 0, 8, 10}, {1, 3, 2, 8, 11}, {6, 0, 0, 1, 4}, {6, 0, 2, 1, 5}, {6, 1, 0, 9, 4}, {6, 1, 2, 9, 5}, {6, 2, 0, 1, 12}, {6, 2, 2, 1, 13},
    {6, 3, 0, 9, 12}, {6, 3, 2, 9, 13}, {31, 0, 0, 7, 6}, {31, 0, 2, 7, 7}, {31, 1, 0, 15, 6}, {31, 1, 2, 15, 7}, {31, 2, 0, 7, 14},
    {31, 2, 2, 7, 15}, {31, 3, 0, 15, 14}, {31, 3, 2, 15, 15}};
constexpr Element mmaHalvesB[] = {{0, 0, 0, 0, 0}, {0, 0, 2, 0, 1}, {0, 1, 0, 0, 8}, {0, 1, 2, 0, 9}, {1, 0, 0, 0, 2}, {1, 0, 2, 0, 3},
    {1, 1, 0, 0, 10}, {1, 1, 2, 0, 11}, {6, 0, 0, 1, 4}, {6, 0, 2, 1, 5}, {6, 1, 0, 1, 12}, {6, 1, 2, 1, 13}, {31, 0, 0, 7, 6}, {31, 0, 2, 7, 7},
    {31, 1, 0, 7, 14}, {31, 1, 2, 7, 15}};

/** The lane and register that have k = 0 and 1, 2 and 3, … of row 0 of A or column 0 of B. */
constexpr int mfmaHalves[8][2] = {{0, 0}, {0, 1}, {16, 0}, {16, 1}, {32, 0}, {32, 1}, {48, 0}, {48, 1}};
constexpr int wmmaHalves[8][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}, {0, 7}};

/** The lane and register that have rows 0, 1, 2, … of column 0 of D. */
constexpr int mfmaResults[16][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {16, 0}, {16, 1}, {16, 2}, {16, 3}, {32, 0}, {32, 1}, {32, 2}, {32, 3},
    {48, 0}, {48, 1}, {48, 2}, {48, 3}};
constexpr int wmmaResults[16][2] = {{0, 0}, {16, 0}, {0, 1}, {16, 1}, {0, 2}, {16, 2}, {0, 3}, {16, 3}, {0, 4}, {16, 4}, {0, 5}, {16, 5},
    {0, 6}, {16, 6}, {0, 7}, {16, 7}};

}  // namespace layouts
