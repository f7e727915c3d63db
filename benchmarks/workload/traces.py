"""Traces: requests of token ids with the moments at which they arrive. A trace depends on its arguments alone.

A session is what one user does: a first prompt, and others that each arrive a while after the former answer has ended. A prompt is a system
prompt that all sessions share, a document that a session has or that several share, and all that was said in the session so far. Answers of
the past are the trace's own tokens, not what an engine said, so that every engine gets the same prompts.
"""
import dataclasses
import json
import math
import random


@dataclasses.dataclass(frozen=True)
class Length:
    """Numbers of tokens: log-normal around a median, within limits."""

    median: int
    spread: float  # standard deviation of the logarithm
    least: int
    most: int

    def draw(self, source):
        return min(self.most, max(self.least, round(self.median * math.exp(source.gauss(0, self.spread)))))


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the sessions of a trace are like."""

    sessions: int  # unless told otherwise
    system: int  # tokens
    documents: int  # that sessions take at random; 0: one of its own for each
    document: Length | None
    turns: tuple[int, int]  # least and most of a session
    said: Length  # by the user, or by a tool, in a turn
    answer: Length
    pause_seconds: float  # mean of an exponential distribution, from an answer's end to the next prompt


SHAPES = {
    "chat": Shape(16, 512, 0, None, (2, 6), Length(64, 0.8, 8, 512), Length(192, 0.6, 32, 512), 10.0),
    "agent": Shape(12, 2048, 0, None, (4, 10), Length(128, 1.0, 16, 1024), Length(48, 0.6, 16, 192), 1.0),
    "rag": Shape(48, 256, 6, Length(1500, 0.3, 750, 3000), (1, 1), Length(32, 0.5, 8, 128), Length(64, 0.6, 16, 192), 0.0),
    "code": Shape(12, 256, 0, Length(1800, 0.5, 600, 4000), (3, 5), Length(48, 0.6, 16, 192), Length(160, 0.6, 32, 512), 10.0),
}


@dataclasses.dataclass(frozen=True)
class Request:
    """What an engine is asked for."""

    id: int
    after: int | None  # the request of the session before it
    delay: float  # seconds from the end of that one, or from the start
    prompt: list[int]
    output: int  # tokens to choose, whatever they are

    @property
    def positions(self):
        return len(self.prompt) + self.output


def make(shape, seed, sessions, rate, ids):
    """Requests of so many sessions, of which `rate` begin a second, at random; ids are of the range `ids`."""

    def tokens(source, count):
        return source.choices(ids, k=count)

    system = tokens(random.Random(f"{seed} system"), shape.system)
    shared = [document(random.Random(f"{seed} document {i}"), shape, tokens) for i in range(shape.documents)]
    starts, start = random.Random(f"{seed} starts"), 0.0
    requests = []
    for session in range(sessions):
        source = random.Random(f"{seed} session {session}")
        start += starts.expovariate(rate) if math.isfinite(rate) else 0.0
        prompt = system + (source.choice(shared) if shared else document(source, shape, tokens))
        after, delay = None, start
        for _ in range(source.randint(*shape.turns)):
            prompt = prompt + tokens(source, shape.said.draw(source))
            request = Request(len(requests), after, delay, prompt, shape.answer.draw(source))
            requests.append(request)
            prompt = prompt + tokens(source, request.output)
            after = request.id
            delay = source.expovariate(1 / shape.pause_seconds) if shape.pause_seconds else 0.0
    return requests


def document(source, shape, tokens):
    return tokens(source, shape.document.draw(source)) if shape.document else []


def warm_up(requests):
    """A request that shares no beginning with these."""
    return Request(0, None, 0.0, requests[-1].prompt[::-1][:256], 32)


def known_tokens(requests):
    """How many tokens of prompts stand at the beginning of an earlier prompt too: what a cache without limits would know, answers apart."""
    known, seen = 0, {}  # (the node before, token) -> node
    for request in requests:
        node, is_new = 0, False
        for token in request.prompt:
            step = node, token
            is_new = is_new or step not in seen
            known += not is_new
            node = seen.setdefault(step, len(seen) + 1)
    return known


def save(requests, file):
    with open(file, "w") as out:
        for request in requests:
            out.write(json.dumps(dataclasses.asdict(request), separators=(",", ":")) + "\n")


def load(file):
    """The requests of a file; each waits for an earlier one at most."""
    requests = []
    with open(file) as lines:
        for line in lines:
            request = Request(**json.loads(line))
            if request.id != len(requests) or (request.after is not None and not 0 <= request.after < request.id):
                raise SystemExit(
                    f"{file}: request {len(requests)}: expected ids from 0 on and `after` an earlier one, found {request.id} after {request.after}")
            requests.append(request)
    return requests
