"""Write the tiny model's training text or its held-out test, from one seed, with nothing but the standard library.

In: a split, a count and a seed. Out: a file of JSON lines, one record each (see `tinyworld/turns.py`).

    python generate.py --split train --count 120000 --out data/train.jsonl
    python generate.py --split test --count 3000 --out data/test.jsonl
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from tinyworld.mix import draw
from tinyworld.turns import Record
from tinyworld.words import World

SEED = 20261122


def records(split: str, count: int, seed: int = SEED) -> Iterator[Record]:
    """The first `count` records of a split; the same seed gives the same records."""
    world = World(random.Random(f"{seed}/{split}"), split)
    for _ in range(count):
        yield draw(world)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--count", type=int, default=120_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", encoding="utf-8") as out:
        for made in records(args.split, args.count, args.seed):
            out.write(json.dumps(made, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
