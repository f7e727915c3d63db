/* Reading alone, with the widest loads that a set has: what streaming weights comes to at most. */
#ifndef HEARTH_READ_H
#define HEARTH_READ_H

#include "common.h"

#define READ_WORDS 32   /* a turn's: four cache lines, in as many registers as hide the latency of loads */
#define READ_AHEAD 8192 /* bytes */

static uint64_t read_bytes(const uint8_t *bytes, int64_t n_bytes) {
  uint64_t words[READ_WORDS] = {0}, word;
  int64_t i = 0;
  for (; i <= n_bytes - 8 * READ_WORDS; i += 8 * READ_WORDS) {
    uint64_t turn[READ_WORDS];
    memcpy(turn, bytes + i, sizeof turn);
    UNROLL for (int p = 0; p < 8 * READ_WORDS; p += 64) prefetch(bytes, i + READ_AHEAD + p);
    for (int w = 0; w < READ_WORDS; w++) words[w] ^= turn[w];
  }
  for (; i <= n_bytes - 8; i += 8) {
    memcpy(&word, bytes + i, 8);
    words[0] ^= word;
  }
  for (int w = 1; w < READ_WORDS; w++) words[0] ^= words[w];
  return words[0];
}

#endif
