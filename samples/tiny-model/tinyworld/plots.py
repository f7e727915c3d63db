"""The plots of the small world's stories, as data.

A plot is a row of beats; a beat is a choice of sentences with slots. {hero}, {He}, {him}, {his} speak of the one who
wants something, {friend}, {FHe}, {fhim}, {fhis} of the other; {hero_kind} and {friend_kind} of what they are. A question
points at the beat whose text holds its answer. `stories.py` fills the slots.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`ask` and `answer` are templates, `key` is the part of the answer that must be right, `beat` holds the evidence."""

    ask: tuple[str, ...]
    answer: str
    key: str
    beat: int


@dataclass(frozen=True)
class Plot:
    """`hook` finishes "a story about ..."; `plan` is the story in short; `beats` follow the opening, which is beat 0."""

    name: str
    hook: tuple[str, ...]
    plan: str
    beats: tuple[tuple[str, ...], ...]
    questions: tuple[Question, ...]


def _who_helped(beat: int) -> Question:
    return Question(("Who helped {hero}?", "Who was kind to {hero}?"), "{friend} the {friend_kind} helped {hero}.",
                    "{friend}", beat)


LOST = Plot(
    "lost", ("a lost {thing}", "something that gets lost"),
    "{hero} loses {his} {colour} {thing}. {friend} helps {him} look, and they find it {place}.",
    (("{hero} had {a_colour_thing} and took it everywhere.", "{hero} loved {his} {colour} {thing} more than anything.",
      "The best thing {hero} had was {a_colour_thing}."),
     ("One day the {thing} was gone. {hero} looked under the bed and behind the door, but it was not there.",
      "One morning {he} could not find the {thing}. {He} looked in every corner of the house.",
      "But one day {he} lost it. {He} looked here and {he} looked there, but {he} could not see it."),
     ("{hero} felt very sad and began to cry.", "{hero} was so sad that {he} could not eat {his} {food}.",
      "{hero} sat down and was very sad."),
     ("Then {friend} the {friend_kind} came by. \"Why are you sad?\" asked {friend}. \"I have lost my {thing},\" said {hero}.",
      "{friend} the {friend_kind} saw {him} and asked, \"What is wrong?\" {hero} told {fhim} about the {thing}.",
      "\"Do not cry,\" said {friend} the {friend_kind}. \"I will help you look for your {thing}.\""),
     ("They looked for it together, and at last they found it {place}.",
      "\"Think of where you went yesterday,\" said {friend}. So they walked back together, and there it was, {place}!",
      "The two of them searched all day. In the evening {friend} saw something {colour} {place}. It was the {thing}!"),
     ("{hero} was very happy and hugged {fhim}. \"Thank you, {friend},\" {he} said.",
      "\"Thank you!\" said {hero}, and {he} was happy again.",
      "{hero} laughed with joy and thanked {friend}."),
     ("From that day on {he} always took good care of {his} {thing}.", "After that they were good friends.",
      "{hero} never lost the {thing} again.")),
    (Question(("What did {hero} lose?", "What was lost?"), "{hero} lost {his} {colour} {thing}.", "{thing}", 1),
     Question(("Where did they find the {thing}?", "Where was the {thing}?"), "They found the {thing} {place}.", "{place}", 5),
     Question(("What colour was the {thing}?",), "The {thing} was {colour}.", "{colour}", 1),
     _who_helped(4),
     Question(("How did {hero} feel when the {thing} was gone?",), "{hero} felt sad.", "sad", 3)))

