#!/usr/bin/env bash
# What Hearth writes, held against llama.cpp, one command; see README.md. Arguments go to compare.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/benchmarks/llama-cpp.sh"
llama_cpp
exec "$venv/bin/python" "$root/benchmarks/llamacpp/compare.py" "$@"
