"""Words of the small world, and the split that keeps some of them out of training.

In: a seeded `random.Random` and the name of a split, "train" or "test". Out: names, cities, things, and the answer to
"may this combination occur in this split?". Nothing here knows about messages or tokens.
"""

import random
import zlib
from dataclasses import dataclass

GIRLS = """Ada Alice Amy Anna Bella Clara Daisy Edith Ella Emily Emma Eva Fay Flora Freya Grace Greta Hannah Hazel Heidi
Holly Ida Iris Isla Ivy Jane Jenny Julia Kate Lara Laura Lena Lily Lina Lola Lotte Lucy Luna Maja Maria Mary Maya Mia
Mila Milly Molly Nell Nina Nora Olga Olive Paula Penny Poppy Rita Rosa Rose Ruby Ruth Sally Sara Sofia Sophie Stella
Susan Tara Tess Tilda Vera Viola Wendy Zoe""".split()
BOYS = """Adam Alfie Anton Arthur Ben Benny Bruno Carl Charlie Dan David Emil Eric Felix Finn Frank Fred George Gus Hans
Harry Henry Hugo Ian Jack Jacob James Jim John Jonas Karl Kim Leo Leon Louis Lukas Mark Martin Max Milo Nick Niko
Noah Oliver Omar Oscar Otto Paul Peter Pip Ralph Rob Robin Rory Sam Samuel Simon Teddy Theo Tim Toby Tom Tony Victor
Walter Will""".split()
HELD_OUT_GIRLS = "Agnes Bea Cora Dora Elsa Fiona Gwen Hilda Leah Mabel Naomi Pearl Selma Trudy Willa".split()
HELD_OUT_BOYS = "Amos Basil Caleb Dexter Edgar Floyd Gabe Howard Ivan Kurt Lars Moses Nils Ollie Rufus".split()

CITIES = """Amsterdam Athens Auckland Baghdad Bangkok Barcelona Basel Beijing Belfast Belgrade Bergen Berlin Bern Bonn
Boston Bremen Brisbane Bristol Brussels Bucharest Budapest Cairo Calgary Cardiff Chicago Cologne Copenhagen Cork Dakar
Dallas Damascus Delhi Denver Detroit Dresden Dubai Dublin Edinburgh Florence Frankfurt Geneva Genoa Ghent Glasgow Graz
Hamburg Hanoi Hanover Havana Helsinki Houston Istanbul Jakarta Johannesburg Kabul Karachi Kyoto Lagos Leeds Leipzig
Lima Linz Lisbon Liverpool London Lyon Madrid Malaga Malmo Manchester Manila Marseille Melbourne Miami Milan Minsk
Montreal Moscow Mumbai Munich Naples Nice Nuremberg Odessa Osaka Oslo Ottawa Oxford Palermo Paris Perth Phoenix Porto
Prague Riga Rome Rotterdam Salzburg Santiago Seattle Seoul Seville Shanghai Singapore Sofia Stockholm Stuttgart Sydney
Tallinn Tampa Tehran Tokyo Toronto Toulouse Tunis Turin Utrecht Valencia Vancouver Venice Verona Vienna Vilnius Warsaw
York Zagreb Zurich""".split() + ["New York", "San Francisco", "Los Angeles", "Hong Kong", "Cape Town", "Buenos Aires",
                                "Mexico City", "New Delhi", "Tel Aviv", "Kuala Lumpur"]
HELD_OUT_CITIES = """Aarhus Bilbao Bogota Bordeaux Caracas Dundee Essen Granada Innsbruck Krakow Lille Lucerne Nairobi
Nantes Pisa Quito Reykjavik Tbilisi Trieste Zadar""".split() + ["San Diego", "Las Vegas", "Addis Ababa"]

ANIMALS = """fox rabbit bear mouse cat dog duck frog hedgehog squirrel owl turtle lamb pony beaver mole badger goat
penguin otter donkey sparrow deer piglet""".split()
ADJECTIVES = "little small young kind curious cheerful quiet brave clever gentle".split()
COLOURS = "red blue green yellow orange purple pink white black brown golden silver".split()
THINGS = """kite ball hat boat drum bell scarf lantern basket book button key cup ribbon bucket whistle umbrella blanket
wagon flute mirror feather marble lamp box""".split()
PLACES = ["in the forest", "in the meadow", "by the river", "by the old mill", "on the beach", "in the garden",
          "on the hill", "by the pond", "in the village", "in the barn", "on the farm", "in the orchard",
          "at the market", "by the lake", "in the park", "under the bridge", "in the valley", "near the castle",
          "by the well", "at the harbour"]
