"""One exchange of a conversation, and how exchanges become a record.

A record is a dictionary that fits on one line of JSON: `kind`, `messages` in the form chat templates take, `tools` where
tools are offered, `thinking`, and `expect`, what an evaluation has to find in the last message.
"""

from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """A user's words, the assistant's answer, the thought that leads to it, and what an evaluation looks for."""

    kind: str
    user: str
    answer: str
    thought: str
    expect: dict[str, Any] = field(default_factory=dict)

    def messages(self) -> list[dict[str, Any]]:
        return [{"role": "user", "content": self.user},
                {"role": "assistant", "content": self.answer, "reasoning_content": self.thought}]


def conversation(turns: list[Turn], thinking: bool, system: str = "", tools: list | None = None) -> Record:
    """The turns one after another; the last one is what the record is about."""
    messages = [message for turn in turns for message in turn.messages()]
    return record(turns[-1].kind, messages, thinking, turns[-1].expect, system, tools)


def record(kind: str, messages: list[dict[str, Any]], thinking: bool, expect: dict[str, Any], system: str = "",
           tools: list | None = None) -> Record:
    """Without thinking, no message keeps its thought; the chat template then writes the empty one."""
    if not thinking:
        messages = [{k: v for k, v in m.items() if k != "reasoning_content"} for m in messages]
    if system:
        messages = [{"role": "system", "content": system}, *messages]
    result: Record = {"kind": kind, "messages": messages, "thinking": thinking, "expect": expect}
    if tools:
        result["tools"] = tools
    return result
