"""Stories told from the plots, and questions about them.

In: a `World`. Out: a `Story` with its text, its slots and its beats, from which requests, plans and questions are made.
"""

from dataclasses import dataclass

from .plots import ENDING, OPENING_QUESTIONS, OPENINGS, PLOTS, Plot, Question
from .words import (ADJECTIVES, COLOURS, FEARS, FOODS, HOMES, PLACES, PLANTS, SKILLS, THINGS, WEATHERS, Person, World,
                    article)


@dataclass(frozen=True)
class Story:
    """`beats` are the story's parts in order, the opening first, "The end." last; `slots` is what filled them."""

    plot: Plot
    slots: dict[str, str]
    beats: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.beats)

    @property
    def plan(self) -> str:
        return self.plot.plan.format_map(self.slots)


@dataclass(frozen=True)
class Asked:
    """A question about a story, its answer, what the answer must hold, and the sentence of the story that says so."""

    question: str
    answer: str
    key: str
    evidence: str


def tell(world: World) -> Story:
    """A new story. Which plot, hero, thing and place may meet is the split's choice."""
    while True:
        plot = world.pick(PLOTS)
        slots = _slots(world)
        if world.allows(plot.name, slots["hero_kind"], slots["thing"], slots["place"]):
            break
    beats = [world.pick(options).format_map(slots) for options in (OPENINGS, *plot.beats)]
    return Story(plot, slots, (*map(_capitalised, beats), ENDING))


def request(world: World, story: Story) -> str:
    """A user's wish that this story fulfils; it may or may not name the hero."""
    hook = world.pick(story.plot.hook).format_map(story.slots)
    hero, kind = story.slots["hero"], story.slots["a_hero_kind"]
    about = world.pick((hook, kind, f"{kind} named {hero}", f"{kind} called {hero}", f"{kind} named {hero} and {hook}",
                        f"{kind} and {hook}", f"{hero} the {story.slots['hero_kind']}",
                        f"{hero} and {story.slots['friend']}" if story.plot.name not in ("baby",) else kind,
                        f"{kind} named {hero}", ""))
    wish = world.pick(("Tell me a story", "Please tell me a story", "Write a short story", "Can you tell me a story",
                       "I would like to hear a story", "Tell a story", "Write a story", "Could you write a story",
                       "Please write a short story", "Make up a story"))
    mark = "?" if wish.startswith(("Can", "Could")) else "."
    return f"{wish} about {about}{mark}" if about else wish + mark


def ask(world: World, story: Story) -> Asked:
    """One question about a story."""
    question: Question = world.pick(story.plot.questions * 2 + OPENING_QUESTIONS)
    fill = lambda template: template.format_map(story.slots)
    return Asked(fill(world.pick(question.ask)), _capitalised(fill(question.answer)), fill(question.key),
                 story.beats[question.beat])


def _slots(world: World) -> dict[str, str]:
    hero, second = world.cast(2)
    colour, thing = world.pick(COLOURS), world.pick(THINGS)
    place, home_place = world.pick(PLACES), world.pick(PLACES)
    while place == home_place:
        place = world.pick(PLACES)
    seed, plant, fruit = world.pick(PLANTS)
    skill, skilling = world.pick(SKILLS)
    weather, weather_begins, weather_ends = world.pick(WEATHERS)
    return {
        **_pronouns("", hero), **_pronouns("f", second), "hero": hero.name, "friend": second.name,
        "hero_kind": hero.kind, "friend_kind": second.kind, "a_hero_kind": article(hero.kind),
        "a_friend_kind": article(second.kind), "hero_intro": article(f"{world.pick(ADJECTIVES)} {hero.kind}"),
        "home": world.pick(HOMES), "home_place": home_place, "place": place, "colour": colour, "thing": thing,
        "a_thing": article(thing), "a_colour_thing": article(f"{colour} {thing}"), "food": world.pick(FOODS),
        "fear": world.pick(FEARS), "seed": seed, "plant": plant, "a_plant": article(plant), "fruit": fruit,
        "skill": skill, "skilling": skilling, "weather": weather, "weather_begins": weather_begins,
        "weather_ends": weather_ends}


def _pronouns(prefix: str, person: Person) -> dict[str, str]:
    he, him, his = ("she", "her", "her") if person.female else ("he", "him", "his")
    return {prefix + "he": he, prefix + "him": him, prefix + "his": his, prefix + "himself": him + "self",
            prefix.upper() + "He": he.capitalize()}


def _capitalised(text: str) -> str:
    return text[0].upper() + text[1:]
