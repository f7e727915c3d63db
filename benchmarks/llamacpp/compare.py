"""Holds GGUF files that Hearth writes against llama.cpp: both continue the same prompt, and must choose the same tokens.

    python3 -m venv venv && venv/bin/pip install llama-cpp-python==0.3.36
    venv/bin/python benchmarks/llamacpp/compare.py [--type F32] [--keep DIR] MODEL...

MODEL is a Hugging Face folder, which is converted, or a .gguf file, which is taken as it is. Prompts are those of the folder's
oracle.json, else random ids. A folder that is refused is listed with the reason. Prints a row a model: the greedy tokens that
agree, of how many; where they part, how far apart llama.cpp's own two best logits are; and the largest difference of a
logprob along Hearth's tokens. Exit code 1 if a model differs by more than --tolerance.
"""
import argparse
import ctypes
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import llama_cpp
import numpy

COMMAND = os.environ.get("HEARTH", str(pathlib.Path(__file__).resolve().parents[2] / "hearth"))
CONTEXT = 512
F32 = 0  # ggml_type of the cache


def hearth(*arguments):
    """Runs the command line; its JSON, or the error that it prints."""
    done = subprocess.run([COMMAND, *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("hearth: ")]
        raise RuntimeError(lines[-1].removeprefix("hearth: ") if lines else done.stderr[-500:])
    return json.loads(done.stdout.splitlines()[-1])


class LlamaCpp:
    """A GGUF file in llama.cpp, with an F32 cache."""

    def __init__(self, file):
        parameters = llama_cpp.llama_model_default_params()
        self.model = llama_cpp.llama_model_load_from_file(str(file).encode(), parameters)
        if not self.model:
            raise RuntimeError("llama.cpp does not load it: " + "; ".join(LOG[-3:]))
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = context.n_batch = context.n_ubatch = CONTEXT
        context.type_k = context.type_v = F32
        context.flash_attn_type = 0
        context.n_threads = context.n_threads_batch = 2
        self.context = llama_cpp.llama_init_from_model(self.model, context)
        if not self.context:
            raise RuntimeError("llama.cpp has no context for it: " + "; ".join(LOG[-3:]))
        self.vocabulary = int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model)))

    def logits(self, ids):
        """[position, vocabulary], computed in one batch from an empty cache."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        for i, token in enumerate(ids):
            batch.token[i] = token
            batch.pos[i] = i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = 1
        batch.n_tokens = len(ids)
        if llama_cpp.llama_decode(self.context, batch) != 0:
            raise RuntimeError("llama.cpp does not compute it")
        rows = [llama_cpp.llama_get_logits_ith(self.context, i) for i in range(len(ids))]
        values = numpy.stack([numpy.ctypeslib.as_array(row, (self.vocabulary,)).copy() for row in rows])
        llama_cpp.llama_batch_free(batch)
        return values

    def close(self):
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


def prompts(path, vocabulary):
    oracle = path / "oracle.json"
    cases = json.loads(oracle.read_text()).get("cases", []) if path.is_dir() and oracle.exists() else []
    if cases and "prompt" in cases[0]:
        return [case["prompt"] for case in cases]
    draw = random.Random(1)
    return [[draw.randrange(vocabulary) for _ in range(12)]]


def compare(file, path, count):
    """(tokens that agree, tokens, gap where they part or None, largest difference of a logprob)"""
    other = LlamaCpp(file)
    agree, total, gap, difference = 0, 0, None, 0.0
    try:
        for prompt in prompts(path, other.vocabulary):
            ids = ",".join(map(str, prompt))
            arguments = ["--max-tokens", count, "--temperature", 0, "--ignore-eos", "--precision", "exact"]
            chosen = hearth("run", file, "--ids", ids, *arguments)["ids"]
            everything = prompt + chosen
            logits = other.logits(everything)
            logprobs = logits - numpy.log(numpy.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True))
            logprobs -= logits.max(1, keepdims=True)
            scores = hearth("score", file, "--ids", ",".join(map(str, everything)), "--precision", "exact")["logprobs"]
            for i in range(1, len(everything)):
                difference = max(difference, abs(float(logprobs[i - 1, everything[i]]) - scores[i]))
            total += len(chosen)
            for i, token in enumerate(chosen):
                row = logits[len(prompt) - 1 + i]
                if int(row.argmax()) != token:
                    gap = max(gap or 0.0, float(row.max() - row[token]))
                    break
                agree += 1
    finally:
        other.close()
    return agree, total, gap, difference


LOG = []


@llama_cpp.llama_log_callback
def log(level, text, _):
    if level >= 3:
        LOG.append(text.decode(errors="replace").strip())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--type", default="F32")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--tolerance", type=float, default=0.005)
    options = parser.parse_args()
    llama_cpp.llama_log_set(log, ctypes.c_void_p(0))
    print("| model | same tokens | gap where they part | largest difference of a logprob |")
    print("| --- | --- | --- | --- |")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for path in options.models:
            LOG.clear()
            try:
                file = path
                if path.is_dir():
                    file = (options.keep or pathlib.Path(folder)) / (path.name + ".gguf")
                    hearth("convert", path, file, "--type", options.type, "--force")
                agree, total, gap, difference = compare(file, path, options.tokens)
                shown = "" if gap is None else f"{gap:.6f}"
                print(f"| {path.name} | {agree} of {total} | {shown} | {difference:.6f} |", flush=True)
                failed |= difference > options.tolerance
            except RuntimeError as error:
                print(f"| {path.name} | {error} | | |", flush=True)
    sys.exit(1 if failed else 0)


main()
