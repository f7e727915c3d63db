#!/usr/bin/env bash
# Hearth against llama.cpp and others on this machine, one command; see README.md. Arguments go to race.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/tools/jdk.sh"
find_jdk
. "$root/benchmarks/llama-cpp.sh"
llama_cpp
app=$root/benchmarks/target/app
inputs=("$root"/{core,native,cpu-fallback,benchmarks,samples/cli,samples/tiny-model}/src/main "$root"/native/{cpu,include})
if [ ! -f "$app/built" ] || [ -n "$(find "${inputs[@]}" -newer "$app/built" -type f -print -quit)" ]; then
  echo "building Hearth ..." >&2
  (cd "$root" && ./mvnw -B -q -pl benchmarks -am package -DskipTests -Dspotless.check.skip=true -Dcompiler.warnings=-Xdiags:compact >&2)
  touch "$app/built"
fi
peers=$root/benchmarks/race/peers
if [[ "$*" == *java-llama.cpp* || "$*" == *jlama* ]] && [ -n "$(find "$peers/pom.xml" "$peers/src" -newer "$peers/target/app/built" -type f -print -quit 2>&1)" ]; then
  echo "building the sides of other JVM libraries ..." >&2
  "$root/mvnw" -B -q -ntp -f "$peers/pom.xml" package >&2
  mkdir -p "$peers/target/tmp"
  touch "$peers/target/app/built"
fi
exec "$venv/bin/python" "$root/benchmarks/race/race.py" --models "$cache/models" "$@"
