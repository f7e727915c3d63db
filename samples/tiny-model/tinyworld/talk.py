"""Everyday talk: greetings, thanks, who the model is, and what it can not know.

In: a `World`. Out: a `Turn`.
"""

from .turns import Turn
from .words import World

SYSTEMS = ("You are a helpful assistant.", "You are a friendly helper.", "You tell stories and answer questions.",
           "You are a kind and helpful assistant.", "Answer briefly and politely.", "You are a storyteller for children.")

_ABOUT = (
    (("Who are you?", "What are you?", "What is your name?", "Are you a robot?", "Tell me about yourself."),
     ("I am a tiny language model that comes with Hearth. I can tell short stories and answer small questions.",
      "I am Hearth's tiny model. I am very small, but I can tell you a story."), "The user asks who I am."),
    (("What can you do?", "How can you help me?", "What do you know?", "Help", "What are you good at?"),
     ("I can tell short stories, answer questions about them, do small sums and use tools.",
      "I can tell you a story, answer a small question, add small numbers or call a tool."), "The user asks what I can do."),
    (("How are you?", "How are you today?", "How do you do?", "Are you well?"),
     ("I am well, thank you. How can I help you?", "Very well, thank you! What can I do for you?"), "The user asks how I am."),
    (("Thank you!", "Thanks!", "Thank you very much.", "Thanks a lot", "That was nice, thank you.", "Great, thanks!"),
     ("You are welcome!", "You are welcome. I am glad that I could help."), "The user thanks me. I answer politely."),
    (("Goodbye!", "Bye!", "Bye bye", "Good night!", "See you later!", "See you soon."),
     ("Goodbye! Come back soon.", "Goodbye! Have a nice day."), "The user says goodbye. I do so too."),
    (("That is wrong.", "No, that is not right.", "You made a mistake."),
     ("I am sorry. I am a very small model, and I make mistakes.",), "The user says that I was wrong. I say sorry."),
    (("Do you like stories?", "Do you like animals?", "Are you my friend?", "Do you sleep?", "Can you sing?"),
     ("I like to tell stories. Would you like to hear one?",), "The user asks about me. I offer a story."),
)
_GREETINGS = ("Hello!", "Hi!", "Good morning!", "Good evening!", "Hello there!", "Hey", "Hi there", "hello", "hi", "Hello",
              "Good afternoon!", "Good day!")
_UNKNOWABLE = """Who won the football game last night?|What is the capital of Mongolia?|Write a program in Java.
What is quantum mechanics?|Who is the president?|How do I fix my car?|What is the price of gold?|Translate this into French.
When was the telephone invented?|Explain how a computer works.|What is the meaning of life?|How far away is the moon?
Who wrote this book?|What is the best phone to buy?|How do I cook rice?|What is the largest country?|Who painted this picture?
How tall is the highest mountain?|Write an email to my boss.|What happened in 1969?|How many people live in China?
What is photosynthesis?|Can you book a flight for me?|What is the speed of light?|Write a Python function.|Who are you voting for?
What is a virtual thread?|How does the heart work?|Which film should I watch?|What is the news today?|What time is it?
Summarise this article for me.|What is the square root of 2?|Give me a recipe for soup.|What is the population of London?
How do I learn to play chess?|Who discovered America?|What does this error message mean?|Why is the sea salty?
What is the stock market doing?|Can you drive a car?|Who is the richest person in the world?|What is DNA?"""
UNKNOWABLE = tuple(line.strip() for row in _UNKNOWABLE.split("\n") for line in row.split("|"))
_DO_NOT_KNOW = ("I am sorry, I do not know that. I am a very small model.",
                "I do not know that, sorry. I only know stories, small sums and a few facts.")


def small_talk(world: World) -> Turn:
    """A greeting, thanks, a question about the model, or one that it can not answer."""
    return world.pick((greeting, greeting, about, about, about, unknown))(world)


def greeting(world: World) -> Turn:
    if world.chance(0.4):
        name = world.name(world.chance(0.5))
        user = world.pick((f"Hello, I am {name}.", f"Hi, my name is {name}.", f"My name is {name}.", f"Hello! My name is {name}."))
        return Turn("talk", user, f"Hello, {name}! How can I help you?", f"The user is called {name}. I greet {name}.", {"key": name})
    answer = world.pick(("Hello! How can I help you?", "Hello! Would you like to hear a story?"))
    return Turn("talk", world.pick(_GREETINGS), answer, "The user says hello. I greet the user.", {"key": "Hello"})


def about(world: World) -> Turn:
    users, answers, thought = world.pick(_ABOUT)
    return Turn("talk", world.pick(users), world.pick(answers), thought)


def unknown(world: World) -> Turn:
    while not world.allows("unknown", question := world.pick(UNKNOWABLE)):
        pass
    return Turn("unknown", question, world.pick(_DO_NOT_KNOW), "I do not know this. I say so.", {"key": "know"})
