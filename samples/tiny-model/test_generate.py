"""Tests of the generator; standard library only: python -m unittest test_generate.py"""

import json
import re
import unittest
from typing import Any

from generate import records
from tinyworld.check import fits
from tinyworld.words import HELD_OUT, World

COUNT = 4000
TRAIN = list(records("train", COUNT))
TEST = list(records("test", COUNT))


def stories(made: list[dict[str, Any]]) -> list[str]:
    return [record["text"] for record in made if "text" in record]


def last_words(record: dict[str, Any]) -> str:
    """The last thing the user says."""
    return next((m["content"] for m in reversed(record.get("messages", [])) if m["role"] == "user"), "")


class GenerateTest(unittest.TestCase):
    def test_records_sameSeed(self):
        self.assertEqual(TRAIN[:500], list(records("train", 500)))

    def test_records_otherSeed(self):
        self.assertNotEqual(TRAIN[:500], list(records("train", 500, seed=1)))

    def test_train_holdsNoHeldOutName(self):
        names = re.compile(r"\b(" + "|".join(sorted(HELD_OUT)) + r")\b")
        found = [match.group() for record in TRAIN for match in names.finditer(json.dumps(record))]
        self.assertEqual([], found)

    def test_train_holdsNoHeldOutStory(self):
        for text in stories(TRAIN):
            plot, slots = fits(text)
            kind = slots["hero_intro"].split(" ")[-1]
            if "thing" in slots and "place" in slots:
                self.assertTrue(World(None, "train").allows(plot, kind, slots["thing"], slots["place"]), text)

    def test_train_holdsNoHeldOutSum(self):
        pair = re.compile(r"^\D*(\d+) (?:\+|-|plus|minus) (\d+)\D*$")
        pairs = [{tuple(sorted(map(int, found.groups()))) for r in made if r["kind"] == "sum"
                  if (found := pair.match(last_words(r)))} for made in (TRAIN, TEST)]
        self.assertTrue(pairs[0] and pairs[1])
        self.assertEqual(set(), pairs[0] & pairs[1])

    def test_train_holdsNoHeldOutExpressionOrConversion(self):
        calls = [{json.dumps(c) for r in made if r["kind"] == "tool_call" for c in r["expect"]["calls"]} for made in (TRAIN, TEST)]
        self.assertEqual(set(), calls[0] & calls[1])

    def test_train_asksNoHeldOutFact(self):
        questions = [{last_words(r) for r in made if r["kind"] == "fact"} for made in (TRAIN, TEST)]
        self.assertEqual(set(), questions[0] & questions[1])

    def test_toolCalls_parseAndAreOffered(self):
        for record in TRAIN + TEST:
            offered = {t["function"]["name"]: t["function"]["parameters"] for t in record.get("tools", ())}
            for message in record.get("messages", ()):
                for call in message.get("tool_calls", ()):
                    function = json.loads(json.dumps(call))["function"]
                    self.assertIn(function["name"], offered)
                    parameters = offered[function["name"]]
                    self.assertLessEqual(set(parameters["required"]), set(function["arguments"]))
                    self.assertLessEqual(set(function["arguments"]), set(parameters["properties"]))

    def test_stories_holdTogether(self):
        for text in stories(TRAIN + TEST):
            self.assertIsNotNone(fits(text), text)

    def test_thoughts_onlyWhereThinking(self):
        for record in TRAIN + TEST:
            thoughts = [m.get("reasoning_content") for m in record.get("messages", ()) if m["role"] == "assistant"]
            self.assertEqual(bool(record.get("thinking")), any(thoughts), record)


if __name__ == "__main__":
    unittest.main()
