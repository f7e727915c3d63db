#!/bin/sh
# Regenerates src/main/java/dev/hearth/ffi/generated from include/hearth_cpu.h. Its output is committed, so that a build
# needs no jextract; BindingsTest holds it against the header.
# Needs jextract for JDK 25 or newer (openjdk/jextract, built as its README says) as `jextract` on PATH or in JEXTRACT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jextract=${JEXTRACT:-jextract}
package=dev.hearth.ffi.generated
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# 64-bit integers as `long long`, which has the same layout everywhere; `long` has 32 bits on Windows.
mkdir "$scratch/include"
cat > "$scratch/include/stdint.h" <<'H'
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
H
set -- $(sed -n 's/^HEARTH_API.*[ *]\(hearth_[a-z0-9_]*\)(.*/\1/p' "$here/include/hearth_cpu.h")
functions=""
for name in "$@"; do functions="$functions --include-function $name"; done
constants=""
for name in $(sed -n 's/^#define \(HEARTH_[A-Z0-9_]*\) [0-9].*/\1/p' "$here/include/hearth_cpu.h"); do
  constants="$constants --include-constant $name"
done
# No -l: NativeLibrary.open() loads the library before any of these classes initialises.
# shellcheck disable=SC2086
"$jextract" --output "$scratch/out" --target-package "$package" -I "$scratch/include" $functions $constants \
  "$here/include/hearth_cpu.h"
to="$here/src/main/java/$(echo "$package" | tr . /)"
rm -rf "$to"
mkdir -p "$to"
for file in "$scratch/out/$(echo "$package" | tr . /)"/*.java; do
  # The layout of `long`, unused here, is declared as 64 bits and would fail to initialise on Windows.
  sed '/ C_LONG = /d' "$file" > "$to/$(basename "$file")"
done