STUCK = Plot(
    "stuck", ("{a_thing} in a tree", "{a_thing} that is stuck", "asking for help"),
    "{hero} cannot reach {his} {colour} {thing} in a tree. {friend} lifts it down.",
    (("One day {hero} went to play {place} with {his} {colour} {thing}.",
      "{hero} took {his} new {colour} {thing} and went out to play {place}."),
     ("But the wind took the {thing}, and it got stuck high up in a tree.",
      "{hero} threw the {thing} up too high, and it stayed in a tall tree."),
     ("{hero} jumped, but the branch was too high. {He} threw a stick, but the {thing} did not move.",
      "{He} tried to climb the tree, but {he} slid down again. {He} tried three times and could not do it."),
     ("{hero} felt tired and cross.", "\"I can not do it,\" said {hero}, and {he} was sad.",
      "{hero} wanted to give up."),
     ("Then {friend} the {friend_kind} came along with a long ladder. \"May I help you?\" asked {friend}.",
      "{friend} the {friend_kind} was resting in the shade and saw it all. \"Why did you not ask me?\" said {friend}."),
     ("\"Yes, please!\" said {hero}. {friend} went up and brought the {thing} down.",
      "\"Please help me,\" said {hero}. So {hero} stood on {friend}'s back, and now {he} could reach the {thing}."),
     ("{hero} was glad and said, \"Thank you, {friend}! Let us play together.\" And so they did.",
      "They both laughed, and then they played with the {thing} until evening.",
      "{hero} gave {friend} some {food} to say thank you."),
     ("{hero} learned that it is good to ask for help.", "Now {hero} knows that asking for help is not hard at all.")),
    (Question(("What was stuck in the tree?", "What could {hero} not reach?"), "The {colour} {thing} was stuck in the tree.", "{thing}", 1),
     Question(("Where did {hero} go to play?", "Where did {hero} play?"), "{hero} went to play {place}.", "{place}", 1),
     Question(("What colour was the {thing}?",), "The {thing} was {colour}.", "{colour}", 1),
     Question(("Who helped {hero}?", "Who came to help?"), "{friend} the {friend_kind} helped {hero}.", "{friend}", 5),
     Question(("What did {hero} learn?",), "{hero} learned that it is good to ask for help.", "help", 8)))

SHY = Plot(
    "shy", ("a new friend", "being shy", "making a friend"),
    "{hero} is alone and wants a friend. {friend} is shy. {hero} shares {food}, and they become friends.",
    (("{hero} had no one to play with and wanted a friend.", "{hero} was often alone, and more than anything {he} wanted a friend."),
     ("One day {he} saw {a_friend_kind} {place}. It was {friend}.",
      "One day {friend} the {friend_kind} came to live close by. {hero} saw {fhim} sitting {place}."),
     ("\"Hello!\" called {hero}. But {friend} was shy and hid behind a tree.",
      "\"Do you want to play?\" asked {hero}. But {friend} was shy. {FHe} looked at {fhis} feet and said nothing."),
     ("{hero} did not run after {fhim}. {He} sat down and waited.", "{hero} thought for a while about what to do.",
      "{hero} was not cross. \"{FHe} is only shy,\" {he} thought."),
     ("Then {he} took out {his} {food} and put half of it on a stone. \"This is for you,\" {he} said.",
      "The next day {he} brought some {food} and said, \"Would you like some? I have enough for two.\""),
     ("Slowly {friend} came out and took a bite. \"It is very good,\" {fhe} said, and {fhe} smiled.",
      "{friend} came a little closer, and then a little more. \"Thank you,\" {fhe} said softly, and they ate together."),
     ("Then they talked and played until the sun went down.", "After that they played games all afternoon.",
      "Soon they were laughing as if they had always known each other."),
     ("From that day on {hero} and {friend} were best friends.", "Now {hero} was not alone any more. {He} had a friend.")),
    (Question(("Who was shy?",), "{friend} the {friend_kind} was shy.", "{friend}", 3),
     Question(("What did {hero} want?", "What did {hero} want most?"), "{hero} wanted a friend.", "friend", 1),
     Question(("What did {hero} share?", "What did {hero} give to {friend}?"), "{hero} shared {his} {food}.", "{food}", 5),
     Question(("Where was {friend}?", "Where did {hero} see {friend}?"), "{friend} was {place}.", "{place}", 2)))

WEATHER = Plot(
    "weather", ("the {weather}", "a day of {weather}", "waiting for the sun"),
    "{hero} wants to go out, but there is {weather}. {friend} lets {him} in, and they eat {food} until it is over.",
    (("One day {hero} wanted to go and play {place}.", "It was a fine morning, and {hero} set off to have a picnic {place}."),
     ("{weather_begins}, and {hero} could not see the way.", "But then the sky grew dark. {weather_begins}.",
      "{weather_begins}, and there was no roof to hide under."),
     ("{hero} was cold and a little afraid.", "{hero} did not know where to go, and {he} was afraid."),
     ("Then {he} saw a light in a window. It was the house of {friend} the {friend_kind}.",
      "Just then a door opened. \"Come in, come in!\" called {friend} the {friend_kind}.",
      "{He} knocked at the first door that {he} saw, and {friend} the {friend_kind} opened it."),
     ("{friend} gave {him} a blanket and some {food}.", "{friend} put {food} on the table, and they ate by the fire."),
     ("They told each other stories until {weather_ends}.", "They played games and sang songs, and soon {weather_ends}."),
     ("Then the sun came out, and the two went to play {place} together.",
      "\"Now let us go out!\" said {friend}. And they went to play {place} together, and everything was bright."),
     ("It was an even better day than {hero} had planned.", "{hero} was glad, for {he} had found a friend in the {weather}.")),
    (Question(("Who let {hero} in?", "Who helped {hero}?", "Whose house was it?"), "{friend} the {friend_kind} let {hero} in.", "{friend}", 4),
     Question(("What did they eat?", "What did {friend} give {hero}?"), "They ate {food}.", "{food}", 5),
     Question(("Where did {hero} want to go?",), "{hero} wanted to go {place}.", "{place}", 1),
     Question(("How did {hero} feel at first?", "How did {hero} feel when the {weather} came?"), "{hero} was afraid.", "afraid", 3)))

