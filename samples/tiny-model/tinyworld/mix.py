"""The mix: which kinds of record the training text holds, and how often.

In: a `World`. Out: one `Record`. A plain story is a record with `text` in place of `messages`.
"""

from . import facts, stories, sums, talk, tools
from .turns import Record, Turn, conversation
from .words import World

# kind of record -> share of all records
SHARES = {"story_text": 0.06, "story": 0.13, "question": 0.12, "question_later": 0.05, "whereabouts": 0.08, "fact": 0.1,
          "sum": 0.2, "talk": 0.04, "chat": 0.06, "tool": 0.12, "tool_unneeded": 0.03, "tool_missing": 0.01}
THINKING_SHARE = 0.5
SYSTEM_SHARE = 0.2
LARGEST_SUM = 99


def draw(world: World, kind: str = "") -> Record:
    """A record of the given kind, or of one drawn by its share."""
    kind = kind or world.rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]
    if kind == "story_text":
        return {"kind": kind, "text": stories.tell(world).text}
    thinking = world.chance(THINKING_SHARE)
    system = world.pick(talk.SYSTEMS) if world.chance(SYSTEM_SHARE) else ""
    if kind == "tool":
        return tools.tool_record(world, thinking, system)
    if kind == "tool_missing":
        return tools.missing_tool_record(world, thinking, system)
    if kind == "tool_unneeded":
        turn = world.pick((talk.small_talk, facts.fact, facts.whereabouts, _story, talk.greeting))(world)
        made = conversation([turn], thinking, system, tools.some_tools(world))
        made["kind"] = "tool_none"
        return made
    return conversation(_turns(world, kind, thinking), thinking, system)


def _turns(world: World, kind: str, thinking: bool) -> list[Turn]:
    if kind == "chat":
        makers = (talk.small_talk, facts.fact, facts.whereabouts, lambda w: _sum(w, thinking), facts.fact)
        return [world.pick(makers)(world) for _ in range(world.pick((2, 2, 3, 4)))]
    if kind == "question_later":
        return _story_then_questions(world)
    return [{"story": _story, "question": _question, "whereabouts": facts.whereabouts, "fact": facts.fact,
             "talk": talk.small_talk, "sum": lambda w: _sum(w, thinking)}[kind](world)]


def _sum(world: World, thinking: bool) -> Turn:
    """Thinking, sums run to 99; without it mostly to 20, for more does not fit into one step."""
    return sums.small_sum(world, LARGEST_SUM if thinking or world.chance(0.3) else 20)


def _story(world: World) -> Turn:
    story = stories.tell(world)
    return _story_turn(world, story)


def _story_turn(world: World, story: stories.Story) -> Turn:
    wish = stories.request(world, story)
    asked = [w for w in (story.slots["hero"], story.slots["hero_kind"], story.slots["friend"]) if w in wish]
    return Turn("story", wish, story.text, f"{story.slots['hero']} is {story.slots['a_hero_kind']}. {story.plan}",
                {"mentions": asked})


def _question(world: World) -> Turn:
    story = stories.tell(world)
    asked = stories.ask(world, story)
    text, question = story.text, asked.question
    user = world.pick((f"{text}\n\nQuestion: {question}", f"{text}\n\n{question}", f"Read this story: {text}\n\n{question}",
                       f"{question}\n\n{text}", f"Here is a story.\n\n{text}\n\n{question}", f"{text} {question}"))
    return Turn("question", user, asked.answer, _evidence(asked), {"key": asked.key})


def _story_then_questions(world: World) -> list[Turn]:
    """The model tells a story and is then asked about it, once or twice, and perhaps thanked."""
    story = stories.tell(world)
    turns = [_story_turn(world, story)]
    for _ in range(world.pick((1, 2))):
        asked = stories.ask(world, story)
        turns.append(Turn("question", asked.question, asked.answer, _evidence(asked), {"key": asked.key}))
    return turns if world.chance(0.9) else [*turns, talk.about(world)]


def _evidence(asked: stories.Asked) -> str:
    return f"The story says: \"{asked.evidence}\" So the answer is {asked.key}."
