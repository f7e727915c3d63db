"""llama.cpp's side of a race: runs each test that standard input names and prints its seconds.

    python llama_cpp_side.py MODEL.gguf THREADS

Tests are named as `./hearth bench` names them, and the tokens are the same. Only llama_decode is timed: no text, no choice of tokens.
Weights are mapped and, where llama.cpp has a layout of its own, rearranged; flash attention is on; keys and values are F16.
"""
import ctypes
import re
import sys
import time

import llama_cpp

UBATCH = 512  # llama.cpp's default
LOG = []


@llama_cpp.llama_log_callback
def log(level, text, data):
    LOG.append(text.decode(errors="replace").strip())


def token(sequence, position, vocabulary):
    """As dev.hearth.cli.Stopwatch has it."""
    mixed = (sequence * 1_000_003 + position + 1) * 0x9E3779B97F4A7C15 % 2**64
    return (mixed >> 33) % vocabulary


class Side:
    """A model, and a context for each number of sequences and length."""

    def __init__(self, file, threads):
        llama_cpp.llama_log_set(log, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        parameters.load_mode = llama_cpp.LLAMA_LOAD_MODE_MMAP
        self.model = llama_cpp.llama_model_load_from_file(file.encode(), parameters)
        if not self.model:
            raise SystemExit(f"{file}: llama.cpp does not load it: {'; '.join(LOG[-3:])}")
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.threads = threads
        self.batch = llama_cpp.llama_batch_init(UBATCH, 0, 1)
        self.contexts = {}
        self.warm = set()

    def context(self, sequences, positions, depth):
        """A context in which each sequence holds `depth` tokens."""
        key = sequences, positions, depth
        if key not in self.contexts:
            parameters = llama_cpp.llama_context_default_params()
            parameters.n_ctx = sequences * ((positions + 255) // 256 * 256)
            parameters.n_batch = parameters.n_ubatch = UBATCH
            parameters.n_seq_max = sequences
            parameters.n_threads = parameters.n_threads_batch = self.threads
            parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
            context = llama_cpp.llama_init_from_model(self.model, parameters)
            if not context:
                raise SystemExit(f"llama.cpp has no context of {key}: {'; '.join(LOG[-3:])}")
            self.contexts[key] = context
            self.prompt(context, 0, 0, depth)
            for sequence in range(1, sequences if depth else 1):
                llama_cpp.llama_memory_seq_cp(llama_cpp.llama_get_memory(context), 0, sequence, -1, -1)
        return self.contexts[key]

    def decode(self, context, rows):
        """One llama_decode of rows (sequence, position, whether logits are wanted)."""
        for i, (sequence, position, logits) in enumerate(rows):
            self.batch.token[i] = token(sequence, position, self.vocabulary)
            self.batch.pos[i] = position
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = sequence
            self.batch.logits[i] = logits
        self.batch.n_tokens = len(rows)
        if llama_cpp.llama_decode(context, self.batch) != 0:
            raise SystemExit(f"llama.cpp does not compute it: {'; '.join(LOG[-3:])}")

    def prompt(self, context, sequence, first, end):
        for start in range(first, end, UBATCH):
            stop = min(end, start + UBATCH)
            self.decode(context, [(sequence, p, p == end - 1) for p in range(start, stop)])
        llama_cpp.llama_synchronize(context)

    def seconds(self, name):
        kind, tokens, sequences, depth = re.fullmatch(r"(pp|tg)(\d+)(?:@(\d+))?(?:@d(\d+))?", name).groups()
        tokens, sequences, depth = int(tokens), int(sequences or 1), int(depth or 0)
        context = self.context(sequences, depth + tokens, depth)
        if name not in self.warm:
            self.warm.add(name)
            self.time(context, kind, tokens, sequences, depth)
        return sequences * tokens, self.time(context, kind, tokens, sequences, depth)

    def time(self, context, kind, tokens, sequences, depth):
        memory = llama_cpp.llama_get_memory(context)
        start = time.perf_counter()
        if kind == "pp":
            self.prompt(context, 0, depth, depth + tokens)
        else:
            for position in range(depth, depth + tokens):
                self.decode(context, [(s, position, True) for s in range(sequences)])
                llama_cpp.llama_synchronize(context)
        seconds = time.perf_counter() - start
        for sequence in range(sequences):
            llama_cpp.llama_memory_seq_rm(memory, sequence, depth, -1)
        return seconds


def main():
    side = Side(sys.argv[1], int(sys.argv[2]))
    print(llama_cpp.llama_print_system_info().decode().strip(), flush=True)
    for line in sys.stdin:
        tokens, seconds = side.seconds(line.strip())
        print(tokens / seconds, flush=True)


if __name__ == "__main__":
    main()