LEARN = Plot(
    "learn", ("learning to {skill}", "not giving up", "{skilling} for the first time"),
    "{hero} wants to {skill} but cannot do it. {friend} teaches {him}, {he} practises, and at last {he} can.",
    (("More than anything, {hero} wanted to {skill}.", "{hero} had one big wish: {he} wanted to learn to {skill}."),
     ("{He} tried on Monday and {he} tried on Tuesday, but it always went wrong.",
      "{He} tried it {place}, but it did not work. {He} tried again, and it still did not work."),
     ("Some of the others laughed, and {hero} was ashamed.", "\"I will never learn it,\" said {hero}, and {he} felt sad."),
     ("But {friend} the {friend_kind} did not laugh. \"I could not do it at first,\" said {friend}. \"I will teach you.\"",
      "{friend} the {friend_kind} sat down next to {him}. \"Do it slowly,\" said {friend}, \"one small step at a time.\""),
     ("Every day after lunch they met {place}, and {hero} practised.",
      "So {hero} practised {place} every morning, and {friend} stayed with {him}."),
     ("After one week {he} was a little better. After two weeks {he} was much better.",
      "Some days went well and some days went badly, but {hero} did not give up."),
     ("And one day it worked! \"Look, {friend}! I can {skill}!\" shouted {hero}.",
      "Then the day came when {hero} could {skill} all alone. {friend} clapped and cheered."),
     ("{hero} was very proud, and {friend} was proud too.", "{hero} was proud and happy. {He} had not given up.")),
    (Question(("What did {hero} want to learn?", "What did {hero} learn?"), "{hero} wanted to learn to {skill}.", "{skill}", 1),
     Question(("Who taught {hero}?", "Who helped {hero}?"), "{friend} the {friend_kind} taught {hero}.", "{friend}", 4),
     Question(("Where did {hero} practise?",), "{hero} practised {place}.", "{place}", 5),
     Question(("How did {hero} feel at the end?",), "{hero} was proud.", "proud", 8)))

BROKEN = Plot(
    "broken", ("telling the truth", "a broken {thing}", "saying sorry"),
    "{hero} breaks {friend}'s {thing} and hides it. Then {he} tells the truth, and they mend it together.",
    (("One day {hero} went to visit {friend} the {friend_kind}. {friend} had {a_colour_thing} on the shelf.",
      "{hero} had a friend, {friend} the {friend_kind}. {friend} had {a_colour_thing} that {fhe} loved."),
     ("When {friend} was in the kitchen, {hero} picked it up. It fell to the floor and broke.",
      "{hero} only wanted to look at it, but the {thing} slipped and broke in two."),
     ("{hero} was afraid. {He} hid the {thing} under a blanket and ran home.",
      "\"Oh no!\" thought {hero}. {He} put the {thing} behind the door and said nothing."),
     ("That night {he} could not sleep. {He} felt bad.", "All day long {he} felt bad. Even {his} {food} did not taste good."),
     ("In the morning {he} went back. \"I broke your {thing},\" {he} said. \"I am sorry.\"",
      "At last {he} went to {friend} and told the truth. \"It was me. I am so sorry.\""),
     ("{friend} was quiet for a moment. \"I am sad about the {thing},\" {fhe} said, \"but I am glad that you told me.\"",
      "\"Thank you for telling me the truth,\" said {friend}. \"Things can be mended.\""),
     ("They took some glue and mended the {thing} together.", "So they sat down at the table and mended the {thing} together."),
     ("{hero} felt light again. {He} knew now that it is best to tell the truth.",
      "And {hero} and {friend} were better friends than before.")),
    (Question(("What did {hero} break?", "What broke?"), "{hero} broke the {thing}.", "{thing}", 1),
     Question(("Whose {thing} was it?", "Who owned the {thing}?"), "It was {friend}'s {thing}.", "{friend}", 1),
     Question(("How did {hero} feel after the {thing} broke?", "How did {hero} feel that day?"), "{hero} felt bad.", "bad", 4),
     Question(("What colour was the {thing}?",), "The {thing} was {colour}.", "{colour}", 1),
     Question(("What did they do with the {thing} in the end?",), "They mended the {thing} together.", "mended", 7)))

