#!/usr/bin/env python3
"""Makes a tiny random model of a family and what transformers computes with it, to test Hearth against.

  make_oracle.py FAMILY FOLDER [--seed N] [--published] [--attention eager|sdpa] [--ternary CLASS] [KEY=VALUE ...]

FAMILY is a model_type of transformers. FOLDER gets config.json and model.safetensors (bfloat16), and as the reference
oracle.json (prompts, greedy tokens, least distance of the two greatest logits) and oracle.safetensors (input_ids.i and
logits.i of every position, float32, without a cache). FOLDER/../conditioning.json gets the largest difference of those
logits from a float64 forward, which the tests' tolerance follows.

KEY=VALUE, the value in JSON, sets what config.json is to say, beyond the sizes in SIZES; A.B=VALUE sets B within A.
--attention is transformers' implementation, eager unless said: Falcon with ALiBi needs sdpa, for its eager one adds biases twice.
--ternary packs the layers' matrices as BitNet does, for products of this class of transformers, bitlinear or autobitlinear;
with online it leaves them, and the products round them.
--published writes rope_theta, rope_scaling and torch_dtype, as models published before transformers 5 do.
Needs transformers and torch: pip install torch transformers safetensors; for --ternary accelerate too."""
import argparse
import copy
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")  # ternary products compile themselves, slowly

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.integrations.bitnet import BitLinear, pack_weights
from transformers.utils import logging

SIZES = {
    "vocab_size": 40,
    "hidden_size": 24,
    "intermediate_size": 36,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
PROMPT_TOKENS = (3, 17)
GREEDY_TOKENS = 24


def settings(family, pairs):
    """The constructor's arguments: the sizes that the family has, under its own names, and those given."""
    known = AutoConfig.for_model(family)
    values = {getattr(known, "attribute_map", {}).get(k, k): v for k, v in SIZES.items() if hasattr(known, k)}
    for pair in pairs:
        key, _, text = pair.partition("=")
        *outer, last = key.split(".")
        target = values
        for name in outer:
            target = target.setdefault(name, {})
        target[last] = json.loads(text)
    return values


@torch.no_grad()
def randomise(model, generator):
    """Matrices that keep the size of what passes through them; vectors near the values that they begin with."""
    tied = getattr(model.config, "tie_word_embeddings", False)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if p.dim() < 2:
            p.add_(noise, alpha=0.2)
        elif p is model.get_input_embeddings().weight and not tied:
            p.copy_(noise)
        else:
            p.copy_(noise * 1.2 / p.shape[-1] ** 0.5)


def pack_ternary(folder, kind):
    """Leaves in a folder what a model with ternary products of a kind has there, as --ternary says."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    config["quantization_config"] = {
        "quant_method": "bitnet",
        "linear_class": "bitlinear" if kind == "bitlinear" else "autobitlinear",
        "quantization_mode": "online" if kind == "online" else "offline",
    }
    file.write_text(json.dumps(config))
    tensors = load_file(folder / "model.safetensors")
    for name in [n for n in tensors if ".layers." in n and tensors[n].dim() == 2 and kind != "online"]:
        mean = tensors[name].float().abs().mean()
        scale = 1 / mean if kind == "bitlinear" else mean
        tensors[name + "_scale"] = scale.to(torch.bfloat16).reshape(1)
        tensors[name] = pack_weights((tensors[name].float() / mean).round().clamp(-1, 1))
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def loaded(folder, **options):
    """The model in float32, all of it: of a packed one transformers leaves a part in the file's type, and refuses float()."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options).eval()
    torch.nn.Module.float(model)
    for module in model.modules():
        if isinstance(module, BitLinear):
            module.dtype = torch.float32
    return model


@torch.no_grad()
def logits_of(model, ids):
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


def case(model, prompt):
    """The prompt continued by the likeliest tokens, the end of text passed over, and the logits after each token."""
    ids, margin = list(prompt), float("inf")
    for _ in range(GREEDY_TOKENS):
        first, second = logits_of(model, ids)[-1].topk(2).values.tolist()
        margin = min(margin, first - second)
        ids.append(int(logits_of(model, ids)[-1].argmax()))
    return {"prompt": prompt, "greedy": ids[len(prompt):], "margin": margin}, ids, logits_of(model, ids).float()


def in_published_spelling(config):
    """transformers 4's names for what transformers 5 writes; a rotation for each kind of layer has no older spelling."""
    config["torch_dtype"] = config.pop("dtype")
    rope = config.get("rope_parameters")
    if rope and "rope_theta" in rope:
        del config["rope_parameters"]
        for key in ("rope_theta", "partial_rotary_factor"):
            if key in rope:
                config[key] = rope.pop(key)
        config["rope_scaling"] = None if rope.get("rope_type", "default") == "default" else rope


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attention", default="eager")
    parser.add_argument("--ternary", choices=["bitlinear", "autobitlinear", "online"])
    parser.add_argument("--published", action="store_true")
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE")
    options = parser.parse_intermixed_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()

    plain = {"attn_implementation": options.attention, "experts_implementation": "eager"}
    config = AutoConfig.for_model(options.family, **settings(options.family, options.settings))
    generator = torch.Generator().manual_seed(options.seed)
    model = AutoModelForCausalLM.from_config(config, **plain).eval()
    randomise(model, generator)
    model.to(torch.bfloat16).save_pretrained(options.folder)
    if options.ternary:
        pack_ternary(options.folder, options.ternary)
    (options.folder / "generation_config.json").unlink(missing_ok=True)
    file = options.folder / "config.json"
    written = json.loads(file.read_text())
    if options.published:
        in_published_spelling(written)
    file.write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")

    model = loaded(options.folder, **plain)
    double = copy.deepcopy(model).double()
    cases, tensors, difference = [], {}, 0.0
    for i, length in enumerate(PROMPT_TOKENS):
        prompt = torch.randint(3, model.get_input_embeddings().num_embeddings, (length,), generator=generator).tolist()
        made, ids, logits = case(model, prompt)
        cases.append(made)
        tensors[f"input_ids.{i}"] = torch.tensor(ids)
        tensors[f"logits.{i}"] = logits.contiguous()
        difference = max(difference, (logits_of(double, ids) - logits).abs().max().item())
    (options.folder / "oracle.json").write_text(json.dumps({"kind": "causal_lm", "cases": cases}) + "\n")
    save_file(tensors, options.folder / "oracle.safetensors")
    conditioning = options.folder.parent / "conditioning.json"
    known = json.loads(conditioning.read_text()) if conditioning.exists() else {}
    spread = torch.cat([tensors[k] for k in tensors if k.startswith("logits")]).std().item()
    known[options.folder.name] = {"logit_std": spread, "max_diff_f64": difference}
    conditioning.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    size = sum(f.stat().st_size for f in options.folder.iterdir())
    print(f"{options.folder}: {size // 1024} KiB, logits spread {spread:.2f}, float64 differs by {difference:.1e}, "
          f"least margin {min(c['margin'] for c in cases):.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
