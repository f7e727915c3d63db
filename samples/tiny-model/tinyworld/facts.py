"""Small facts of the world: colours, sounds, days, opposites, counting and where everyone is.

In: a `World`. Out: a `Turn`. A fact itself has to be learned, so here the split keeps back pairs of a fact and a wording,
and for questions about a little text the names.
"""

from .turns import Turn
from .words import ANIMALS, COLOURS, PLACES, THINGS, World, article

COLOUR_OF = {"the sky": "blue", "grass": "green", "snow": "white", "the sun": "yellow", "a banana": "yellow",
             "a lemon": "yellow", "a tomato": "red", "blood": "red", "a strawberry": "red", "coal": "black",
             "a carrot": "orange", "a leaf in summer": "green", "milk": "white", "chocolate": "brown", "a frog": "green",
             "the sea": "blue", "a crow": "black", "a plum": "purple", "a flamingo": "pink", "a pumpkin": "orange",
             "an elephant": "grey", "a polar bear": "white", "a cucumber": "green", "the night": "black"}
SOUND_OF = {"cow": "moo", "dog": "woof", "cat": "meow", "duck": "quack", "sheep": "baa", "pig": "oink", "horse": "neigh",
            "frog": "croak", "bee": "buzz", "owl": "hoot", "mouse": "squeak", "lion": "roar", "snake": "hiss",
            "hen": "cluck", "crow": "caw", "donkey": "hee-haw", "wolf": "howl", "goose": "honk"}
OPPOSITE_OF = {"big": "small", "hot": "cold", "up": "down", "day": "night", "happy": "sad", "fast": "slow", "old": "young",
               "open": "closed", "full": "empty", "wet": "dry", "light": "dark", "high": "low", "left": "right",
               "good": "bad", "hard": "soft", "long": "short", "loud": "quiet", "early": "late", "strong": "weak",
               "near": "far", "clean": "dirty", "first": "last", "black": "white", "win": "lose", "thick": "thin"}
YOUNG_OF = {"cat": "kitten", "dog": "puppy", "cow": "calf", "sheep": "lamb", "horse": "foal", "hen": "chick",
            "duck": "duckling", "pig": "piglet", "goat": "kid", "bear": "cub", "lion": "cub", "goose": "gosling",
            "swan": "cygnet", "frog": "tadpole", "deer": "fawn"}
LEGS_OF = {"dog": "four", "cat": "four", "horse": "four", "bird": "two", "duck": "two", "spider": "eight", "ant": "six",
           "bee": "six", "snake": "no", "cow": "four", "fish": "no", "person": "two", "beetle": "six", "hen": "two"}
FOOD_OF = {"rabbit": "carrots", "cow": "grass", "mouse": "cheese", "bear": "honey", "squirrel": "nuts", "dog": "bones",
           "horse": "hay", "monkey": "bananas", "bird": "seeds", "panda": "bamboo", "cat": "fish", "goat": "grass"}
HOME_OF = {"bird": "a nest", "bee": "a hive", "fish": "the water", "fox": "a den", "dog": "a kennel", "horse": "a stable",
           "rabbit": "a burrow", "spider": "a web", "pig": "a sty", "mole": "the ground", "hen": "a coop"}
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
SEASONS = "spring summer autumn winter".split()
NUMBER_WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
                "seventeen eighteen nineteen twenty").split()

_TABLES = (
    ("colour", COLOUR_OF, ("What colour is {x}?", "Which colour is {x}?", "What is the colour of {x}?",
                           "Tell me the colour of {x}.", "Do you know what colour {x} is?"), "{X} is {y}."),
    ("sound", SOUND_OF, ("What sound does {a_x} make?", "What does {a_x} say?", "How does {a_x} sound?",
                         "Which sound does {a_x} make?"), "{A_x} says {y}."),
    ("opposite", OPPOSITE_OF, ("What is the opposite of {x}?", "What is the opposite of \"{x}\"?",
                               "Tell me the opposite of {x}.", "Which word is the opposite of {x}?"),
     "The opposite of {x} is {y}."),
    ("young", YOUNG_OF, ("What is a young {x} called?", "What do you call a baby {x}?", "What is a baby {x} called?"),
     "A baby {x} is called {a_y}."),
    ("legs", LEGS_OF, ("How many legs does {a_x} have?", "How many legs has {a_x} got?", "Tell me how many legs {a_x} has."),
     "{A_x} has {y} legs."),
    ("food", FOOD_OF, ("What does {a_x} eat?", "What does {a_x} like to eat?", "What do you feed {a_x}?"),
     "{A_x} likes to eat {y}."),
    ("home", HOME_OF, ("Where does {a_x} live?", "Where is the home of {a_x}?", "Where does {a_x} sleep?"),
     "{A_x} lives in {y}."))
_CYCLES = (("day", DAYS), ("month", MONTHS), ("season", SEASONS))


def fact(world: World) -> Turn:
    """A question with one right answer that the model has to know."""
    makers = (_from_table, _from_table, _from_table, _from_table, _next_in_cycle, _count, _neighbour_number, _number_word)
    return world.pick(makers)(world)


