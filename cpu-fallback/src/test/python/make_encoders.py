"""Makes the tiny random encoders in src/test/resources/encoders and what transformers computes with them.

    python make_encoders.py FOLDER        transformers 5.23, torch, safetensors, tokenizers, gguf; about a minute

Each folder is a model in the Hugging Face layout with odd sizes, and oracle.safetensors: a right padded batch, the hidden states
or logits of it, and where modules.json says how, the embeddings. The keys of config.json are those of published models."""

import json
import pathlib
import re
import sys

import gguf
import tokenizers
import torch
import transformers
from safetensors.torch import load_file, save_file

SEED = 11
LENGTHS = (5, 29)


def config_of(model, renamed):
    """config.json as published models spell it."""
    config = json.loads(model.config.to_json_string())
    for old, new in renamed.items():
        value = config.pop(old, None)
        if new is not None:
            config[new] = value if not callable(new) else new(value)
    config["architectures"] = [type(model).__name__]
    config["torch_dtype"] = config.pop("dtype", "float32")
    return config


def randomise(model):
    """Weights that make every part count."""
    generator = torch.Generator().manual_seed(SEED)
    for name, parameter in model.named_parameters():
        scale = 0.3 if parameter.dim() > 1 else 0.2
        noise = torch.randn(parameter.shape, generator=generator) * scale
        is_norm = parameter.dim() == 1 and name.endswith("weight")
        parameter.data.copy_((noise + (1 if is_norm and "gemma" not in type(model).__name__.lower() else 0)).bfloat16().float())
    if hasattr(model, "tie_weights"):
        model.tie_weights()


def batch(vocabulary, first, pad, types):
    generator = torch.Generator().manual_seed(SEED + 1)
    ids = torch.full((len(LENGTHS), max(LENGTHS)), pad)
    mask = torch.zeros_like(ids)
    kinds = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(first, vocabulary, (length,), generator=generator)
        mask[row, :length] = 1
        kinds[row, length // 2 : length] = 1 if types > 1 else 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    return inputs | {"token_type_ids": kinds} if types > 1 else inputs


def pooled(hidden, mask, modes):
    """Each mode on its own, texts one by one."""
    rows = []
    for states, kept in zip(hidden, mask):
        x = states[: int(kept.sum())]
        weights = torch.arange(1, len(x) + 1, dtype=torch.float32)[:, None]
        found = {
            "cls": x[0],
            "max": x.max(0).values,
            "mean": x.mean(0),
            "mean_sqrt_len_tokens": x.sum(0) / len(x) ** 0.5,
            "weightedmean": (x * weights).sum(0) / weights.sum(),
            "lasttoken": x[-1],
        }
        rows.append(torch.cat([found[mode] for mode in modes]))
    return torch.stack(rows)


def modules(folder, width, modes, denses=(), unit=True):
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")]
    kinds += [(f"{i + 2}_Dense", "Dense") for i in range(len(denses))]
    kinds += [(f"{len(kinds)}_Normalize", "Normalize")] if unit else []
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(listed, indent=2))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    spelled = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "weightedmean": "weightedmean_tokens"}
    config = {"word_embedding_dimension": width}
    config |= {f"pooling_mode_{spelled.get(mode, mode)}": True for mode in modes}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config, indent=2))
    for i, (weight, bias, function) in enumerate(denses):
        path = folder / f"{i + 2}_Dense"
        path.mkdir(exist_ok=True)
        names = {"Identity": "torch.nn.modules.linear.Identity", "Tanh": "torch.nn.modules.activation.Tanh"}
        (path / "config.json").write_text(
            json.dumps(
                {
                    "in_features": weight.shape[1],
                    "out_features": weight.shape[0],
                    "bias": bias is not None,
                    "activation_function": names[function],
                },
                indent=2,
            )
        )
        tensors = {"linear.weight": weight} | ({"linear.bias": bias} if bias is not None else {})
        save_file(tensors, path / "model.safetensors")


