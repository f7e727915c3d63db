/* Which instruction sets an aarch64 processor and its operating system run. */
#ifndef HEARTH_DETECT_AARCH64_H
#define HEARTH_DETECT_AARCH64_H

#include "hearth_cpu.h"

#if defined(__linux__)
#include <sys/auxv.h>

static int has_dotprod(void) { return getauxval(AT_HWCAP) >> 20 & 1; } /* HWCAP_ASIMDDP */
static int has_i8mm(void) { return getauxval(AT_HWCAP2) >> 13 & 1; }   /* HWCAP2_I8MM */
#elif defined(__APPLE__)
#include <stddef.h>
#include <sys/sysctl.h>

static int has(const char *feature) {
  int32_t value = 0;
  size_t size = sizeof value;
  return sysctlbyname(feature, &value, &size, NULL, 0) == 0 && value == 1;
}
static int has_dotprod(void) { return has("hw.optional.arm.FEAT_DotProd"); }
static int has_i8mm(void) { return has("hw.optional.arm.FEAT_I8MM"); }
#elif defined(_WIN32)
#include <windows.h>

static int has_dotprod(void) { return IsProcessorFeaturePresent(43) != 0; } /* PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE */
static int has_i8mm(void) { return IsProcessorFeaturePresent(66) != 0; }    /* PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE */
#else
static int has_dotprod(void) { return 0; }
static int has_i8mm(void) { return 0; }
#endif

static uint32_t detect(void) {
  uint32_t found = 1u << HEARTH_ISA_PLAIN | 1u << HEARTH_ISA_NEON;
  if (has_dotprod()) found |= 1u << HEARTH_ISA_DOTPROD;
  if (has_dotprod() && has_i8mm()) found |= 1u << HEARTH_ISA_I8MM;
  return found;
}

#endif
