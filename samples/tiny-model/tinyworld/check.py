"""Does a story hold together? Reads a text back against the plots that it could have been told from.

In: a story's text. Out: the plot's name and the slots, where every sentence fits one plot, in order, and says the same of
hero, friend, thing, place and pronouns from beginning to end; otherwise nothing.
"""

import re

from .plots import ENDING, OPENINGS, PLOTS
from .words import ANIMALS, COLOURS, FEARS, FOODS, HOMES, PLACES, PLANTS, SKILLS, THINGS, article

_SLOT = re.compile(r"\{(\w+)\}")
_CLOSED = {"colour": COLOURS, "thing": THINGS, "place": PLACES, "home_place": PLACES, "home": HOMES, "food": FOODS,
           "fear": FEARS, "friend_kind": [*ANIMALS, "girl", "boy"], "skill": [skill for skill, _ in SKILLS],
           "seed": [seed for seed, _, _ in PLANTS], "plant": [plant for _, plant, _ in PLANTS],
           "fruit": [fruit for _, _, fruit in PLANTS]}
_OPEN = {"hero": "[A-Z][a-z]+", "friend": "[A-Z][a-z]+"}
_PRONOUNS = {"she": ("her", "her"), "he": ("him", "his")}


def fits(text: str) -> tuple[str, dict[str, str]] | None:
    """The first plot and slots that the whole text follows."""
    for plot in PLOTS:
        slots = _match(text, [OPENINGS, *plot.beats, (ENDING,)], {})
        if slots is not None:
            return plot.name, slots
    return None


def _match(text: str, beats: list[tuple[str, ...]], slots: dict[str, str]) -> dict[str, str] | None:
    """Slots that make the beats say this text, extending those given; tried depth first."""
    if not beats:
        return slots if not text else None
    for option in beats[0]:
        found = re.match(_pattern(option, slots) + r"(?: |$)", text)
        if not found:
            continue
        extended = slots | found.groupdict()
        if _consistent(extended):
            result = _match(text[found.end():], beats[1:], extended)
            if result is not None:
                return result
    return None


def _pattern(template: str, slots: dict[str, str]) -> str:
    """A template as a regular expression: bound slots by their value, new ones by a group."""
    parts, seen, at = [], set(), 0
    for slot in _SLOT.finditer(template):
        name = slot.group(1)
        parts.append(re.escape(template[at:slot.start()]))
        if name in slots:
            parts.append(_either_case(slots[name]) if not template[:slot.start()] else re.escape(slots[name]))
        elif name in seen:
            parts.append(f"(?P={name})")
        else:
            parts.append(f"(?P<{name}>{_values(name)})")
            seen.add(name)
        at = slot.end()
    return "".join(parts) + re.escape(template[at:])


def _values(slot: str) -> str:
    """What may fill a slot: one of its words, where they are known."""
    known = _CLOSED.get(slot)
    return "|".join(map(re.escape, known)) if known else _OPEN.get(slot, "[^.!?\"]+?")


def _either_case(value: str) -> str:
    return f"(?:{re.escape(value)}|{re.escape(value[0].upper() + value[1:])})"


def _consistent(slots: dict[str, str]) -> bool:
    """Slots that say the same thing twice must agree: a red kite is red and a kite, she is not him."""
    for prefix in ("", "f"):
        he = slots.get(prefix + "he") or slots.get(prefix.upper() + "He", "").lower()
        if he:
            if he not in _PRONOUNS or slots.get(prefix + "he", he) != he or slots.get(prefix.upper() + "He", he).lower() != he:
                return False
            him, his = _PRONOUNS[he]
            if slots.get(prefix + "him", him) != him or slots.get(prefix + "his", his) != his:
                return False
    colour, thing, whole = (slots.get(name) for name in ("colour", "thing", "a_colour_thing"))
    if whole and colour and thing and whole != article(f"{colour} {thing}"):
        return False
    if whole and thing and not whole.endswith(" " + thing):
        return False
    kind = slots.get("hero_intro", "").split(" ")[-1]
    same_kind = kind == slots.get("friend_kind") and kind not in ("girl", "boy")
    return slots.get("hero") != slots.get("friend") and not (kind and same_kind)