def make(root, name, model, renamed=None, first=0, modes=None, denses=(), unit=True):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    randomise(model)
    model.eval()
    config = model.config
    inputs = batch(config.vocab_size, first, config.pad_token_id or 0, getattr(config, "type_vocab_size", 0) or 0)
    with torch.no_grad():
        out = model(**inputs)
    result = {}
    if hasattr(out, "logits"):
        result["logits"] = out.logits
    else:
        result["last_hidden_state"] = out.last_hidden_state
    if modes:
        x = pooled(out.last_hidden_state, inputs["attention_mask"], modes)
        for weight, bias, function in denses:
            x = x @ weight.T + (bias if bias is not None else 0)
            x = torch.tanh(x) if function == "Tanh" else x
        result["embedding"] = torch.nn.functional.normalize(x, dim=1) if unit else x
        modules(folder, config.hidden_size, modes, denses, unit)
    model.save_pretrained(folder)
    tensors = {k: v.to(torch.bfloat16) for k, v in load_file(folder / "model.safetensors").items()}
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config_of(model, renamed or {}), indent=2) + "\n")
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_file({k: v.contiguous() for k, v in (inputs | result).items()}, folder / "oracle.safetensors")


def draw(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 0.3


WORDS = "the a cat dog sat on mat ran home rivers are long which animal query passage : ? . ##s ##ing sleep".split()
SENTENCES = ["The cat sat on a mat.", "Dogs ran home", "", "which animal sleeps?", "the dog " * 30]


def tokenizer(folder):
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    tok = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tok.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tok.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tok.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tok.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tok.save(str(folder / "tokenizer.json"))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tok, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]", mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def run(model, encoding):
    tensors = {k: torch.tensor([v]) for k, v in encoding.items()}
    with torch.no_grad():
        return model(**tensors)


def text_embeddings(root):
    """Prompts that are seen and not pooled, a default prompt, a limit on tokens; one text at a time."""
    model = transformers.BertModel(
        transformers.BertConfig(
            hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, vocab_size=30,
            max_position_embeddings=40, attn_implementation="eager",
        )
    )
    folder = root / "bert_text"
    make(root, "bert_text", model, modes=["mean"])
    tok = tokenizer(folder)
    prompts = {"query": "query: ", "passage": "passage: ", "none": ""}
    limit = 30
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": prompts, "default_prompt_name": "passage"}, indent=2)
    )
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": limit, "do_lower_case": False}))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text()) | {"include_prompt": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2))
    vectors = []
    for prompt in prompts.values():
        skipped = len(tok(prompt)["input_ids"]) - 1 if prompt else 0
        for text in SENTENCES:
            hidden = run(model, tok(prompt + text, truncation=True, max_length=limit)).last_hidden_state[0]
            vectors.append(torch.nn.functional.normalize(hidden[skipped:].mean(0), dim=0))
    save_file({"embeddings": torch.stack(vectors)}, folder / "texts.safetensors")
    (folder / "texts.json").write_text(json.dumps({"prompts": list(prompts), "texts": SENTENCES}, indent=2))


def text_pairs(root):
    """A query with documents, cut to the model's context; and pairs cut to every limit."""
    model = transformers.BertForSequenceClassification(
        transformers.BertConfig(
            hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, vocab_size=30,
            max_position_embeddings=20, num_labels=1, attn_implementation="eager",
        )
    )
    global LENGTHS
    LENGTHS = (5, 19)
    make(root, "bert_pairs", model)
    folder = root / "bert_pairs"
    tok = tokenizer(folder)
    query = "which animal sleeps?"
    pairs = tok([query] * len(SENTENCES), SENTENCES, truncation="longest_first", max_length=20)  # alone, "" would be no pair
    logits = [run(model, {k: v[i] for k, v in pairs.items()}).logits[0] for i in range(len(SENTENCES))]
    save_file({"logits": torch.stack(logits)}, folder / "texts.safetensors")
    cuts = []
    for first, second in (("the cat sat on a mat", "dogs"), ("dog", "the cat sat on a mat ."), ("a cat ran", "a dog sat")):
        for limit in range(3, 14):
            cut = tok(first, second, truncation="longest_first", max_length=limit)
            cuts.append({"first": first, "second": second, "limit": limit, "ids": cut["input_ids"], "types": cut["token_type_ids"]})
    (folder / "texts.json").write_text(json.dumps({"query": query, "documents": SENTENCES, "cuts": cuts}))


