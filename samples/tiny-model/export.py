"""Write the trained model as a folder that transformers loads.

In: a `Qwen3` and a folder that already holds the tokenizer. Out: `config.json`, `generation_config.json` and
`model.safetensors` in BF16 beside it.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from qwen3 import Qwen3, config
from tokenizer import load


def export(model: Qwen3, folder: Path) -> None:
    tokenizer = load(folder)
    end, stop = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    tensors = {f"model.{name}": tensor.detach().to(torch.bfloat16).contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    _write(folder / "config.json", config(model.shape, end, stop))
    _write(folder / "generation_config.json", {"do_sample": False, "eos_token_id": [end, stop], "pad_token_id": stop,
                                               "max_new_tokens": 400})


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
