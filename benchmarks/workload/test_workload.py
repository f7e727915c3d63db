"""Tests of traces and figures; standard library only: python -m unittest test_workload.py"""
import math
import pathlib
import statistics
import tempfile
import unittest

import metrics
import replay
import traces

IDS = range(1000, 2000)


def made(title, seed=1, sessions=4, rate=math.inf):
    return traces.make(traces.SHAPES[title], seed, sessions, rate, IDS)


def each():
    return [(title, made(title)) for title in traces.SHAPES]


def record(times, tokens=None, arrival=0.0, end=None, cached=0, id=0):
    return {
        "id": id, "arrival": arrival, "times": times, "end": end or times[-1], "tokens": tokens or len(times), "cached": cached, "error": None}


class TracesTest(unittest.TestCase):
    def test_make_sameArguments(self):
        for title, requests in each():
            self.assertEqual(requests, made(title))
            self.assertNotEqual(requests, made(title, seed=2))

    def test_make_moreSessions(self):
        for title, requests in each():
            self.assertEqual(requests, made(title, sessions=6)[: len(requests)])

    def test_prompts_beginWithWhatIsShared(self):
        for title, requests in each():
            shape = traces.SHAPES[title]
            self.assertEqual(1, len({tuple(r.prompt[: shape.system]) for r in requests}))
            for request in requests:
                self.assertTrue(set(request.prompt) <= set(IDS))
                if request.after is not None:
                    before = requests[request.after]
                    self.assertEqual(before.prompt, request.prompt[: len(before.prompt)])
                    said = len(request.prompt) - before.positions
                    self.assertTrue(shape.said.least <= said <= shape.said.most)

    def test_sessions_haveTheirTurns(self):
        for title, requests in each():
            shape = traces.SHAPES[title]
            starts = [r.id for r in requests if r.after is None] + [len(requests)]
            self.assertEqual(5, len(starts))
            for start, end in zip(starts, starts[1:]):
                self.assertTrue(shape.turns[0] <= end - start <= shape.turns[1])

    def test_documents_areShared(self):
        requests = made("rag", sessions=48)
        shape = traces.SHAPES["rag"]
        beginnings = {tuple(r.prompt[: shape.system + shape.document.least]) for r in requests}
        self.assertEqual(shape.documents, len(beginnings))

    def test_length_staysWithinLimits(self):
        length = traces.Length(64, 1.0, 16, 200)
        drawn = [length.draw(traces.random.Random(i)) for i in range(2000)]
        self.assertEqual((16, 200), (min(drawn), max(drawn)))
        self.assertAlmostEqual(64, statistics.median(drawn), delta=6)

    def test_rate_isThatOfSessions(self):
        starts = [r.delay for r in made("rag", sessions=2000, rate=4.0)]
        self.assertEqual(sorted(starts), starts)
        self.assertAlmostEqual(4.0, len(starts) / starts[-1], delta=0.4)
        self.assertEqual({0.0}, {r.delay for r in made("rag")})

    def test_knownTokens_areThoseOfEarlierPrompts(self):
        requests = [traces.Request(i, None, 0.0, p, 1) for i, p in enumerate([[1, 2, 3], [1, 2, 4], [2, 3], [1, 2, 4, 5]])]
        self.assertEqual(2 + 0 + 3, traces.known_tokens(requests))

    def test_file_givesTheSameRequests(self):
        for _, requests in each():
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder, "trace.jsonl")
                traces.save(requests, file)
                self.assertEqual(requests, traces.load(file))


class ReplayTest(unittest.TestCase):
    def test_requests_areTakenAsTheyArrive(self):
        requests = [traces.Request(0, None, 0.02, [1], 1), traces.Request(1, 0, 0.01, [1], 1), traces.Request(2, None, 0.0, [1], 1)]
        clock, order = replay.Replay(requests), []
        while (taken := clock.take()) is not None:
            request, arrival = taken
            self.assertLessEqual(arrival, clock.now())
            order.append(request.id)
            clock.ended(request, clock.now())
        self.assertEqual([2, 0, 1], order)


class MetricsTest(unittest.TestCase):
    def test_percentile_liesBetweenRanks(self):
        self.assertEqual(2.5, metrics.percentile([4, 1, 3, 2], 50))
        self.assertEqual(4, metrics.percentile([4, 1, 3, 2], 100))
        self.assertEqual(7, metrics.percentile([7], 99))
        self.assertIsNone(metrics.percentile([], 50))

    def test_figures_areOfTheWholeReplay(self):
        requests = [traces.Request(0, None, 0.0, [1] * 10, 3), traces.Request(1, None, 1.0, [1] * 20, 2)]
        records = [record([1.0, 1.5, 2.0], cached=4), record([4.0, 5.0], arrival=1.0, id=1, cached=5)]
        figures = metrics.of(requests, records, metrics.Bounds(2.0, 0.6))
        self.assertEqual(5.0, figures["seconds"])
        self.assertEqual(1.0, figures["outputTokensPerSecond"])
        self.assertEqual(7.0, figures["tokensPerSecond"])
        self.assertEqual(0.4, figures["requestsPerSecond"])
        self.assertEqual(9, figures["cachedTokens"])
        self.assertEqual(2.0, figures["p50FirstTokenSeconds"])
        self.assertEqual(0.5, figures["p50BetweenSeconds"])
        self.assertEqual(3.0, figures["p50EndToEndSeconds"])
        self.assertEqual(0.5, figures["goodShare"])
        self.assertEqual(0.2, figures["goodRequestsPerSecond"])

    def test_good_keepsBothBounds(self):
        self.assertTrue(metrics.is_good(record([1.0, 1.5, 2.0]), metrics.Bounds(1.0, 0.5)))
        self.assertFalse(metrics.is_good(record([1.1, 1.5, 2.0]), metrics.Bounds(1.0, 0.5)))
        self.assertFalse(metrics.is_good(record([1.0, 1.5, 2.1]), metrics.Bounds(1.0, 0.5)))
        self.assertTrue(metrics.is_good(record([1.0]), metrics.Bounds(1.0, 0.0)))

    def test_failures_areFound(self):
        requests = [traces.Request(0, None, 0.0, [1], 2)]
        self.assertEqual([], metrics.failures(requests, [record([1.0, 2.0])]))
        self.assertEqual(["request 0: expected 2 tokens, found 3, 3 times"], metrics.failures(requests, [record([1.0, 2.0, 3.0])]))
        self.assertEqual(["request 0: broken"], metrics.failures(requests, [record([1.0, 2.0]) | {"error": "broken"}]))
        self.assertEqual(["expected 1 records, found 0"], metrics.failures(requests, []))

    def test_ratio_isOfRounds(self):
        ours, theirs = ([{"outputTokensPerSecond": speed} for speed in speeds] for speeds in ([4.0, 6.0, 9.0], [2.0, 2.0, 2.0]))
        self.assertEqual({"ratio": 3.0, "ratioLeast": 2.0, "ratioMost": 4.5}, metrics.ratio(ours, theirs))


if __name__ == "__main__":
    unittest.main()
