"""Small sums: additions and subtractions, bare or told as a little story, and how to think them through digit by digit.

In: a `World`. Out: a `Turn`. Pairs of numbers above nine are kept out of training by pair, whatever their order; pairs of
single digits are the facts that all other sums rest on, and stay in training.
"""

from .turns import Turn
from .words import World

_COUNTED = "apples nuts pears books shells eggs cakes buttons stones flowers balls stars plums coins".split()


def small_sum(world: World, limit: int) -> Turn:
    """A sum of two numbers up to `limit`, neither result below nought."""
    a, b, plus = _numbers(world, limit)
    result = a + b if plus else a - b
    worded = world.chance(0.3)
    user, answer = _in_words(world, a, b, plus, result) if worded else _bare(world, a, b, plus, result)
    return Turn("sum", user, answer, _add(a, b) if plus else _subtract(a, b), {"number": result, "large": max(a, b) > 20})


def allowed_pair(world: World, a: int, b: int) -> bool:
    if max(a, b) <= 9:
        return world.split == "train"
    return world.allows("sum", min(a, b), max(a, b))


def _numbers(world: World, limit: int) -> tuple[int, int, bool]:
    while True:
        a, b = (int(world.rng.random() * (limit + 1)) for _ in range(2))
        plus = world.chance(0.55)
        if not plus:
            a, b = max(a, b), min(a, b)
        if allowed_pair(world, a, b):
            return a, b, plus


def _bare(world: World, a: int, b: int, plus: bool, result: int) -> tuple[str, str]:
    sign, word = ("+", "plus") if plus else ("-", "minus")
    user = world.pick((f"What is {a} {sign} {b}?", f"{a} {sign} {b}", f"What is {a} {word} {b}?", f"How much is {a} {sign} {b}?",
                       f"{a} {sign} {b} = ?", f"How much is {a} {word} {b}?", f"Can you work out {a} {sign} {b}?"))
    return user, f"{a} {sign} {b} = {result}."


def _in_words(world: World, a: int, b: int, plus: bool, result: int) -> tuple[str, str]:
    person, thing = world.person(0), world.pick(_COUNTED)
    he = "she" if person.female else "he"
    name = person.name
    if plus:
        change = world.pick((f"{he} gets {b} more", f"{he} finds {b} more", f"a friend gives {name} {b} more"))
    else:
        change = world.pick((f"{he} gives away {b}", f"{he} loses {b}", f"{he} uses {b} of them"))
    user = f"{name} has {a} {thing}. Then {change}. How many {thing} does {name} have now?"
    return user, f"{name} has {result} {thing} now."


def _add(a: int, b: int) -> str:
    """47 + 25: ones 7 + 5 = 12, write 2, carry 1; tens 4 + 2 + 1 = 7; so 72."""
    if max(a, b) <= 9:
        return f"{a} + {b} = {a + b}."
    ones = a % 10 + b % 10
    carry = ones // 10
    tens = a // 10 + b // 10 + carry
    first = f"Ones: {a % 10} + {b % 10} = {ones}" + (f", write {ones % 10}, carry 1." if carry else ".")
    second = f"Tens: {a // 10} + {b // 10}" + (" + 1" if carry else "") + f" = {tens}."
    return f"{a} + {b}. {first} {second} So {a} + {b} = {a + b}."


def _subtract(a: int, b: int) -> str:
    """52 - 27: ones 2 is less than 7, so borrow: 12 - 7 = 5; tens 5 - 1 - 2 = 2; so 25."""
    if max(a, b) <= 9:
        return f"{a} - {b} = {a - b}."
    borrow = a % 10 < b % 10
    ones = a % 10 - b % 10 + (10 if borrow else 0)
    if borrow:
        first = f"Ones: {a % 10} is less than {b % 10}, so borrow: {a % 10 + 10} - {b % 10} = {ones}."
    else:
        first = f"Ones: {a % 10} - {b % 10} = {ones}."
    second = f"Tens: {a // 10}" + (" - 1" if borrow else "") + f" - {b // 10} = {a // 10 - b // 10 - borrow}."
    return f"{a} - {b}. {first} {second} So {a} - {b} = {a - b}."