def gguf_file(root, name, source, architecture, names):
    """The model of a folder as llama.cpp's converter names its parts, with the folder's oracle beside it."""
    folder, origin = root / name, root / source
    folder.mkdir(exist_ok=True)
    config = json.loads((origin / "config.json").read_text())

    def key(*spellings):
        return next(config[s] for s in spellings if s in config)

    writer = gguf.GGUFWriter(folder / "model.gguf", architecture)
    writer.add_context_length(key("max_position_embeddings", "n_positions"))
    writer.add_embedding_length(key("hidden_size", "n_embd"))
    writer.add_block_count(key("num_hidden_layers", "n_layer"))
    writer.add_feed_forward_length(key("intermediate_size", "n_inner"))
    writer.add_head_count(key("num_attention_heads", "n_head"))
    writer.add_layer_norm_eps(key("layer_norm_eps", "layer_norm_epsilon", "norm_eps"))
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    if architecture == "nomic-bert":
        writer.add_rope_freq_base(config["rotary_emb_base"])
    for old, tensor in load_file(origin / "model.safetensors").items():
        stem, _, end = old.rpartition(".")
        layer = re.search(r"\.(\d+)\.", stem)
        new = names.get(re.sub(r"\.\d+\.", ".{n}.", stem, count=1))
        if new:
            name = new.replace("{n}", layer.group(1)) if layer else new
            writer.add_tensor(f"{name}.{end}", tensor.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "oracle.safetensors").write_bytes((origin / "oracle.safetensors").read_bytes())


BERT_NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
    "encoder.layer.{n}.attention.self.query": "blk.{n}.attn_q",
    "encoder.layer.{n}.attention.self.key": "blk.{n}.attn_k",
    "encoder.layer.{n}.attention.self.value": "blk.{n}.attn_v",
    "encoder.layer.{n}.attention.output.dense": "blk.{n}.attn_output",
    "encoder.layer.{n}.attention.output.LayerNorm": "blk.{n}.attn_output_norm",
    "encoder.layer.{n}.intermediate.dense": "blk.{n}.ffn_up",
    "encoder.layer.{n}.output.dense": "blk.{n}.ffn_down",
    "encoder.layer.{n}.output.LayerNorm": "blk.{n}.layer_output_norm",
}
NOMIC_NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.token_type_embeddings": "token_types",
    "emb_ln": "token_embd_norm",
    "encoder.layers.{n}.attn.Wqkv": "blk.{n}.attn_qkv",
    "encoder.layers.{n}.attn.out_proj": "blk.{n}.attn_output",
    "encoder.layers.{n}.norm1": "blk.{n}.attn_output_norm",
    "encoder.layers.{n}.mlp.fc11": "blk.{n}.ffn_up",
    "encoder.layers.{n}.mlp.fc12": "blk.{n}.ffn_gate",
    "encoder.layers.{n}.mlp.fc2": "blk.{n}.ffn_down",
    "encoder.layers.{n}.norm2": "blk.{n}.layer_output_norm",
}


