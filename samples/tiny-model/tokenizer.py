"""The tiny model's tokenizer: byte-level BPE in the manner of Qwen3, trained on the generated text.

In: a file of records and the chat template. Out: `tokenizer.json`, `tokenizer_config.json` and `chat_template.jinja` in the
model's folder. Every byte is in the vocabulary and nothing is normalised, so that any text comes back as it went in.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
VOCABULARY_SIZE = 1536
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MARKERS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
# Qwen3's: words with the space before them, digits one by one, signs, line ends.
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def train(texts: Iterator[str]) -> Tokenizer:
    """Merges come first, then the added tokens, so that the vocabulary has exactly `VOCABULARY_SIZE` entries."""
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated")
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, as_bytes])
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE - len(SPECIAL) - len(MARKERS), min_frequency=2, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in MARKERS])
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, context_size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    template = (HERE / "chat_template.jinja").read_text(encoding="utf-8")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    added = {str(tokenizer.token_to_id(text)): {
        "content": text, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
        "special": text in SPECIAL} for text in SPECIAL + MARKERS}
    config = {"add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": added,
              "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "bos_token": None, "chat_template": template,
              "clean_up_tokenization_spaces": False, "eos_token": "<|im_end|>", "errors": "replace",
              "model_max_length": context_size, "pad_token": "<|endoftext|>", "split_special_tokens": False,
              "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": None}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast.from_pretrained(folder)


def render(tokenizer: PreTrainedTokenizerFast, made: dict[str, Any]) -> str:
    """A record as the text that the model reads; a plain story ends with <|endoftext|>."""
    if "text" in made:
        return made["text"] + "<|endoftext|>"
    return tokenizer.apply_chat_template(made["messages"], tools=made.get("tools"), tokenize=False,
                                         enable_thinking=made["thinking"])


def _texts(path: Path, count: int) -> Iterator[str]:
    """The text of messages, tools and calls, and the words that the template puts around them."""
    around = re.findall(r"'([^'<>]+)'", (HERE / "chat_template.jinja").read_text(encoding="utf-8"))
    with path.open(encoding="utf-8") as lines:
        for _, line in zip(range(count), lines):
            made = json.loads(line)
            yield made.get("text", "")
            for message in made.get("messages", ()):
                yield f"{message['role']}\n{message['content']}"
                yield message.get("reasoning_content", "")
                for call in message.get("tool_calls", ()):
                    yield json.dumps(call["function"], ensure_ascii=False)
            for tool in made.get("tools", ()):
                yield from around
                yield json.dumps(tool, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "data/train.jsonl")
    parser.add_argument("--model", type=Path, default=HERE / "model")
    parser.add_argument("--count", type=int, default=20_000, help="how many records to train on")
    parser.add_argument("--context", type=int, default=1024)
    args = parser.parse_args()
    save(train(_texts(args.data, args.count)), args.model, args.context)


if __name__ == "__main__":
    main()
