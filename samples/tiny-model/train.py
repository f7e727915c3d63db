"""Train the tiny model on the generated text, on a CPU, and export it.

In: `data/train.jsonl` and the tokenizer in the model's folder. Out: `model/` with the weights and their configuration, and a
checkpoint from which an interrupted run goes on. The seed and the number of steps decide the result; `--minutes` only makes
the schedule end sooner on a slow machine.

    python train.py --compile
"""

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from export import export
from packing import Packer, documents
from qwen3 import Qwen3, Shape
from tokenizer import load

HERE = Path(__file__).parent
SEED = 20261122
STEPS = 2000
ROW_TOKENS, ROWS = 512, 16
LONG_EVERY = 4  # every so many steps, rows of twice the tokens, the full context
WARMUP = 100
SAVE_EVERY = 200
MATRIX_RATE, OTHER_RATE = 4e-3, 4e-3
WEIGHT_DECAY = 0.05


def optimisers(model: Qwen3) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for the embedding and the norms."""
    matrices = [p for p in model.layers.parameters() if p.ndim == 2]
    norms = [p for p in model.parameters() if p.ndim == 1]
    return [torch.optim.Muon(matrices, lr=MATRIX_RATE, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW([{"params": [model.embed_tokens.weight]}, {"params": norms, "weight_decay": 0.0}],
                              lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)]


def rate(step: int, done: float) -> float:
    """The learning rate's factor: up over the warm-up, flat to two fifths of the run, then down to nought in a line."""
    return min(1.0, (step + 1) / WARMUP, max(0.0, (1.0 - done) / 0.6))


def all_batches(data: Path, model_folder: Path, steps: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """The file's records in their order, which is random already, and from the start again should they run out."""
    tokenizer = load(model_folder)
    stream = (document for _ in itertools.count() for document in documents(data, tokenizer))
    packer = Packer(stream, tokenizer.pad_token_id)
    for step in range(steps):
        long = step % LONG_EVERY == LONG_EVERY - 1
        yield packer.batch(ROWS // 2, ROW_TOKENS * 2) if long else packer.batch(ROWS, ROW_TOKENS)


def train(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    model = Qwen3(Shape())
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    loss_of = torch.compile(model.loss, dynamic=False) if args.compile else model.loss
    running = optimisers(model)
    first, spent = resume(args.checkpoint, model, running)
    begun, seen = time.monotonic() - spent, 0.0
    for step, batch in enumerate(all_batches(args.data, args.model, args.steps)):
        if step < first:
            continue
        elapsed = time.monotonic() - begun
        done = max(step / args.steps, elapsed / 60 / args.minutes if args.minutes else 0.0)
        if done >= 1:
            break
        seen += update(loss_of, model, running, batch, rate(step, done), args.bf16)
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {seen / 50:.4f} rate {rate(step, done):.3f} {elapsed / 60:.1f} min", flush=True)
            seen = 0.0
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == args.steps:
            save(args.checkpoint, model, running, step + 1, elapsed)
            export(model, args.model)
    else:
        return
    save(args.checkpoint, model, running, step, time.monotonic() - begun)
    export(model, args.model)


def update(loss_of, model: Qwen3, running: list[torch.optim.Optimizer], batch: tuple[Tensor, Tensor, Tensor], factor: float,
           bf16: bool) -> float:
    """One step; gives the loss before it."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = loss_of(*batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimiser in running:
        for group in optimiser.param_groups:
            group.setdefault("full_rate", group["lr"])
            group["lr"] = group["full_rate"] * factor
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return loss.item()


def save(path: Path, model: Qwen3, running: list[torch.optim.Optimizer], step: int, spent: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"model": model.state_dict(), "optimisers": [o.state_dict() for o in running], "step": step, "spent": spent}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def resume(path: Path, model: Qwen3, running: list[torch.optim.Optimizer]) -> tuple[int, float]:
    """The step to go on from and the seconds spent so far: noughts where there is no checkpoint."""
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimiser, saved in zip(running, state["optimisers"]):
        optimiser.load_state_dict(saved)
    return state["step"], state["spent"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "data/train.jsonl")
    parser.add_argument("--model", type=Path, default=HERE / "model")
    parser.add_argument("--checkpoint", type=Path, default=HERE / "data/checkpoint.pt")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--minutes", type=float, default=0.0, help="end after so many minutes at the latest; 0: no limit")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="torch.compile; needs a C++ compiler, same model, faster")
    parser.add_argument("--no-bf16", dest="bf16", action="store_false", help="f32, for CPUs slow at bf16")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
