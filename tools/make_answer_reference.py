"""Writes texts of answers as Hugging Face's tokenizers gives them: decode(prompt + answer) without decode(prompt) at its beginning.

    python tools/make_answer_reference.py FOLDER... > core/src/test/resources/dev/hearth/tokenizer/answers.json

A FOLDER holds NAME.json or NAME/tokenizer.json.gz. Cases in which the text of the prompt changes with the answer are left out.
"""

import gzip
import json
import pathlib
import sys

import tokenizers

NAMES = [
    "stories260K", "tiny-qwen3", "tiny-llama3",
    "qwen3", "llama3_1", "gemma3", "mistral_v3_legacy", "mistral_v3_metaspace", "minilm_wordpiece", "xlmr_unigram",
]
TEXTS = [
    "The capital of France is Paris, isn't it?",
    "def f(x):\n    return  x + 1\n\n",
    "  two spaces, \t a tab and 漢字 with 😀 after it",
    "naïve café 🤖🦾 𝔘𝔫𝔦",
]


def tokenizer(name, folders):
    for folder in map(pathlib.Path, folders):
        small = folder / f"{name}.json"
        large = folder / name / "tokenizer.json.gz"
        if small.exists():
            return tokenizers.Tokenizer.from_file(str(small))
        if large.exists():
            return tokenizers.Tokenizer.from_str(gzip.decompress(large.read_bytes()).decode())
    raise SystemExit(f"{name}: expected in one of {folders}")


def cases(name, t):
    for text in TEXTS:
        ids = t.encode(text).ids
        for cut in range(1, len(ids), max(1, len(ids) // 7)):
            prompt, answer = ids[:cut], ids[cut : cut + 9]
            before, whole = t.decode(prompt), t.decode(prompt + answer)
            if whole.startswith(before):
                yield {"tokenizer": name, "prompt": prompt, "answer": answer, "text": whole[len(before) :]}


def main():
    rows = [case for name in NAMES for case in cases(name, tokenizer(name, sys.argv[1:]))]
    print("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")


if __name__ == "__main__":
    main()
