/* Memory of the C tests, to the byte: malloc's, which AddressSanitizer and valgrind watch; or, where guard_pages is set, memory that ends
 * where a page begins that cannot be touched, which stops masked accesses too. Such memory is kept for later, since an
 * emulator translates anew what it has mapped. One thread. Needs _DEFAULT_SOURCE. */
#ifndef HEARTH_TEST_MEMORY_H
#define HEARTH_TEST_MEMORY_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int guard_pages;

#define MAPPED 64
static struct {
  uint8_t *end;
  void *start; /* null: free */
  size_t size;
} mapped[MAPPED];

static void *guarded(size_t bytes) {
  size_t size = (size_t)sysconf(_SC_PAGESIZE);
  const size_t page = size;
  while (size < bytes) size *= 2;
  int i = 0;
  while (i < MAPPED - 1 && mapped[i].size != 0 && (mapped[i].size != size || mapped[i].start != NULL)) i++;
  if (mapped[i].size == 0) {
    uint8_t *memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + size, page, PROT_NONE) != 0) abort();
    mapped[i].end = memory + size;
    mapped[i].size = size;
  }
  if (mapped[i].size != size || mapped[i].start != NULL) abort();
  return mapped[i].start = mapped[i].end - bytes;
}

static void *allocate(size_t bytes) {
  if (guard_pages) return guarded(bytes);
  void *p = malloc(bytes ? bytes : 1);
  if (p == NULL) abort();
  return p;
}

static void release(void *p) {
  if (!guard_pages) {
    free(p);
    return;
  }
  int i = 0;
  while (i < MAPPED - 1 && mapped[i].start != p) i++;
  if (mapped[i].start != p) abort();
  mapped[i].start = NULL;
}
#endif
