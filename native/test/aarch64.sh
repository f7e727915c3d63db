#!/bin/sh
# Runs the C tests for aarch64 under emulation: `aarch64.sh QEMU`, QEMU being a qemu-aarch64 from 6.1 on; needs zig to compile.
# Guard pages take AddressSanitizer's place; HEARTH_UBSAN=1 adds UndefinedBehaviorSanitizer as traps, which takes minutes to compile.
# The tests see processors with all sets, without I8MM, and with NEON alone; which sets each is to have are arguments of the tests. Each
# set is tried on the least processor that has it, where an instruction of a larger set ends the program.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 1 ]; then # as the RUNNER of run.sh: QEMU PROGRAM
  "$1" -cpu cortex-a72 "$2" guard 0 8 +0 +8 &
  least=$!
  "$1" -cpu cortex-a76 "$2" guard 0 8 9 +9
  "$1" -cpu max "$2" guard 0 8 9 10 +10
  wait $least
  exit
fi
zig=$(python3 "$here/build.py" --compiler | tail -1)
CC="$zig -target aarch64-linux-musl -static" RUNNER="sh $here/test/aarch64.sh $1" \
  SANITIZE="${HEARTH_UBSAN:+-fsanitize=undefined -fsanitize-trap=undefined}" exec sh "$here/test/run.sh"
