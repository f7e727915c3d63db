#!/bin/sh
# Builds the kernels with AddressSanitizer and UndefinedBehaviorSanitizer and runs the C tests, twice: with memory from the heap, and with
# memory that ends at guard pages, since AddressSanitizer doesn't see what is read by masks; and sees to it that an access one element
# beyond a buffer is caught. Where valgrind is installed it watches a part of the same tests meanwhile, of kernels without sanitisers.
#   CC        the compiler, gcc or clang (default: gcc, else clang); without one the script says so, and fails where CI is set
#   RUNNER    a command before the test program, as an emulator (default: none)
#   SANITIZE  flags in place of the sanitisers', empty for none: then neither overflows nor valgrind
#   VALGRIND=skip  leaves valgrind out
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
inputs=$( (echo "$CC ${SANITIZE-} ${RUNNER-} ${VALGRIND-}"; cat "$here"/cpu/* "$here"/include/* "$here"/test/*) | cksum)
if [ -z "${CI:-}" ] && [ -f "$passed" ] && [ "$(cat "$passed")" = "$inputs" ]; then exit 0; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sanitize=${SANITIZE--fsanitize=address,undefined -fno-sanitize-recover=all}
flags="-std=c11 -O1 -g1 -ffp-contract=off -fno-omit-frame-pointer -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
compile() { # source, flags; all at once
  # shellcheck disable=SC2086
  $CC $flags $2 -I"$here/include" -I"$here/cpu" -c "$1" -o "$objects/$(basename "$1" .c).o" &
  compiling="$compiling $!"
}
build() { # folder, flags of all: kernels_test and overflow_test
  objects=$1/objects
  mkdir -p "$objects"
  compiling=""
  for source in "$here"/cpu/*.c; do
    line=$(sed -n 's,^ \* \(x86_64\|aarch64\): \(.*\) \*/$,\1 \2,p' "$source")
    case "$line" in
      "") compile "$source" "$2" ;;
      "$machine "*) compile "$source" "$2 ${line#* }" ;;
    esac
  done
  compile "$here/test/kernels_test.c" "$2"
  compile "$here/test/overflow_test.c" "$2"
  for process in $compiling; do wait "$process"; done
  mv "$objects/kernels_test.o" "$objects/overflow_test.o" "$1"
  for program in kernels_test overflow_test; do
    # shellcheck disable=SC2086
    $CC $flags $2 "$1/$program.o" "$objects"/*.o -lm -o "$1/$program"
  done
}
caught() { # what says so, of which memory, then the command up to the arguments of overflow_test
  says=$1
  memories=$2
  shift 2
  sets=0
  for isa in 0 1 2 3 4 8 9 10; do
    for access in read write; do
      for memory in $memories; do
        code=0
        "$@" "$isa" "$access" "$memory" >"$log" 2>&1 || code=$?
        if [ "$code" = 2 ]; then break 2; fi
        if [ "$code" = 0 ] || ! grep -q "$says" "$log"; then
          echo "native/test/run.sh: expected $says at a $access beyond a buffer ($memory) with set $isa, found:" >&2
          cat "$log" >&2
          exit 1
        fi
        sets=$((sets + 1))
      done
    done
  done
  [ "$sets" -ge 2 ] || { echo "native/test/run.sh: no overflow was tried" >&2; exit 1; }
  echo "$sets planted overflows: caught ($says)"
}
watch() { # folder: valgrind on the plain kernels and, beside, on the others
  log=$1/log
  command="valgrind --quiet --error-exitcode=99 --leak-check=full --partial-loads-ok=no"
  code=0
  $command "$1/kernels_test" few +0 >"$1/log-0" 2>&1 &
  plain=$!
  $command "$1/kernels_test" few -0 >"$log" 2>&1 || code=$?
  wait "$plain" || { other=$?; [ "$other" -le "$code" ] || code=$other; }
  cat "$1/log-0" >>"$log"
  if [ "$code" -gt 1 ]; then # 1: results differ, which valgrind's arithmetic at the extremes of Q4_0 makes them do
    cat "$log" >&2
    exit 1
  fi
  echo "valgrind: no error in $(grep -c '^instruction set' "$log") instruction sets; its arithmetic is not judged"
  # shellcheck disable=SC2086
  caught "Invalid" heap $command "$1/overflow_test"
}
watching=""
case "$sanitize" in *-fsanitize=address*)
  if [ "${VALGRIND:-}" = skip ] || [ -n "${RUNNER:-}" ]; then
    echo "valgrind: left out"
  elif command -v valgrind >/dev/null 2>&1; then
    build "$out/plain" -DHEARTH_CALLS
    watch "$out/plain" &
    watching=$!
  else
    echo "valgrind: not installed, so it has not watched the kernels"
  fi
  ;;
esac
build "$out" "$sanitize${sanitize:+ -DHEARTH_CALLS}"
# shellcheck disable=SC2086
${RUNNER:-} "$out/kernels_test"
case "$sanitize" in *-fsanitize=address*)
  # shellcheck disable=SC2086
  ${RUNNER:-} "$out/kernels_test" guard
  log=$out/log
  # shellcheck disable=SC2086
  caught "ERROR: AddressSanitizer" "heap guard" ${RUNNER:-} "$out/overflow_test"
  ;;
esac
[ -z "$watching" ] || wait "$watching"
mkdir -p "$here/target"
echo "$inputs" > "$passed"
