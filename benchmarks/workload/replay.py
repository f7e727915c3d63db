"""What the sides in Python share: requests are sent when they arrive, and what became of them is printed, a JSON line each."""
import heapq
import json
import threading
import time

import traces


class Replay:
    """Requests of a trace in the order of their arrival, those that wait for another once it has ended."""

    def __init__(self, requests):
        self.due = [(r.delay, r.id) for r in requests if r.after is None]
        heapq.heapify(self.due)
        self.requests = requests
        self.followers = {}
        for request in requests:
            self.followers.setdefault(request.after, []).append(request)
        self.left = len(requests)  # that nobody has taken yet
        self.changed = threading.Condition()
        self.start = time.perf_counter()

    def now(self):
        """Seconds from the start."""
        return time.perf_counter() - self.start

    def take(self):
        """The next request and when it arrived, as soon as it has; None if all have been taken."""
        with self.changed:
            while self.left:
                wait = self.due[0][0] - self.now() if self.due else None
                if wait is not None and wait <= 0:
                    self.left -= 1
                    if not self.left:
                        self.changed.notify_all()
                    arrival, taken = heapq.heappop(self.due)
                    return self.requests[taken], arrival
                self.changed.wait(wait)
            return None

    def ended(self, request, end):
        with self.changed:
            for follower in self.followers.get(request.id, []):
                heapq.heappush(self.due, (end + follower.delay, follower.id))
            self.changed.notify_all()


def run(requests, send, workers):
    """`send(request, replay)` gives the moments at which tokens came, how many there were and how many of the prompt were known before."""
    replay = Replay(requests)
    printing = threading.Lock()

    def work():
        while (taken := replay.take()) is not None:
            request, arrival = taken
            record = {"id": request.id, "arrival": arrival, "times": [], "tokens": 0, "cached": None, "error": None}
            try:
                record |= dict(zip(("times", "tokens", "cached"), send(request, replay)))
            except Exception as failure:  # one request's mishap is its own
                record["error"] = f"{type(failure).__name__}: {failure}"
            record["end"] = replay.now()
            with printing:
                print(json.dumps(record), flush=True)
            replay.ended(request, record["end"])

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def warm_up(requests, send):
    """A request that shares nothing with the trace, so that code and memory are warm."""
    request = traces.warm_up(requests)
    send(request, Replay([request]))
