#!/usr/bin/env bash
# Hearth against llama.cpp and others on this machine, one command; see README.md. Arguments go to race.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/benchmarks/app.sh"
. "$root/benchmarks/llama-cpp.sh"
llama_cpp
app
case "$*" in *java-llama.cpp* | *jlama*) peers ;; esac
exec "$venv/bin/python" "$root/benchmarks/race/race.py" --models "$cache/models" "$@"