SHARING = Plot(
    "sharing", ("sharing", "two friends and one {thing}", "taking turns"),
    "{hero} and {friend} both want the {colour} {thing}. They pull and shout. Then they take turns and are happy.",
    (("One day {hero} was walking {place} with {friend} the {friend_kind}.",
      "{hero} and {his} friend {friend} the {friend_kind} often played {place}."),
     ("There they saw {a_colour_thing} in the grass. \"It is mine!\" said {hero}. \"No, I saw it first!\" said {friend}.",
      "There they found {a_colour_thing}. Both of them wanted to have it."),
     ("{hero} pulled and {friend} pulled, and they were both very angry.",
      "They shouted at each other, and then they did not speak at all. Both of them were angry."),
     ("After a while {hero} grew tired of being angry. \"It is no fun to play alone,\" {he} thought.",
      "Then {hero} saw a tear in {friend}'s eye, and {he} was sorry."),
     ("\"Let us take turns,\" said {hero}. \"You may have it first.\"",
      "\"I have an idea,\" said {hero}. \"You take it today, and I take it tomorrow.\""),
     ("{friend} smiled. \"That is fair,\" {fhe} said.", "\"That is a good idea,\" said {friend}, and {fhe} was not angry any more."),
     ("So they shared the {thing}, and it was twice as much fun.",
      "They played with the {thing} all day long, first one and then the other."),
     ("In the end they were both happy.", "After that they shared everything, even their {food}.")),
    (Question(("What did they find?", "What did they both want?"), "They found {a_colour_thing}.", "{thing}", 2),
     Question(("Where did they find the {thing}?", "Where did they play?", "Where were they?"), "They were {place}.", "{place}", 1),
     Question(("Who had the idea?", "Who wanted to take turns?"), "{hero} had the idea to take turns.", "{hero}", 5),
     Question(("Who was with {hero}?",), "{friend} the {friend_kind} was with {hero}.", "{friend}", 1),
     Question(("What colour was the {thing}?",), "The {thing} was {colour}.", "{colour}", 2)))

FEAR = Plot(
    "fear", ("being brave", "being afraid of {fear}", "courage"),
    "{hero} is afraid of {fear}. But {friend} needs help, so {he} goes, and {he} is brave.",
    (("{hero} was afraid of {fear}.", "There was only one thing that {hero} did not like: {he} was afraid of {fear}."),
     ("One evening {he} heard a voice. \"Help! Help!\" It was {friend} the {friend_kind}, who had fallen into a hole {place}.",
      "One day {friend} the {friend_kind} did not come home. \"I think I hear {fhim} {place},\" said {hero}."),
     ("There was no one else to go. {hero} thought of {fear}, and {his} knees shook.",
      "{hero} wanted to hide in {his} bed. \"But {friend} needs me,\" {he} thought."),
     ("{He} took a deep breath and {his} {colour} {thing}, and {he} went out, step by step.",
      "So {he} counted to three, took {his} {colour} {thing}, and went."),
     ("{He} found {friend} and pulled {fhim} out with a rope.", "There was {friend}! {hero} held out a long stick and pulled {fhim} up."),
     ("\"You came all this way for me!\" said {friend}. \"You are so brave.\"",
      "\"Thank you,\" said {friend}. \"Were you not afraid?\" \"I was,\" said {hero}, \"but I came.\""),
     ("Then they walked home and ate {food}.", "At home they sat by the fire and ate {food} together."),
     ("{hero} was not so afraid of {fear} any more.", "Being brave, {hero} learned, is being afraid and going all the same.")),
    (Question(("What was {hero} afraid of?",), "{hero} was afraid of {fear}.", "{fear}", 1),
     Question(("Who needed help?", "Who did {hero} help?"), "{friend} the {friend_kind} needed help.", "{friend}", 2),
     Question(("Where was {friend}?",), "{friend} was {place}.", "{place}", 2),
     Question(("What did {hero} take along?",), "{hero} took {his} {colour} {thing}.", "{thing}", 4),
     Question(("What did they eat?", "What did they eat at home?"), "They ate {food}.", "{food}", 7)))

