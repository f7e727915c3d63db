"""Holds GGUF files that Hearth writes against llama.cpp, which must choose the tokens that Hearth chooses, and give them the same logprobs.

    compare.sh [--type F32,Q8_0,Q4_K_M] [--keep DIR] MODEL...

MODEL is a Hugging Face folder, which is converted, in F32, and quantised to each type, or a .gguf file, which is taken as it is.
Prompts are those of the folder's oracle.json, else the beginning of a story where there is a tokenizer, else random ids. Hearth continues
them greedily in exact precision; llama.cpp sees the same tokens. A folder or type that is refused is listed with the reason. Prints a row a
model and type: how many of Hearth's tokens llama.cpp would choose; how far apart its logits of two that differ are, at most; the largest
difference of a logprob along Hearth's tokens; and that of Hearth's fast precision, which rounds activations to int8 as llama.cpp does
for block types. Exit code 1 if llama.cpp's exceeds both --tolerance and twice Hearth's own.
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
TEXT = "Once upon a time, there was a little girl who"
F32 = 0  # ggml_type of the cache

# How far llama.cpp's logits are from exact ones by how it rounds activations: to F16, BF16, and for other types to int8.
TOLERANCES = {"F32": 0.005, "F16": 0.015, "BF16": 0.11}
ROUNDED = 0.3


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
    if path.is_dir() and (path / "tokenizer.json").exists():
        return [hearth("tokenize", path, "--text", TEXT)["ids"]]
    return [[draw.randrange(vocabulary) for _ in range(12)]]


def logprobs_of(file, ids, precision):
    return hearth("score", file, "--ids", ",".join(map(str, ids)), "--precision", precision)["logprobs"][1:]


def compare(file, path, count):
    """Row: tokens that agree, tokens, the greatest gap of two that differ or None, largest differences of llama.cpp and of fast precision."""
    other = LlamaCpp(file)
    agree, total, gap, theirs, fast = 0, 0, None, 0.0, 0.0
    try:
        for prompt in prompts(path, other.vocabulary):
            ids = ",".join(map(str, prompt))
            arguments = ["--max-tokens", count, "--temperature", 0, "--ignore-eos", "--precision", "exact"]
            chosen = hearth("run", file, "--ids", ids, *arguments)["ids"]
            everything = prompt + chosen
            logits = other.logits(everything)
            logprobs = logits - numpy.log(numpy.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True))
            logprobs -= logits.max(1, keepdims=True)
            exact = numpy.array(logprobs_of(file, everything, "exact"))
            along = logprobs[numpy.arange(len(everything) - 1), everything[1:]]
            theirs = max(theirs, float(abs(along - exact).max()))
            fast = max(fast, float(abs(numpy.array(logprobs_of(file, everything, "fast")) - exact).max()))
            total += len(chosen)
            for row, token in zip(logits[len(prompt) - 1:], chosen):
                if int(row.argmax()) == token:
                    agree += 1
                else:
                    gap = max(gap or 0.0, float(row.max() - row[token]))
    finally:
        other.close()
    return agree, total, gap, theirs, fast


LOG = []


@llama_cpp.llama_log_callback
def log(level, text, _):
    if level >= 3:
        LOG.append(text.decode(errors="replace").strip())


def files(path, types, folder):
    """Of each type the file, or the error that stands in its way."""
    if not path.is_dir():
        yield "as it is", path
        return
    plain = folder / (path.name + "-F32.gguf")
    try:
        hearth("convert", path, plain, "--type", "F32", "--force")
    except RuntimeError as error:
        yield "F32", error
        return
    for name in types:
        file = folder / f"{path.name}-{name}.gguf"
        try:
            if name != "F32":
                hearth("quantize", plain, file, "--type", name, "--force")
            yield name, file
        except RuntimeError as error:
            yield name, error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--type", default="F32", help="one or several, with commas between")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the files that are written")
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--tolerance", type=float, help="in place of those that llama.cpp's own rounding gives")
    options = parser.parse_args()
    llama_cpp.llama_log_set(log, ctypes.c_void_p(0))
    print("| model | type | same tokens | gap of those that differ | largest difference of a logprob | Hearth, fast |")
    print("|" + " --- |" * 6)
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        for path in options.models:
            for name, file in files(path, options.type.split(","), folder):
                LOG.clear()
                try:
                    if isinstance(file, RuntimeError):
                        raise file
                    agree, total, gap, theirs, fast = compare(file, path, options.tokens)
                    shown = "" if gap is None else f"{gap:.6f}"
                    print(f"| {path.name} | {name} | {agree} of {total} | {shown} | {theirs:.6f} | {fast:.6f} |", flush=True)
                    failed |= theirs > max(options.tolerance or TOLERANCES.get(name, ROUNDED), 2 * fast)
                except RuntimeError as error:
                    print(f"| {path.name} | {name} | {error} | | | |", flush=True)
    sys.exit(1 if failed else 0)


main()
