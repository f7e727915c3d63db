#!/usr/bin/env bash
# Hearth against llama.cpp and others on this machine, one command; see README.md. Arguments go to race.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/benchmarks/app.sh"
. "$root/benchmarks/llama-cpp.sh"
app
llama_cpp
peers=$root/benchmarks/race/peers
if [[ "$*" == *java-llama.cpp* || "$*" == *jlama* ]] && [ -n "$(find "$peers/pom.xml" "$peers/src" -newer "$peers/target/app/built" -type f -print -quit 2>&1)" ]; then
  echo "building the sides of other JVM libraries ..." >&2
  "$root/mvnw" -B -q -ntp -f "$peers/pom.xml" package >&2
  mkdir -p "$peers/target/tmp"
  touch "$peers/target/app/built"
fi
exec "$venv/bin/python" "$root/benchmarks/race/race.py" --models "$cache/models" "$@"