GIFT = Plot(
    "gift", ("a birthday gift", "a gift for a friend", "a birthday"),
    "It is {friend}'s birthday, and {hero} has no money. {He} makes {a_colour_thing}, and {friend} loves it.",
    (("{friend} the {friend_kind} was {hero}'s best friend, and tomorrow was {friend}'s birthday.",
      "It was almost the birthday of {friend} the {friend_kind}. {hero} wanted to give {fhim} something fine."),
     ("But {hero} had no money to buy a gift.", "But when {hero} looked into {his} purse, it was empty."),
     ("{He} went to the market, but everything cost too much, and {he} was sad.",
      "{hero} sat down and worried. \"What can I give?\" {he} asked {himself}."),
     ("On the way home {he} saw some old wood and paper {place}. Then {he} had an idea.",
      "Then {he} found a box of old things {place}, and {he} had an idea."),
     ("{hero} worked all night. {He} cut and glued and painted, and in the morning there was {a_colour_thing}.",
      "All evening {he} worked. {He} made {a_colour_thing}, all by {himself}."),
     ("\"Happy birthday!\" said {hero}. {friend} opened the gift, and {fhis} eyes grew big.",
      "At the party there was {food}, and then {friend} opened the gift from {hero}."),
     ("\"You made this for me?\" said {friend}. \"It is the best gift of all!\"",
      "\"I love it,\" said {friend}, \"for you made it with your own hands.\""),
     ("And {hero} was as happy as {friend}.", "{hero} learned that a gift does not need to cost money.")),
    (Question(("Whose birthday was it?", "Who had a birthday?"), "It was {friend}'s birthday.", "{friend}", 1),
     Question(("What did {hero} make?", "What was the gift?"), "{hero} made {a_colour_thing}.", "{thing}", 5),
     Question(("What colour was the {thing}?",), "The {thing} was {colour}.", "{colour}", 5),
     Question(("Where did {hero} have the idea?", "Where did {hero} find old things?"), "It was {place}.", "{place}", 4)))

BABY = Plot(
    "baby", ("finding the way home", "{a_friend_kind} who is lost", "helping someone small"),
    "{friend} is lost and cries {place}. {hero} gives {fhim} {food} and takes {fhim} home.",
    (("One day {hero} heard someone crying {place}.", "{hero} was walking {place} when {he} heard a small voice crying."),
     ("It was a baby {friend_kind}. \"My name is {friend},\" {fhe} said. \"I am lost.\"",
      "There sat {friend}, a baby {friend_kind}. \"I can not find my mother,\" said {friend}."),
     ("{hero} gave {fhim} some {food} and dried {fhis} tears.", "\"First eat something,\" said {hero}, and {he} gave {fhim} some {food}."),
     ("\"Do you know where you live?\" asked {hero}. \"There is a {colour} door,\" said {friend}, \"and a tall tree.\"",
      "\"What does your home look like?\" asked {hero}. \"It has a {colour} door,\" said {friend}."),
     ("So they went from house to house. They asked the owl and they asked the frog, but no one knew.",
      "They walked a long way and saw many doors, but none of them was {colour}. {friend} grew tired, so {hero} carried {fhim}."),
     ("Then, behind a hill, they saw a {colour} door. \"That is it!\" cried {friend}.",
      "At last, when the sun was low, they came to a {colour} door. \"Here it is!\" shouted {friend}."),
     ("The mother ran out and held {fhim} tight. \"Thank you, {hero},\" she said.",
      "The door opened, and there was the mother. She kissed {friend} and thanked {hero}."),
     ("{hero} went home with a warm heart.", "That night {hero} slept well, for {he} had done a good thing.")),
    (Question(("Who was lost?", "Who was crying?"), "{friend} the baby {friend_kind} was lost.", "{friend}", 2),
     Question(("What did {hero} give {friend}?", "What did {friend} eat?"), "{hero} gave {friend} some {food}.", "{food}", 3),
     Question(("What colour was the door?",), "The door was {colour}.", "{colour}", 4),
     Question(("Where did {hero} hear the crying?",), "{hero} heard it {place}.", "{place}", 1)))