HOMES = ["in a small house", "in a cosy cottage", "in a tall tree house", "in a warm little home", "in a round hut"]
FOODS = ["apple pie", "warm bread", "honey cake", "carrot soup", "cheese", "berries", "pancakes", "nuts", "plums",
         "corn cakes", "pumpkin soup", "jam", "pears", "biscuits"]
SKILLS = [("swim", "swimming"), ("climb", "climbing"), ("whistle", "whistling"), ("dance", "dancing"),
          ("sing", "singing"), ("paint", "painting"), ("skate", "skating"), ("juggle", "juggling"),
          ("bake bread", "baking"), ("play the flute", "playing"), ("ride a bike", "riding"), ("draw", "drawing")]
FEARS = ["the dark", "thunder", "deep water", "high places", "the wind", "loud noises", "the old house", "strangers"]
PLANTS = [("an apple seed", "apple tree", "apples"), ("a sunflower seed", "sunflower", "seeds"),
          ("a pumpkin seed", "pumpkin plant", "pumpkins"), ("a bean", "bean plant", "beans"),
          ("a cherry stone", "cherry tree", "cherries"), ("a strawberry plant", "strawberry plant", "strawberries"),
          ("a pear seed", "pear tree", "pears"), ("a carrot seed", "carrot plant", "carrots")]
WEATHERS = [("rain", "It began to rain", "the rain stopped"), ("snow", "It began to snow", "the snow stopped"),
            ("storm", "A storm came up", "the storm was over"), ("fog", "A thick fog came down", "the fog was gone"),
            ("wind", "A strong wind began to blow", "the wind was still")]

_ONSETS = "B Br D Dr F Fl G Gl H J K L M N P Pl R S Sk St T Tr V W Y Z".split()
_VOWELS = "a e i o u ai ee oo".split()
_MIDDLES = "b d l ll m n nd r rr s t tt v x z k mb lv nk".split()
_ENDS = "a e i o y in on us el an ek a o".split()


@dataclass(frozen=True)
class Person:
    """A character: `kind` is girl, boy or an animal; `female` chooses the pronouns."""

    name: str
    kind: str
    female: bool


class World:
    """Draws words for one split. The same seed and split give the same words."""

    def __init__(self, rng: random.Random, split: str):
        if split not in ("train", "test"):
            raise ValueError(f"split: expected train or test, found {split!r}")
        self.rng = rng
        self.split = split

    def allows(self, *parts: object) -> bool:
        """True if this combination belongs to this split; one combination in twelve is kept for the test."""
        held_out = zlib.crc32("|".join(map(str, parts)).encode()) % 12 == 0
        return held_out == (self.split == "test")

    def pick(self, items):
        return items[int(self.rng.random() * len(items))]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def name(self, female: bool) -> str:
        """A first name. In training one in four is made up, so that the model learns to copy names it has not seen."""
        if self.split == "test":
            return self.pick(HELD_OUT_GIRLS if female else HELD_OUT_BOYS)
        if self.chance(0.25):
            return self.made_up_word()
        return self.pick(GIRLS if female else BOYS)

    def person(self, animal_chance: float = 0.65) -> Person:
        female = self.chance(0.5)
        kind = self.pick(ANIMALS) if self.chance(animal_chance) else ("girl" if female else "boy")
        return Person(self.name(female), kind, female)

    def cast(self, count: int) -> list[Person]:
        """People with different names; no two animals of one kind."""
        people: list[Person] = []
        while len(people) < count:
            new = self.person()
            if all(new.name != p.name and (new.kind != p.kind or new.kind in ("girl", "boy")) for p in people):
                people.append(new)
        return people

    def city(self) -> str:
        if self.split == "test":
            return self.pick(HELD_OUT_CITIES)
        return self.made_up_word() if self.chance(0.25) else self.pick(CITIES)

    def made_up_word(self) -> str:
        """A capitalised word of two to four syllables that is no held-out name or city."""
        while True:
            word = self.pick(_ONSETS)
            for _ in range(self.pick((1, 1, 2))):
                word += self.pick(_VOWELS) + self.pick(_MIDDLES)
            word += self.pick(_ENDS)
            if word not in HELD_OUT:
                return word


HELD_OUT = frozenset(HELD_OUT_GIRLS + HELD_OUT_BOYS + HELD_OUT_CITIES)
KNOWN_NAMES = frozenset(GIRLS + BOYS + HELD_OUT_GIRLS + HELD_OUT_BOYS)


def article(noun: str) -> str:
    """Give the noun its article: fox becomes a fox, owl becomes an owl."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun
