#!/bin/sh
# Builds the GPU kernels for the emulation with AddressSanitizer and UndefinedBehaviorSanitizer, for warps of 32 and 64 and the matrices of NVIDIA,
# CDNA and RDNA, and runs the tests in both orders of threads.
#   CXX       the compiler, g++ or clang++ (default: g++, else clang++); without one the script says so, and fails where CI is set
#   HEARTH_NATIVE=skip  does nothing
# What has passed is not run again until a source changes, except where CI is set.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
[ "${HEARTH_NATIVE:-}" != skip ] || exit 0
[ "$(uname)" = Linux ] || exit 0
if [ -z "${CXX:-}" ]; then
  for candidate in g++ clang++; do
    if command -v "$candidate" >/dev/null 2>&1; then CXX=$candidate; break; fi
  done
fi
if [ -z "${CXX:-}" ]; then
  echo "native/gpu/test/run.sh: no C++ compiler found; install g++ or set CXX" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
passed=$here/../target/gpu-tests-passed
inputs=$( (echo "$CXX"; cat "$here"/include/* "$here"/kernels/* "$here"/emulator/* "$here"/test/* "$here"/../cpu/grids.h) | cksum)
if [ -z "${CI:-}" ] && [ -f "$passed" ] && [ "$(cat "$passed")" = "$inputs" ]; then exit 0; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c++17 -O1 -g1 -ffp-contract=off -fno-omit-frame-pointer -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
headers=""
for folder in "$HOME"/.cache/hearth/nvcc-*/nvidia/cu*/include /usr/local/cuda/include /opt/rocm/include; do
  [ ! -d "$folder" ] || headers="$headers -isystem $folder"
done
# shellcheck disable=SC2086
$CXX -std=c++17 -fsyntax-only $headers -I"$here/emulator" "$here/test/nodes_test.cpp"
building=""
for kind in 32 64 wmma; do
  define=-DSIMT_WARP=$kind
  [ $kind != wmma ] || define="-DSIMT_WARP=32 -DGPU_MATRIX=GPU_WMMA"
  # shellcheck disable=SC2086
  $CXX $flags $sanitize $define -I"$here/include" -I"$here/kernels" -I"$here/../cpu" -I"$here/emulator" \
    "$here/test/kernels_test.cpp" -o "$out/test-$kind" &
  building="$building $!"
done
for process in $building; do wait "$process"; done
for kind in 32 64 wmma; do "$out/test-$kind"; done
mkdir -p "$here/../target"
echo "$inputs" > "$passed"