GARDEN = Plot(
    "garden", ("a garden", "{a_plant}", "being patient"),
    "{hero} plants {seed} {place}. It takes a long time, and {friend} tells {him} to wait. At last there are {fruit}.",
    (("One spring day {hero} planted {seed} {place}.", "{hero} found {seed} and planted it {place}."),
     ("{He} gave it water and sat down to watch. But nothing happened.",
      "The next day {he} ran to look, but there was only brown earth."),
     ("\"It is too slow!\" said {hero}, and {he} wanted to dig it up.", "\"Nothing will ever grow here,\" said {hero}, and {he} was cross."),
     ("\"Wait,\" said {friend} the {friend_kind}. \"Good things need time. Give it water every day.\"",
      "{friend} the {friend_kind} came by and said, \"Be patient. It is growing where you can not see it.\""),
     ("So {hero} gave it water every morning and pulled out the weeds.", "So every day {hero} came back with {his} {colour} bucket and gave it water."),
     ("After some weeks there was a green leaf, and then another one.", "In May there was a tiny green leaf. {hero} danced with joy."),
     ("In the summer it was a big {plant} full of {fruit}.", "It grew and grew, and when autumn came it was {a_plant} with many {fruit}."),
     ("{hero} gave half of the {fruit} to {friend}. \"You were right,\" {he} said. \"Good things need time.\"",
      "{hero} and {friend} ate {fruit} until they were full, and {hero} was glad that {he} had waited.")),
    (Question(("What did {hero} plant?",), "{hero} planted {seed}.", "{seed}", 1),
     Question(("Where did {hero} plant it?", "Where was the garden?"), "{hero} planted it {place}.", "{place}", 1),
     Question(("Who told {hero} to wait?", "Who was patient?"), "{friend} the {friend_kind} told {hero} to wait.", "{friend}", 4),
     Question(("What grew in the end?", "What did it grow into?"), "It grew into {a_plant}.", "{plant}", 7)))

RACE = Plot(
    "race", ("a race", "winning and losing", "a fast runner"),
    "{hero} races against {friend}. {friend} falls, {hero} stops to help, and they cross the line together.",
    (("Every year there was a race {place}, and {hero} wanted to win it.",
      "{hero} was going to run in the big race {place}. The prize was {a_colour_thing}."),
     ("\"I am faster than you,\" said {friend} the {friend_kind}. \"You will never win.\"",
      "But {friend} the {friend_kind} was in the race too, and {friend} was very fast."),
     ("One, two, three, go! {friend} ran ahead, and {hero} was far behind.",
      "The race began. {friend} was soon in front, and {hero} ran as well as {he} could."),
     ("Then {friend} fell over a root and hurt {fhis} leg.", "But {friend} did not look where {fhe} was going, and {fhe} fell down hard."),
     ("{hero} could have run past and won. But {he} stopped.", "Now {hero} was in front! But {he} looked back and saw {friend} crying, and {he} stopped."),
     ("\"Take my hand,\" said {hero}. \"We will go together.\"", "\"Are you hurt?\" asked {hero}. \"Come, I will help you.\""),
     ("Side by side they crossed the line, and everyone cheered.", "They crossed the line together, and all the people clapped."),
     ("\"You are a true friend,\" said {friend}, and they shared the prize.",
      "\"I am sorry that I laughed at you,\" said {friend}. Then they ate {food} and were friends.")),
    (Question(("Who fell?", "Who was hurt?", "Who was fast?"), "{friend} the {friend_kind} fell.", "{friend}", 4),
     Question(("Who stopped to help?",), "{hero} stopped to help.", "{hero}", 5),
     Question(("Where was the race?",), "The race was {place}.", "{place}", 1),
     Question(("Who won the race?",), "They crossed the line together.", "together", 7)))

PLOTS = (LOST, STUCK, SHY, WEATHER, LEARN, BROKEN, SHARING, FEAR, GIFT, BABY, GARDEN, RACE)
OPENINGS = ("Once upon a time there was {hero_intro} named {hero}. {He} lived {home} {home_place}.",
            "Once upon a time, {hero_intro} named {hero} lived {home} {home_place}.",
            "Once upon a time there lived {hero_intro} called {hero}. {hero} lived {home} {home_place}.",
            "Once upon a time {home_place} there was {hero_intro} named {hero}.")
OPENING_QUESTIONS = (
    Question(("Who is the story about?", "What is the name of the {hero_kind}?"), "The story is about {hero} the {hero_kind}.", "{hero}", 0),
    Question(("Who is {hero}?", "What is {hero}?"), "{hero} is {a_hero_kind}.", "{hero_kind}", 0),
    Question(("Where did {hero} live?", "Where does {hero} live?"), "{hero} lived {home_place}.", "{home_place}", 0))
ENDING = "The end."