def main(root):
    t = transformers
    base = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, vocab_size=50, pad_token_id=0)
    eager = dict(attn_implementation="eager")
    make(
        root,
        "bert_labels",
        t.BertForSequenceClassification(
            t.BertConfig(**base, hidden_act="gelu_new", max_position_embeddings=40, num_labels=3, **eager)
        ),
    )
    small = base | dict(hidden_size=20, num_attention_heads=2)
    make(root, "bert_masked", t.BertForMaskedLM(t.BertConfig(**small, max_position_embeddings=33, **eager)))
    make(
        root,
        "bert_poolings",
        t.BertModel(t.BertConfig(**base, max_position_embeddings=40, **eager)),
        modes=["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"],
        denses=[(draw(1, 10, 144), draw(2, 10), "Tanh")],
        unit=False,
    )
    make(
        root,
        "distilbert_rank",
        t.DistilBertForSequenceClassification(
            t.DistilBertConfig(
                dim=24, n_layers=2, n_heads=3, hidden_dim=40, vocab_size=50, max_position_embeddings=40, num_labels=1, **eager
            )
        ),
    )
    pad = base | dict(pad_token_id=1)
    make(
        root,
        "roberta_masked",
        t.RobertaForMaskedLM(t.RobertaConfig(**pad, max_position_embeddings=40, type_vocab_size=1, **eager)),
        first=2,
    )
    make(
        root,
        "xlm_roberta_labels",
        t.XLMRobertaForSequenceClassification(
            t.XLMRobertaConfig(**pad, max_position_embeddings=35, type_vocab_size=1, num_labels=2, **eager)
        ),
        first=2,
    )
    modern = base | dict(num_hidden_layers=5, local_attention=7, max_position_embeddings=64, cls_token_id=1, sep_token_id=2)
    spelled = {
        "rope_parameters": None,
        "layer_types": None,
    }
    for name, kind, more in (
        ("modernbert_mean", t.ModernBertForSequenceClassification, dict(classifier_pooling="mean", num_labels=2)),
        ("modernbert_masked", t.ModernBertForMaskedLM, dict(norm_bias=True, attention_bias=True, mlp_bias=True)),
    ):
        model = kind(
            t.ModernBertConfig(
                **modern, **more, global_rope_theta=5000.0, local_rope_theta=300.0, global_attn_every_n_layers=2, **eager
            )
        )
        make(root, name, model, spelled)
        path = root / name / "config.json"
        config = json.loads(path.read_text()) | dict(
            global_rope_theta=5000.0, local_rope_theta=300.0, global_attn_every_n_layers=2
        )
        path.write_text(json.dumps(config, indent=2) + "\n")
    make(
        root,
        "nomic_bert",
        t.NomicBertModel(t.NomicBertConfig(**base, max_position_embeddings=40, **eager)),
        {
            "hidden_size": "n_embd",
            "num_hidden_layers": "n_layer",
            "num_attention_heads": "n_head",
            "intermediate_size": "n_inner",
            "max_position_embeddings": "n_positions",
            "layer_norm_eps": "layer_norm_epsilon",
            "hidden_act": None,
            "rope_parameters": None,
            "head_dim": None,
        },
        modes=["mean"],
    )
    path = root / "nomic_bert" / "config.json"
    config = json.loads(path.read_text()) | dict(activation_function="swiglu", rotary_emb_base=1000, rotary_emb_fraction=1.0)
    path.write_text(json.dumps(config, indent=2) + "\n")
    rope = {"rope_parameters": None}
    make(
        root,
        "gemma3_dense",
        t.Gemma3TextModel(
            t.Gemma3TextConfig(
                **(base | dict(num_hidden_layers=3)),
                head_dim=10,
                num_key_value_heads=1,
                sliding_window=9,
                layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                max_position_embeddings=64,
                query_pre_attn_scalar=10,
                use_bidirectional_attention=True,
                **eager,
            )
        ),
        modes=["mean"],
        denses=[(draw(3, 30, 24), None, "Identity"), (draw(4, 16, 30), None, "Identity")],
    )
    make(
        root,
        "qwen3_labels",
        t.Qwen3ForSequenceClassification(
            t.Qwen3Config(
                **base, num_key_value_heads=1, head_dim=10, max_position_embeddings=64, num_labels=1, tie_word_embeddings=True, **eager
            )
        ),
    )
    narrow = base | dict(embedding_size=14, max_position_embeddings=40)
    make(root, "electra_masked", t.ElectraForMaskedLM(t.ElectraConfig(**narrow, hidden_act="relu", **eager)))
    wide = base | dict(embedding_size=24, max_position_embeddings=33, num_labels=2)
    make(root, "electra_labels", t.ElectraForSequenceClassification(t.ElectraConfig(**wide, **eager)))
    gguf_file(root, "nomic_bert_gguf", "nomic_bert", "nomic-bert", NOMIC_NAMES)
    text_embeddings(root)
    gguf_file(root, "bert_gguf", "bert_text", "bert", BERT_NAMES)
    text_pairs(root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
