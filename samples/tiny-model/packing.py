"""Records packed into training batches.

In: a file of records and the tokenizer. Out: `Document`s in the file's order, then batches of (ids, targets, weights), each [batch, tokens].
A document is never cut; what does not fill a row is padding of weight 0.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from tokenizer import render

PROMPT_WEIGHT = 0.2
WAITING = 64


@dataclass(frozen=True)
class Document:
    """Token ids and, for each, how much its prediction counts."""

    ids: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Marks:
    """The ids by which a rendered conversation is read."""

    start: int
    end: int
    think: int
    end_think: int
    assistant: int
    empty_line: int

    @staticmethod
    def of(tokenizer: PreTrainedTokenizerFast) -> "Marks":
        names = ("<|im_start|>", "<|im_end|>", "<think>", "</think>", "assistant", "\n\n")
        ids = [tokenizer.encode(name) for name in names]
        if any(len(found) != 1 for found in ids):
            raise ValueError(f"tokenizer: expected one token each for {names}, found {ids}; train it on more text")
        return Marks(*(found[0] for found in ids))


def documents(path: Path, tokenizer: PreTrainedTokenizerFast, chunk: int = 1024) -> Iterator[Document]:
    marks = Marks.of(tokenizer)
    with path.open(encoding="utf-8") as lines:
        while made := [json.loads(line) for _, line in zip(range(chunk), lines)]:
            encoded = tokenizer.backend_tokenizer.encode_batch_fast([render(tokenizer, each) for each in made])
            for one in encoded:
                ids = np.array(one.ids, dtype=np.int16)
                yield Document(ids, token_weights(ids, marks))


def token_weights(ids: np.ndarray, marks: Marks) -> np.ndarray:
    """1 for what the assistant says, less for what it is told, 0 where the template decides.

    The template decides on the empty thought, and on leaving out the thoughts of earlier turns: a model trained on those
    would sometimes not think when it should.
    """
    starts = np.flatnonzero(ids == marks.start)
    if not len(starts):
        return np.ones(len(ids), dtype=np.float32)
    weights = np.full(len(ids), PROMPT_WEIGHT, dtype=np.float32)
    ends = np.flatnonzero(ids == marks.end)
    for start, end in zip(starts, ends):
        if ids[start + 1] != marks.assistant:
            continue
        first = start + 3  # after <|im_start|>, assistant and the line's end
        weights[first:end + 1] = 1
        if ids[first] != marks.think:
            weights[first] = 0
        elif ids[first + 1] == marks.empty_line:
            weights[first:first + 4] = 0
    return weights


class Packer:
    """Takes documents as they come and packs each row with the longest of the waiting ones that still fit."""

    def __init__(self, stream: Iterator[Document], pad: int):
        self.stream = stream
        self.pad = pad
        self.waiting: list[Document] = []

    def batch(self, rows: int, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
        ids = np.full((rows, tokens + 1), self.pad, dtype=np.int64)
        weights = np.zeros((rows, tokens + 1), dtype=np.float32)
        for row in range(rows):
            _fill(ids[row], weights[row], self._row(tokens + 1))
        return torch.from_numpy(ids[:, :-1].copy()), torch.from_numpy(ids[:, 1:].copy()), torch.from_numpy(weights[:, 1:].copy())

    def _row(self, size: int) -> list[Document]:
        """The longest-waiting document first, so that a long one gets into the next row that holds it."""
        row: list[Document] = []
        free = size
        while True:
            self.waiting.extend(document for _, document in zip(range(WAITING - len(self.waiting)), self.stream))
            fitting = [document for document in self.waiting if len(document.ids) <= free]
            if not fitting:
                return row
            chosen = max(fitting, key=lambda document: len(document.ids)) if row else fitting[0]
            self.waiting = [document for document in self.waiting if document is not chosen]
            row.append(chosen)
            free -= len(chosen.ids)


def _fill(ids: np.ndarray, weights: np.ndarray, packed: list[Document]) -> None:
    at = 0
    for document in packed:
        ids[at:at + len(document.ids)] = document.ids
        weights[at:at + len(document.ids)] = document.weights
        at += len(document.ids)
