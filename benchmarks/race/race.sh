#!/usr/bin/env bash
# Hearth against llama.cpp on this machine, one command; see README.md. Arguments go to race.py.
# Builds llama.cpp for this very CPU, once: about 10 minutes on two cores. Needs Python 3 with venv, cmake and a C++ compiler.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/tools/jdk.sh"
find_jdk
version=0.3.36
cache=${HEARTH_CACHE:-$HOME/.cache/hearth}/race
venv=$cache/llama.cpp-$version
if [ ! -f "$venv/built" ]; then
  echo "building llama.cpp for this CPU, once ..." >&2
  mkdir -p "$cache"
  python3 -m venv "$venv"
  # Without pip's cache: a wheel in it may have been built with other flags.
  CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" "$venv/bin/pip" install --quiet --no-cache-dir \
    --no-binary llama-cpp-python "llama-cpp-python==$version" >&2
  touch "$venv/built"
fi
app=$root/benchmarks/target/app
inputs=("$root"/{core,native,cpu-fallback,benchmarks,samples/cli,samples/tiny-model}/src/main "$root"/native/{cpu,include})
if [ ! -f "$app/built" ] || [ -n "$(find "${inputs[@]}" -newer "$app/built" -type f -print -quit)" ]; then
  echo "building Hearth ..." >&2
  (cd "$root" && ./mvnw -B -q -pl benchmarks -am package -DskipTests -Dspotless.check.skip=true -Dcompiler.warnings=-Xdiags:compact >&2)
  touch "$app/built"
fi
exec "$venv/bin/python" "$root/benchmarks/race/race.py" --models "$cache/models" "$@"
