"""Measure the exported model on the held-out split, greedily, with transformers.

In: the model's folder and `data/test.jsonl`. Out: a table on standard output and, with `--out`, the same as JSON; with
`--show`, some answers to read.

    python evaluate.py --show 3
"""

import argparse
import json
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from packing import documents
from tinyworld.check import fits
from tinyworld.plots import ENDING
from tinyworld.words import KNOWN_NAMES

HERE = Path(__file__).parent
Record = dict[str, Any]
_CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)
_NAME = re.compile(r"(?<![.!?\"] )(?<!\")\b[A-Z][a-z]+")
_NOT_NAMES = {"Once", "Monday", "Tuesday", "May", "The"}


def calls_in(text: str) -> list[Any]:
    """The tool calls of an answer; one that does not parse counts as None."""
    def parsed(found: str) -> Any:
        try:
            return json.loads(found)
        except json.JSONDecodeError:
            return None
    return [parsed(found) for found in _CALL.findall(text)]


def story_checks(text: str, ended: bool, mentions: list[str], prompt: str) -> dict[str, bool]:
    names = {name for name in _NAME.findall(text) if name not in _NOT_NAMES}
    told = fits(text)
    return {"ends with its phrase": ended and text.endswith(ENDING),
            "mentions what was asked": all(word in text for word in mentions),
            "only known names": names <= KNOWN_NAMES | set(re.findall(r"[A-Z]\w+", prompt)),
            "every sentence fits one plot": told is not None}


def judge(record: Record, answer: str, ended: bool) -> dict[str, bool]:
    """Named verdicts on one answer; the thought is not judged."""
    kind, expect = record["kind"], record["expect"]
    said = answer.split("</think>")[-1].strip()
    if kind == "tool_call":
        calls = calls_in(said)
        return {"exact call": calls == expect["calls"],
                "right tool": [c and c.get("name") for c in calls] == [c["name"] for c in expect["calls"]]}
    if kind == "tool_answer":
        return {"holds the result": all(key in said for key in expect["keys"]) and not calls_in(said)}
    if kind == "tool_none":
        return {"calls nothing": "<tool_call>" not in answer}
    if kind == "sum":
        numbers = re.findall(r"\d+", said)
        return {"right": bool(numbers) and int(numbers[-1]) == expect["number"]}
    if kind == "story":
        return story_checks(said, ended, expect["mentions"], record["messages"][-2]["content"])
    return {"right": re.search(rf"\b{re.escape(expect.get('key', ''))}\b", said) is not None}


def group(record: Record) -> str:
    """The line of the table that a record counts for; "" for none."""
    kind = record["kind"]
    if "text" in record or (kind == "talk" and "key" not in record["expect"]):
        return ""
    if kind == "sum":
        kind = "sum to 99" if record["expect"]["large"] else "sum to 20"
    elif kind == "question":
        told = any("Once upon" in message["content"] for message in record["messages"])
        kind = "question on a story" if told else "question on a few sentences"
    return f"{kind}, {'thinking' if record['thinking'] else 'no thinking'}"


@torch.inference_mode()
def answers(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, asked: list[Record]) -> list[tuple[str, bool]]:
    """Greedy answers and whether each came to its end, in the order asked; rows of like length go together."""
    prompts = [tokenizer.apply_chat_template(r["messages"][:-1], tools=r.get("tools"), tokenize=False,
                                             add_generation_prompt=True, enable_thinking=r["thinking"]) for r in asked]
    order = sorted(range(len(asked)), key=lambda i: (asked[i]["kind"] == "story", len(prompts[i])))
    result: list[tuple[str, bool]] = [("", False)] * len(asked)
    for at in range(0, len(order), 64):
        chosen = order[at:at + 64]
        batch = tokenizer([prompts[i] for i in chosen], return_tensors="pt", padding=True, padding_side="left")
        out = model.generate(batch["input_ids"], attention_mask=batch["attention_mask"], do_sample=False, max_new_tokens=400)
        for i, ids in zip(chosen, out[:, batch["input_ids"].shape[1]:].tolist()):
            stops = [at for at, token in enumerate(ids) if token in model.generation_config.eos_token_id]
            result[i] = (tokenizer.decode(ids[:stops[0]] if stops else ids), bool(stops))
    return result


@torch.inference_mode()
def perplexity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: Path, count: int) -> tuple[float, int]:
    """Per token of what the assistant says (the words a user says are as random as the generator), and how many tokens."""
    loss, tokens = 0.0, 0.0
    for _, document in zip(range(count), documents(path, tokenizer, chunk=count)):
        ids = torch.from_numpy(document.ids).long()[None]
        counted = torch.from_numpy(document.weights[1:] == 1)
        logits = model(ids[:, :-1]).logits[0].float()
        losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
        loss, tokens = loss + float(losses[counted].sum()), tokens + int(counted.sum())
    return float(torch.tensor(loss / tokens).exp()), int(tokens)


def choose(path: Path, each: int) -> dict[str, list[Record]]:
    """The first `each` records of every group."""
    groups: dict[str, list[Record]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            name = group(record)
            if name and len(groups[name]) < each:
                groups[name].append(record)
    return groups


def evaluate(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: Path, each: int, show: int) -> dict[str, Any]:
    """For every group its size and, for every verdict, the share that passed."""
    groups = dict(sorted(choose(path, each).items()))
    given = iter(answers(model, tokenizer, [record for records in groups.values() for record in records]))
    table: dict[str, Any] = {}
    for name, records in groups.items():
        answered = [(record, *next(given)) for record in records]
        verdicts = [judge(*one) for one in answered]
        table[name] = {"n": len(records)} | {
            verdict: sum(v[verdict] for v in verdicts) / len(verdicts) for verdict in verdicts[0]}
        _show(name, table[name], answered, verdicts, show)
    return table


def _show(name: str, row: dict[str, Any], answered: list, verdicts: list[dict[str, bool]], count: int) -> None:
    shares = ", ".join(f"{verdict} {share:.1%}" for verdict, share in row.items() if verdict != "n")
    print(f"{name} (n = {row['n']}): {shares}", flush=True)
    wrong = [one for one, verdict in zip(answered, verdicts) if not all(verdict.values())]
    for record, answer, _ in wrong[:count]:
        print(f"    asked:    {record['messages'][-2]['content']!r}\n    answered: {answer!r}\n"
              f"    expected: {record['expect']}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=HERE / "model")
    parser.add_argument("--test", type=Path, default=HERE / "data/test.jsonl")
    parser.add_argument("--each", type=int, default=150, help="at most so many records of each group")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong answers of each group")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    begun = time.monotonic()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()
    table = evaluate(model, tokenizer, args.test, args.each, args.show)
    value, tokens = perplexity(model, tokenizer, args.test, 1000)
    table["perplexity"] = {"value": value, "tokens": tokens}
    print(f"perplexity {value:.3f} over {tokens} tokens; {time.monotonic() - begun:.0f} s")
    if args.out:
        args.out.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
