#!/bin/sh
# Builds the kernels with AddressSanitizer and UndefinedBehaviorSanitizer and runs the C tests.
#   CC        the compiler, gcc or clang (default: gcc, else clang); without one the script says so, and fails where CI is set
#   RUNNER    a command before the test program, as an emulator (default: none)
#   SANITIZE  flags in place of the sanitisers', empty for none
#   HEARTH_NATIVE=skip  does nothing, as a build without C does
# What has passed is not run again until a source changes, except where CI is set.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
[ "${HEARTH_NATIVE:-}" != skip ] || exit 0
if [ -z "${CC:-}" ]; then
  for candidate in gcc clang; do
    if command -v "$candidate" >/dev/null 2>&1; then CC=$candidate; break; fi
  done
fi
if [ -z "${CC:-}" ]; then
  echo "native/test/run.sh: no C compiler found; install gcc or set CC" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
machine=$($CC -dumpmachine | cut -d- -f1)
passed=$here/target/c-tests-passed-$machine
inputs=$( (echo "$CC ${SANITIZE-} ${RUNNER-}"; cat "$here"/cpu/* "$here"/include/* "$here"/test/*) | cksum)
if [ -z "${CI:-}" ] && [ -f "$passed" ] && [ "$(cat "$passed")" = "$inputs" ]; then exit 0; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sanitize=${SANITIZE--fsanitize=address,undefined -fno-sanitize-recover=all}
flags="-std=c11 -O1 -g -ffp-contract=off -fno-omit-frame-pointer -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror $sanitize"
compiling=""
compile() { # source, flags of its instruction set; all at once
  # shellcheck disable=SC2086
  $CC $flags $2 -I"$here/include" -I"$here/cpu" -c "$1" -o "$out/$(basename "$1" .c).o" &
  compiling="$compiling $!"
}
for source in "$here"/cpu/*.c; do
  line=$(sed -n 's,^ \* \(x86_64\|aarch64\): \(.*\) \*/$,\1 \2,p' "$source")
  case "$line" in
    "") compile "$source" "" ;;
    "$machine "*) compile "$source" "${line#* }" ;;
  esac
done
compile "$here/test/kernels_test.c" ""
for process in $compiling; do wait "$process"; done
# shellcheck disable=SC2086
$CC $flags "$out"/*.o -lm -o "$out/kernels_test"
${RUNNER:-} "$out/kernels_test"
mkdir -p "$here/target"
echo "$inputs" > "$passed"
