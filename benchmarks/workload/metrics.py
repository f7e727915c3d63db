"""Figures of a replayed trace, out of the records that a side prints: times in seconds from the start of the replay."""
import dataclasses
import math
import statistics


@dataclasses.dataclass(frozen=True)
class Bounds:
    """What a request has to keep to count as good."""

    first_token: float  # seconds from its arrival
    token: float  # seconds a token, mean of those after the first


def percentile(values, percent):
    """Between the two nearest ranks, in proportion; none of no values."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def first_token(record):
    return record["times"][0] - record["arrival"]


def per_token(record):
    """Mean seconds of a token after the first; 0 if there is none."""
    return (record["times"][-1] - record["times"][0]) / max(1, record["tokens"] - 1)


def is_good(record, bounds):
    return first_token(record) <= bounds.first_token and per_token(record) <= bounds.token


def failures(requests, records):
    """What is wrong with the records of a replay; a figure of some of a trace's requests would be one of another trace."""
    found = [f"request {r['id']}: {r['error']}" for r in records if r["error"]]
    found += [
        f"request {r['id']}: expected {requests[r['id']].output} tokens, found {r['tokens']}, {len(r['times'])} times"
        for r in records if not r["error"] and (r["tokens"] != requests[r["id"]].output or not r["times"])]
    if len(records) != len(requests):
        found.append(f"expected {len(requests)} records, found {len(records)}")
    return found


def of(requests, records, bounds):
    """Figures of one replay, from the first arrival to the last end."""
    seconds = max(r["end"] for r in records) - min(r["arrival"] for r in records)
    output = sum(r["tokens"] for r in records)
    prompt = sum(len(r.prompt) for r in requests)
    good = sum(is_good(r, bounds) for r in records)
    figures = {
        "seconds": seconds,
        "requestsPerSecond": len(records) / seconds,
        "outputTokensPerSecond": output / seconds,
        "tokensPerSecond": (prompt + output) / seconds,
        "goodShare": good / len(records),
        "goodRequestsPerSecond": good / seconds,
        "cachedTokens": None if any(r["cached"] is None for r in records) else sum(r["cached"] for r in records),
    }
    latencies = {
        "FirstToken": [first_token(r) for r in records],
        "Between": [after - before for r in records for before, after in zip(r["times"], r["times"][1:])],
        "EndToEnd": [r["end"] - r["arrival"] for r in records],
    }
    for name, values in latencies.items():
        for percent in (50, 99):
            figures[f"p{percent}{name}Seconds"] = percentile(values, percent)
    return figures


def median(runs):
    """Of the figures of several replays; none where a replay has none."""
    return {
        name: None if any(run[name] is None for run in runs) else statistics.median(run[name] for run in runs) for name in runs[0]}


def ratio(ours, theirs):
    """Output tokens a second of ours, as a multiple of theirs, round by round."""
    ratios = [a["outputTokensPerSecond"] / b["outputTokensPerSecond"] for a, b in zip(ours, theirs)]
    return {"ratio": statistics.median(ratios), "ratioLeast": min(ratios), "ratioMost": max(ratios)}
