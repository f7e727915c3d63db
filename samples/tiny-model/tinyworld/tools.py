"""Conversations with tools: weather, calculator and convert_units.

In: a `World`. Out: records whose messages hold `tool_calls` and `tool` results in the form chat templates take, some
cut after the call, some running to the answer in words. Held out are cities, expressions and (value, unit, unit).
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from .talk import small_talk
from .turns import Record, record
from .words import World

_WEATHER_TEXTS = ("Get the weather in a city.", "Get the current weather for a city.", "Returns the weather of a city.",
                  "Tells the weather in a given city.", "Current weather")
_CALCULATOR_TEXTS = ("Work out an arithmetic expression.", "Evaluate a mathematical expression.", "A calculator.",
                     "Calculates the value of an expression.", "Computes the result of an arithmetic expression.")
_CONVERT_TEXTS = ("Convert a value from one unit to another.", "Converts units.", "Convert between units of measure.",
                  "Converts a value between two units.")
_CITY_TEXTS = ("The city", "Name of the city", "The name of the city", "The city, for example Paris")
_UNIT_TEXTS = ("The unit of temperature", "celsius or fahrenheit", "Temperature unit")
_EXPRESSION_TEXTS = ("The expression", "The expression, for example 2 + 3", "An arithmetic expression")

# unit, unit, factor: how many of the second one of the first is
_FACTORS = (("miles", "kilometres", 1.609344), ("metres", "feet", 3.28084), ("kilograms", "pounds", 2.204623),
            ("litres", "gallons", 0.264172), ("inches", "centimetres", 2.54), ("hours", "minutes", 60.0),
            ("days", "hours", 24.0), ("grams", "ounces", 0.035274), ("yards", "metres", 0.9144),
            ("kilometres", "metres", 1000.0), ("weeks", "days", 7.0), ("minutes", "seconds", 60.0),
            ("litres", "cups", 4.226753), ("kilograms", "grams", 1000.0))
_CONDITIONS = ("sunny", "cloudy", "rainy", "snowy", "windy", "foggy", "stormy", "clear", "partly cloudy", "light rain")
_OPERATORS = (("+", ("plus", "added to")), ("-", ("minus",)), ("*", ("times", "multiplied by")), ("/", ("divided by", "over")))


@dataclass(frozen=True)
class Task:
    """A wish for one tool call: the call, a result and the answer in words; `keys` are what that answer must hold."""

    user: str
    name: str
    arguments: dict[str, Any]
    result: str
    answer: str
    thought: str
    keys: tuple[str, ...]


def tool_record(world: World, thinking: bool, system: str = "") -> Record:
    """A conversation that calls a tool, cut after the call or after the answer."""
    tasks = _tasks(world)
    tools = describe(world, _offered(world, tasks[0].name))
    earlier = _earlier(world, [tool["function"]["name"] for tool in tools])
    messages = earlier + _call_messages(tasks)
    if world.chance(0.45):
        calls = [{"name": task.name, "arguments": task.arguments} for task in tasks]
        return record("tool_call", messages, thinking, {"calls": calls}, system, tools)
    keys = [key for task in tasks for key in task.keys]
    return record("tool_answer", messages + _answer_messages(tasks), thinking, {"keys": keys}, system, tools)


def missing_tool_record(world: World, thinking: bool, system: str = "") -> Record:
    """A wish that none of the offered tools can fulfil: the model says so and calls nothing."""
    missing = world.pick(("weather", "convert_units"))
    task = _MAKERS[missing](world)
    others = [name for name in _MAKERS if name != missing]
    offered = world.pick((others, others[:1], others[1:], []))
    what = "the weather" if missing == "weather" else "the conversion of units"
    messages = [{"role": "user", "content": task.user},
                {"role": "assistant", "content": f"I am sorry, I have no tool for {what}.",
                 "reasoning_content": f"The user asks for {what}. I have no tool for that."}]
    return record("tool_none", messages, thinking, {"key": "no tool"}, system, describe(world, offered))


def describe(world: World, names: list[str]) -> list[dict[str, Any]]:
    """The tools' descriptions in the form of OpenAI's function calling, in wordings that vary."""
    return [_DESCRIBERS[name](world) for name in names]


def some_tools(world: World) -> list[dict[str, Any]]:
    """Descriptions of one to three tools, for conversations that do not need them."""
    return describe(world, _offered(world, world.pick(tuple(_MAKERS))))


def _offered(world: World, needed: str) -> list[str]:
    names = [needed] + [name for name in _MAKERS if name != needed and world.chance(0.6)]
    world.rng.shuffle(names)
    return names


def _earlier(world: World, offered: list[str]) -> list[dict[str, Any]]:
    """Now and then, what was said before: small talk, or a finished task for one of the offered tools."""
    if world.chance(0.12):
        return small_talk(world).messages()
    if world.chance(0.12):
        task = _MAKERS[world.pick(offered)](world)
        return _call_messages([task]) + _answer_messages([task])
    return []


def _tasks(world: World) -> list[Task]:
    name = world.pick(tuple(_MAKERS))
    task = _MAKERS[name](world)
    if name == "weather" and world.chance(0.15):
        return _two_cities(world)
    if world.chance(0.06):
        return [_failed(world, task)]
    return [task]


def _call_messages(tasks: list[Task]) -> list[dict[str, Any]]:
    calls = [{"type": "function", "function": {"name": task.name, "arguments": task.arguments}} for task in tasks]
    return [{"role": "user", "content": tasks[0].user},
            {"role": "assistant", "content": "", "reasoning_content": tasks[0].thought, "tool_calls": calls}]


def _answer_messages(tasks: list[Task]) -> list[dict[str, Any]]:
    results = [{"role": "tool", "content": task.result} for task in tasks]
    return results + [{"role": "assistant", "content": " ".join(task.answer for task in tasks),
                       "reasoning_content": "The tool has answered. I tell the user the result."}]


def _failed(world: World, task: Task) -> Task:
    reason = world.pick(("not available", "timeout", "unknown error", "service is down"))
    return replace(task, result=json.dumps({"error": reason}), keys=("sorry",),
                   answer=f"I am sorry, the tool did not work: {reason}.")


def _two_cities(world: World) -> list[Task]:
    first, second = world.city(), world.city()
    while second == first:
        second = world.city()
    user = world.pick((f"What is the weather in {first} and {second}?", f"How is the weather in {first} and in {second}?",
                       f"Weather in {first} and {second}, please.", f"Compare the weather in {first} and {second}."))
    thought = f"The user asks for the weather in {first} and {second}. I call weather twice."
    return [replace(_weather_task(world, city, ""), user=user, thought=thought) for city in (first, second)]


def _weather(world: World) -> Task:
    return _weather_task(world, world.city(), world.pick(("", "", "celsius", "fahrenheit")))


def _weather_task(world: World, city: str, unit: str) -> Task:
    suffix = world.pick((f" in {unit}", f" in degrees {unit}", f" in {unit.capitalize()}")) if unit else ""
    user = world.pick(("What is the weather in {c}{u}?", "What is the weather like in {c}{u}?", "How is the weather in {c}{u}?",
                       "Tell me the weather in {c}{u}.", "How warm is it in {c}{u}?", "What is the temperature in {c}{u}?",
                       "What's the weather in {c}{u}?", "Weather in {c}{u}", "Can you tell me the weather in {c}{u}?",
                       "Please check the weather in {c}{u}.", "I am going to {c}. What is the weather there{u}?",
                       "Is it cold in {c} today? Please tell me the temperature{u}.", "How is the weather in {c} today{u}?"
                       )).format(c=city, u=suffix)
    arguments = {"city": city} | ({"unit": unit} if unit else {})
    shown = unit or "celsius"
    degrees = str(int(world.rng.random() * 45) - 10 if shown == "celsius" else int(world.rng.random() * 85) + 15)
    sky = world.pick(_CONDITIONS)
    result = world.pick((
        json.dumps({"city": city, "temperature": int(degrees), "unit": shown, "condition": sky}),
        json.dumps({"temperature": int(degrees), "unit": shown, "condition": sky}),
        json.dumps({"temperature": int(degrees), "condition": sky}),
        f"{degrees} degrees {shown}, {sky}", f"{sky}, {degrees} degrees {shown}"))
    thought = f"The user asks for the weather in {city}. I call weather" + (f" with {unit}." if unit else ".")
    answer = f"In {city} it is {degrees} degrees {shown} and {sky}."
    return Task(user, "weather", arguments, result, answer, thought, (city, degrees, sky))


def _calculator(world: World) -> Task:
    while True:
        spoken, expression = _expression(world)
        if world.allows("calculator", expression):
            break
    user = world.pick(("What is {e}?", "Calculate {e}.", "How much is {e}?", "Work out {e}, please.", "{e} = ?", "{e}",
                       "Please calculate {e}.", "Can you work out {e}?", "Use the calculator: {e}")).format(e=spoken)
    value = eval(expression)  # our own digits and operators only
    number = f"{value:.10g}" if abs(value) < 1e10 else str(int(value))
    result = world.pick((number, json.dumps({"result": json.loads(number)}), f"{expression} = {number}"))
    return Task(user, "calculator", {"expression": expression}, result, f"{expression} = {number}.",
                f"This is a sum. I call calculator with {expression}.", (number,))


def _expression(world: World) -> tuple[str, str]:
    """The expression as the user says it, and as the tool takes it."""
    a, b, c = (_number(world) for _ in range(3))
    sign, words = world.pick(_OPERATORS)
    if world.chance(0.2):
        second, _ = world.pick(_OPERATORS)
        whole = world.pick((f"({a} {sign} {b}) * {c}", f"{a} {sign} {b} {second} {c}", f"{a} * ({b} + {c})"))
        return whole, whole
    whole = f"{a} {sign} {b}"
    return world.pick((whole, whole, f"{a}{sign}{b}", f"{a} {world.pick(words)} {b}")), whole


def _convert(world: World) -> Task:
    while True:
        source, target, factor = world.pick(_FACTORS)
        if world.chance(0.5):
            source, target, factor = target, source, 1 / factor
        text = str(_number(world)) if world.chance(0.8) else f"{_number(world) % 100}.{1 + int(world.rng.random() * 9)}"
        if world.allows("convert", text, source, target):
            break
    value = json.loads(text)
    user = world.pick(("Convert {v} {s} to {t}.", "How many {t} are {v} {s}?", "How much is {v} {s} in {t}?",
                       "What is {v} {s} in {t}?", "{v} {s} to {t}", "Please convert {v} {s} to {t}.", "{v} {s} in {t}",
                       "Can you convert {v} {s} into {t}?", "How many {t} is {v} {s}?")).format(v=text, s=source, t=target)
    number = f"{round(value * factor, 2):.12g}"
    result = world.pick((number, json.dumps({"result": json.loads(number)}), f"{number} {target}",
                         json.dumps({"value": json.loads(number), "unit": target})))
    return Task(user, "convert_units", {"value": value, "from": source, "to": target}, result,
                f"{text} {source} is {number} {target}.",
                f"The user wants {text} {source} in {target}. I call convert_units.", (number, target))


def _number(world: World) -> int:
    """One to four digits, each length about as often as the others, and no nought."""
    return 1 + int(world.rng.random() * world.pick((9, 99, 99, 999, 9999)))


def _function(name: str, description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "function", "function": {
        "name": name, "description": description,
        "parameters": {"type": "object", "properties": properties, "required": required}}}


def _describe_weather(world: World) -> dict[str, Any]:
    unit: dict[str, Any] = {"type": "string", "enum": ["celsius", "fahrenheit"]}
    if world.chance(0.5):
        unit["description"] = world.pick(_UNIT_TEXTS)
    return _function("weather", world.pick(_WEATHER_TEXTS),
                     {"city": {"type": "string", "description": world.pick(_CITY_TEXTS)}, "unit": unit}, ["city"])


def _describe_calculator(world: World) -> dict[str, Any]:
    return _function("calculator", world.pick(_CALCULATOR_TEXTS),
                     {"expression": {"type": "string", "description": world.pick(_EXPRESSION_TEXTS)}}, ["expression"])


def _describe_convert(world: World) -> dict[str, Any]:
    plain = {"value": {"type": "number"}, "from": {"type": "string"}, "to": {"type": "string"}}
    if world.chance(0.5):
        for name, text in (("value", "The value"), ("from", "The unit to convert from"), ("to", "The unit to convert to")):
            plain[name]["description"] = text
    return _function("convert_units", world.pick(_CONVERT_TEXTS), plain, ["value", "from", "to"])


_MAKERS = {"weather": _weather, "calculator": _calculator, "convert_units": _convert}
_DESCRIBERS = {"weather": _describe_weather, "calculator": _describe_calculator, "convert_units": _describe_convert}