def _allowed(world: World, make):
    """Draw (topic, wording, values) until the split allows that wording of that fact."""
    while True:
        drawn = make()
        if world.allows(*drawn):
            return drawn


def _from_table(world: World) -> Turn:
    def make():
        topic, table, wordings, _ = world.pick(_TABLES)
        return topic, world.pick(wordings), world.pick(tuple(table))

    topic, wording, x = _allowed(world, make)
    table, answer = next((table, answer) for name, table, _, answer in _TABLES if name == topic)
    y = table[x]
    slots = {"x": x, "X": x[0].upper() + x[1:], "a_x": article(x), "A_x": article(x).capitalize(), "y": y, "a_y": article(y)}
    return Turn("fact", wording.format_map(slots), answer.format_map(slots),
                f"This is about the {topic} of {x}. I know it: {y}.", {"key": y})


def _next_in_cycle(world: World) -> Turn:
    wordings = ("Which {u} comes {s} {x}?", "What {u} comes {s} {x}?", "What is the {u} {s} {x}?", "Tell me the {u} {s} {x}.")

    def make():
        unit, cycle = world.pick(_CYCLES)
        return unit, world.pick(wordings), world.pick(("after", "before")), world.pick(cycle)

    unit, wording, side, x = _allowed(world, make)
    cycle = dict(_CYCLES)[unit]
    y = cycle[(cycle.index(x) + (1 if side == "after" else -1)) % len(cycle)]
    return Turn("fact", wording.format(u=unit, s=side, x=x), f"The {unit} {side} {x} is {y}.",
                f"I go through the {unit}s. {side.capitalize()} {x} comes {y}.", {"key": y})


def _count(world: World) -> Turn:
    wordings = ("Count from {a} to {b}.", "Please count from {a} to {b}.", "Can you count from {a} to {b}?")
    wording, a, n = _allowed(world, lambda: (world.pick(wordings), int(world.rng.random() * 30), 3 + int(world.rng.random() * 8)))
    b = a + n
    numbers = ", ".join(map(str, range(a, b + 1)))
    return Turn("fact", wording.format(a=a, b=b), numbers + ".", f"I start at {a} and stop at {b}.", {"key": numbers})


def _neighbour_number(world: World) -> Turn:
    side = world.pick(("after", "before"))
    wordings = ("Which number comes {s} {x}?", "What number comes {s} {x}?", "What comes {s} {x}?")
    wording, _, x = _allowed(world, lambda: (world.pick(wordings), side, 1 + int(world.rng.random() * 99)))
    y = x + 1 if side == "after" else x - 1
    return Turn("fact", wording.format(s=side, x=x), f"The number {side} {x} is {y}.",
                f"I count one {'up' if side == 'after' else 'down'} from {x}. That is {y}.", {"key": str(y)})


def _number_word(world: World) -> Turn:
    wordings = ("How do you write {x} as a word?", "Write {x} as a word.", "What is {x} in words?")
    wording, x = _allowed(world, lambda: (world.pick(wordings), int(world.rng.random() * len(NUMBER_WORDS))))
    word = NUMBER_WORDS[x]
    return Turn("fact", wording.format(x=x), f"{x} is written {word}.", f"The word for {x} is {word}.", {"key": word})


def whereabouts(world: World) -> Turn:
    """Two to four short statements about people, and a question about one of them."""
    people = world.cast(2 + int(world.rng.random() * 3))
    told = [_statement(world, person.name, person.female) for person in people]
    index = int(world.rng.random() * len(people))
    statement, question, answer, key = told[index]
    text = " ".join(t[0] for t in told)
    user = world.pick((f"{text} {question}", f"{text}\n{question}", f"{text}\n\nQuestion: {question}", f"{question}\n\n{text}"))
    return Turn("question", user, answer, f"The text says: \"{statement}\" So the answer is {key}.", {"key": key})


def _statement(world: World, name: str, female: bool) -> tuple[str, str, str, str]:
    he = "she" if female else "he"
    place, colour, thing, animal = world.pick(PLACES), world.pick(COLOURS), world.pick(THINGS), world.pick(ANIMALS)
    owned = article(f"{colour} {thing}")
    return world.pick((
        (f"{name} is {place}.", f"Where is {name}?", f"{name} is {place}.", place),
        (f"{name} went to play, and now {he} is {place}.", f"Where is {name}?", f"{name} is {place}.", place),
        (f"{name} has {owned}.", f"What does {name} have?", f"{name} has {owned}.", owned),
        (f"{name} has {owned}.", f"What colour is the {thing} of {name}?", f"The {thing} is {colour}.", colour),
        (f"{name} is {article(animal)}.", f"What is {name}?", f"{name} is {article(animal)}.", animal),
        (f"{name} lives {place} and has {article(animal)}.", f"Which animal does {name} have?", f"{name} has {article(animal)}.", animal),
        (f"{name} found {owned} {place}.", f"What did {name} find?", f"{name} found {owned}.", owned),
        (f"{name} found {owned} {place}.", f"Where did {name} find the {thing}?", f"{name} found it {place}.", place),
    ))
