"""Writes what transformers makes of rows of logits under settings of generation_config.json: the probabilities that remain.

    python tools/make_sampling_reference.py core/src/test/resources/sampling/transformers.json
"""

import json
import sys

import torch
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

VOCABULARY, END = 40, 5
PROMPT = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 1, 4, 1]
CONFIGS = [
    {"temperature": 0.7},
    {"top_k": 7},
    {"top_p": 0.83},
    {"min_p": 0.07},
    {"typical_p": 0.2},
    {"typical_p": 0.61},
    {"top_h": 0.43},
    {"epsilon_cutoff": 0.021},
    {"eta_cutoff": 0.13},
    {"repetition_penalty": 1.7},
    {"no_repeat_ngram_size": 1},
    {"no_repeat_ngram_size": 3},
    {"bad_words_ids": [[7], [1, 8], [4, 1, 9], [4, 4, 10], [5]]},
    {"min_new_tokens": 1, "suppress_tokens": [11, 12]},
    {"temperature": 1.3, "top_h": 0.8, "top_k": 12, "top_p": 0.95, "min_p": 0.02, "typical_p": 0.9},
    {"temperature": 1.6, "top_k": 30, "top_p": 0.97, "typical_p": 0.95, "epsilon_cutoff": 0.01, "eta_cutoff": 0.02,
     "repetition_penalty": 0.8, "no_repeat_ngram_size": 2, "bad_words_ids": [[0, 1], [1, 2]], "min_new_tokens": 2},
]


def main(target):
    model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_layer=1, n_head=1, n_embd=8))
    ids = torch.tensor([PROMPT])
    torch.manual_seed(1)
    cases = []
    for settings in CONFIGS:
        for spread in (0.7, 2.5):
            config = GenerationConfig(**({"do_sample": True, "top_k": 0, "eos_token_id": END} | settings))
            model._prepare_special_tokens(config, kwargs_has_attention_mask=True, device="cpu")
            logits = (spread * torch.randn(VOCABULARY)).float()
            processors = model._get_logits_processor(
                generation_config=config, input_ids_seq_length=len(PROMPT), encoder_input_ids=ids, device="cpu")
            scores = processors(ids, logits[None].clone())[0]
            cases.append({
                "config": {"do_sample": True, "top_k": 0} | settings,
                "logits": logits.tolist(),
                "probabilities": torch.softmax(scores.double(), 0).tolist(),
            })
    with open(target, "w") as out:
        out.write("{\"prompt\": %s, \"end\": %d, \"cases\": [\n" % (json.dumps(PROMPT), END))
        out.write(",\n".join(json.dumps(case) for case in cases))
        out.write("\n]}\n")


main(sys.argv[1])
