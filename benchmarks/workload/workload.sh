#!/usr/bin/env bash
# Hearth and its peers under a workload of many users on this machine, one command; see README.md. Arguments go to workload.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/benchmarks/app.sh"
. "$root/benchmarks/llama-cpp.sh"
llama_cpp
llama_server
app
case "$*" in *java-llama.cpp*) peers ;; esac
exec "$venv/bin/python" "$root/benchmarks/workload/workload.py" --models "$cache/models" --llama-server "$server" "$@"
