"""Makes the tiny random DeBERTa models in src/test/resources/encoders and what transformers computes with them.

    python make_deberta.py FOLDER        transformers 5.23, torch, safetensors, tokenizers

Folders as those of make_encoders.py, with texts long enough for distances that share a bucket."""

import json
import pathlib
import sys

import make_encoders
import torch
import transformers as t
from make_encoders import make, run
from safetensors.torch import save_file

make_encoders.LENGTHS = (7, 61)

BASE = dict(
    hidden_size=28, num_hidden_layers=2, num_attention_heads=2, intermediate_size=37, vocab_size=50, pad_token_id=0,
    max_position_embeddings=70, relative_attention=True,
)  # fmt: skip
EAGER = dict(attn_implementation="eager")

VOCABULARY = (
    "▁the ▁a ▁cat ▁dog ▁sat ▁on ▁mat ▁ran ▁home ▁rivers ▁which ▁animal ▁sleep s ing ▁ . ? ! , ▁é t h e o l v 1 2"
).split()
QUERY = "which animal sleeps?"
DOCUMENTS = ["The cat  sat on a mat.", "dogs ran\nhome", "", "which animal sleeps ?", "12 é the  dog \t loves! ", "the dog " * 30]


def tokenizer(folder):
    """Unigram, as transformers makes it of published models' spm.model."""
    specials = [("[PAD]", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0), ("[UNK]", 0.0)]
    pieces = [(word, -1.0 - i / 10) for i, word in enumerate(VOCABULARY)]
    made = t.DebertaV2Tokenizer(vocab=specials + pieces)
    made.save_pretrained(folder)
    for path in folder.iterdir():
        if path.name not in ("config.json", "model.safetensors", "oracle.safetensors", "tokenizer.json", "tokenizer_config.json"):
            path.unlink()
    return made


def respell(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}, indent=2) + "\n")


def ranker(root):
    """As DeBERTa 3, with texts: pairs cut to the model's context."""
    model = t.DebertaV2ForSequenceClassification(
        t.DebertaV2Config(
            **(BASE | dict(max_position_embeddings=48)), pos_att_type=["p2c", "c2p"], share_att_key=True, position_buckets=8,
            norm_rel_ebd="layer_norm", position_biased_input=False, type_vocab_size=0, num_labels=1, **EAGER,
        )
    )  # fmt: skip
    make_encoders.LENGTHS = (7, 47)
    make(root, "deberta_v3_rank", model)
    make_encoders.LENGTHS = (7, 61)
    folder = root / "deberta_v3_rank"
    respell(folder, pos_att_type="p2c|c2p", legacy=None)
    tok = tokenizer(folder)
    pairs = tok([QUERY] * len(DOCUMENTS), DOCUMENTS, truncation="longest_first", max_length=48)
    logits = [run(model, {k: v[i] for k, v in pairs.items()}).logits[0] for i in range(len(DOCUMENTS))]
    save_file({"logits": torch.stack(logits)}, folder / "texts.safetensors")
    encoded = {"ids": pairs["input_ids"], "types": pairs["token_type_ids"]}
    (folder / "texts.json").write_text(json.dumps({"query": QUERY, "documents": DOCUMENTS} | encoded))


def main(root):
    ranker(root)
    make(
        root,
        "deberta_v2_masked",
        t.DebertaV2ForMaskedLM(
            t.DebertaV2Config(
                **BASE, pos_att_type=["c2p", "p2c"], max_relative_positions=20, type_vocab_size=2, embedding_size=19,
                hidden_act="gelu_new", **EAGER,
            )
        ),  # fmt: skip
    )
    make(
        root,
        "deberta_absolute",
        t.DebertaV2Model(
            t.DebertaV2Config(**(BASE | dict(relative_attention=False)), pos_att_type=["c2p"], type_vocab_size=3, **EAGER)
        ),
        modes=["mean"],
    )
    make(
        root,
        "deberta_p2c_masked",
        t.DebertaV2ForMaskedLM(
            t.DebertaV2Config(
                **BASE, pos_att_type=["p2c"], position_buckets=7, max_relative_positions=31, position_biased_input=False, legacy=False,
                norm_rel_ebd="layer_norm", **EAGER,
            )
        ),  # fmt: skip
    )
    make(
        root,
        "deberta_c2p_labels",
        t.DebertaV2ForSequenceClassification(
            t.DebertaV2Config(
                **BASE, pos_att_type=["c2p"], position_buckets=256, pooler_hidden_act="tanh", num_labels=3, type_vocab_size=1,
                conv_kernel_size=5, conv_groups=2, **EAGER,
            )
        ),  # fmt: skip
    )
    make(
        root,
        "deberta_convolved",
        t.DebertaV2Model(
            t.DebertaV2Config(
                **BASE, pos_att_type=["p2c", "c2p"], share_att_key=True, position_buckets=10, norm_rel_ebd="layer_norm",
                position_biased_input=False, conv_kernel_size=3, conv_act="gelu", **EAGER,
            )
        ),  # fmt: skip
        modes=["cls"],
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
