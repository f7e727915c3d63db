#!/usr/bin/env python3
"""Writes what transformers' beam search finds with the embedded model and with tiny random ones, to test Hearth against.

  make_beam_reference.py FILE MODEL ...

MODEL is a folder in cpu-fallback/src/test/resources/oracles. Needs transformers and torch."""
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parents[1]
SEARCHES = [(4, 1.0, False, 16), (3, 0.5, "never", 16), (5, 1.0, True, 12)]


def search(name, model, prompt, beams, penalty, early, tokens, ends, **more):
    found = model.generate(
        torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False, num_beams=beams,
        length_penalty=penalty, early_stopping=early, max_new_tokens=tokens, eos_token_id=ends, pad_token_id=0,
        num_return_sequences=beams, return_dict_in_generate=True, output_scores=True, use_cache=False, **more)
    answers = []
    for sequence in found.sequences.tolist():
        answer = sequence[len(prompt):]
        end = next((i for i, token in enumerate(answer) if token in ends), len(answer))
        answers.append(answer[: end + 1])
    return dict(model=name, prompt=prompt, num_beams=beams, length_penalty=penalty, early_stopping=str(early), max_new_tokens=tokens,
                eos_token_id=ends, **more, ids=answers, scores=[round(s, 5) for s in found.sequences_scores.tolist()])


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def main():
    cases = []
    tiny = ROOT / "samples/tiny-model/model"
    model, tokenizer = load(tiny), AutoTokenizer.from_pretrained(tiny)
    full_stop, the = tokenizer.convert_tokens_to_ids(["."])[0], tokenizer.encode(" the", add_special_tokens=False)[0]
    for text in ["Once upon a time", "The little dog", "Tom and his mother"]:
        prompt = tokenizer.encode(text, add_special_tokens=False)
        for beams, penalty, early, tokens in [(4, 1.0, False, 20), (3, 0.0, "never", 24), (5, 2.0, "never", 12), (4, -1.0, True, 30)]:
            cases.append(search("tiny", model, prompt, beams, penalty, early, tokens, [1527, 1529]))
        cases.append(search("tiny", model, prompt, 4, 1.0, False, 16, [full_stop, the]))
        cases.append(search("tiny", model, prompt, 4, 1.0, True, 16, [full_stop]))
        cases.append(search("tiny", model, prompt, 4, 1.0, False, 16, [full_stop], repetition_penalty=1.3, no_repeat_ngram_size=2))
        cases.append(search("tiny", model, prompt, 3, 1.0, False, 16, [full_stop], min_new_tokens=6))
    for name in sys.argv[2:]:
        folder = ROOT / "cpu-fallback/src/test/resources/oracles" / name
        case = json.loads((folder / "oracle.json").read_text())["cases"][0]
        for beams, penalty, early, tokens in SEARCHES:
            ends = sorted(set(case["greedy"][2:4]))
            cases.append(search(name, load(folder), case["prompt"], beams, penalty, early, tokens, ends))
    Path(sys.argv[1]).write_text("[" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]\n")


if __name__ == "__main__":
    main()
