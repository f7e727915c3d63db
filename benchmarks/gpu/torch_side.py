"""The products and attention that GpuMeasure has timed, by PyTorch on the same device: torch_side.py HEARTH.JSONL. BF16 and F16 in place of blocks."""
import json
import re
import statistics
import sys
import time

import torch

HEADS, KEY_HEADS, HEAD_DIM = 32, 8, 128  # as GpuMeasure


def nanos(call, calls=50, times=9):
    """A call's time, the median of several times many calls in the queue."""
    call()
    torch.cuda.synchronize()
    taken = []
    for _ in range(times):
        start = time.perf_counter_ns()
        for _ in range(calls):
            call()
        torch.cuda.synchronize()
        taken.append((time.perf_counter_ns() - start) / calls)
    return statistics.median(taken)


def product(columns, rows, tokens):
    weight = torch.randn(rows, columns, dtype=torch.bfloat16, device="cuda")
    x = torch.randn(tokens, columns, dtype=torch.bfloat16, device="cuda")
    return nanos(lambda: torch.nn.functional.linear(x, weight))


def attention(context, tokens):
    query = torch.randn(1, HEADS, tokens, HEAD_DIM, dtype=torch.float16, device="cuda")
    key, value = (torch.randn(1, KEY_HEADS, context, HEAD_DIM, dtype=torch.float16, device="cuda") for _ in range(2))
    behind = torch.arange(context, device="cuda") <= torch.arange(context - tokens, context, device="cuda")[:, None]
    mask = None if tokens == 1 else behind
    return nanos(lambda: torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True))


def main():
    torch.cuda.current_device()  # fails where there is none
    with open(sys.argv[1], encoding="utf-8") as lines:
        measured = [json.loads(line).get("what", "") for line in lines]
    for what in measured:
        numbers = [int(n) for n in re.findall(r"(?<![\w_])\d+", what.replace("x", " "))]
        if what.startswith("product"):
            print(json.dumps({"what": what, "nanos": product(*numbers[-3:])}), flush=True)
        elif what.startswith("attention"):
            print(json.dumps({"what": what, "nanos": attention(*numbers)}), flush=True)


main()
