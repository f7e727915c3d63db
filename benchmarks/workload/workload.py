"""Hearth and its peers under the requests of many users, on the same file; workload.sh sets up what it needs.

    workload.sh [SHAPE ...] [--model qwen3-0.6b:Q8_0] [--sides hearth,llama-server,...] [--sessions N] [--rate inf] [--rounds 3] [--out DIR]
    workload.sh --trace FILE.jsonl ...

In each round every side replays the trace in a new process, one side after the other, from the first to the last and in the next round the
other way around. A ratio is of two runs of a round. Writes workload.json, workload.svg, the traces and what the sides print, and prints a table
of medians.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "race"))

import metrics
import picture
import quiet
import race
import traces

PEERS = ("llama-server", "hearth-one", "llama-cpp-python", "java-llama.cpp")


class Run:
    """What the sides replay, and with what."""

    def __init__(self, title, requests, options):
        self.title = title
        self.requests = requests
        self.options = options
        self.file = race.file_of(options.model, options.models)
        self.slots = min(options.slots, sum(r.after is None for r in requests))
        # room for the token behind the last, in pieces of 256 positions
        self.context = (max(r.positions for r in requests) + 2 + 255) // 256 * 256
        self.trace = options.out / f"{title}.jsonl"
        traces.save(requests, self.trace)

    def command(self, side):
        threads = self.options.threads
        match side:
            case "hearth":
                return self.hearth("TOGETHER")
            case "hearth-one":
                return self.hearth("ONE")
            case "llama-server":
                return [
                    sys.executable, HERE / "llama_server_side.py", self.options.llama_server, self.file, self.trace, threads,
                    self.slots, self.context, self.options.out / f"{self.title}-llama-server.log"]
            case "llama-cpp-python":
                return [sys.executable, HERE / "llama_cpp_python_side.py", self.file, self.trace, threads, self.context]

            case "java-llama.cpp":
                return [
                    sys.executable, HERE / "java_llama_cpp_side.py", self.trace, *race.PEERS_JAVA, "dev.hearth.race.JavaLlamaCppMany", self.file,
                    threads, self.slots, self.context]

    def hearth(self, service):
        return [
            *race.JAVA, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "dev.hearth.bench.WorkloadSide", self.file,
            self.trace, self.options.threads, self.slots, self.context, service]

    def replay(self, side, number):
        """What the side says of itself, and its figures."""
        printed = self.options.out / f"{self.title}-{side}-{number}.jsonl"
        watch = quiet.Watch()
        with open(printed, "w") as out:
            code = subprocess.run([str(part) for part in self.command(side)], stdout=out).returncode
        others = watch.others()
        if code:
            raise SystemExit(f"{self.title}: {side} ended with code {code}")
        if others is not None and others > quiet.OTHERS_LIMIT:
            print(f"{self.title}: {side}: other programs took {100 * others:.0f} % of the processors meanwhile", file=sys.stderr)
        first, *records = (json.loads(line) for line in printed.read_text().splitlines())
        wrong = metrics.failures(self.requests, records)
        if wrong:
            raise SystemExit(f"{self.title}: {side}: {len(wrong)} failures, first {wrong[0]}")
        figures = metrics.of(self.requests, records, metrics.Bounds(self.options.first_token, self.options.token))
        return first["library"], figures | {"othersShare": others}


def rounds(run, sides):
    """After each round what was replayed, the figures of each side so far and what each says of itself."""
    figures, libraries = {side: [] for side in sides}, {}
    for number in range(run.options.rounds):
        for side in sides[:: 1 if number % 2 == 0 else -1]:
            libraries[side], result = run.replay(side, number)
            figures[side].append(result)
            print(".", end="", file=sys.stderr, flush=True)
        yield [row(run, side, figures) for side in sides], libraries
    print(file=sys.stderr)


def row(run, side, figures):
    prompt = sum(len(r.prompt) for r in run.requests)
    middle = metrics.median(figures[side])
    result = {"model": run.options.model, "test": run.title, "peer": side}
    if side != "hearth":
        result |= metrics.ratio(figures["hearth"], figures[side])
    return result | {
        "requests": len(run.requests),
        "promptTokens": prompt,
        "outputTokens": sum(r.output for r in run.requests),
        "knownShare": traces.known_tokens(run.requests) / prompt,
        "cachedShare": None if middle["cachedTokens"] is None else middle["cachedTokens"] / prompt,
        **middle,
        "runs": figures[side],
    }


def number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def percent(share):
    return "" if share is None else f"{100 * share:.0f}"


def show(rows):
    print(
        "| shape | side | Hearth's output tokens as a multiple | range | output tokens/s | all tokens/s | requests/s | first token, s: p50 | p99"
        " | between tokens, ms: p50 | p99 | end to end, s: p50 | p99 | good, % | good requests/s | prompts known, % | of |")
    print("|" + " --- |" * 17)
    for r in rows:
        ratio = f"{r['ratio']:.2f} | {r['ratioLeast']:.2f}–{r['ratioMost']:.2f}" if "ratio" in r else " | "
        milliseconds = [number(r[f"p{p}BetweenSeconds"] and 1000 * r[f"p{p}BetweenSeconds"], 0) for p in (50, 99)]
        cells = [
            r["test"], r["peer"], ratio, number(r["outputTokensPerSecond"], 1), number(r["tokensPerSecond"], 0),
            number(r["requestsPerSecond"], 2), *(number(r[f"p{p}FirstTokenSeconds"], 2) for p in (50, 99)), *milliseconds,
            *(number(r[f"p{p}EndToEndSeconds"], 1) for p in (50, 99)), percent(r["goodShare"]),
            number(r["goodRequestsPerSecond"], 2), percent(r["cachedShare"]), percent(r["knownShare"])]
        print("| " + " | ".join(cells) + " |")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", nargs="*", help="of " + ", ".join(traces.SHAPES) + "; all of them unless told otherwise")
    parser.add_argument("--trace", type=pathlib.Path, help="a file to replay instead of a shape")
    parser.add_argument("--model", default="qwen3-0.6b:Q8_0", help="a .gguf file or SHAPE:TYPE[:LAYERS], as of race.sh")
    parser.add_argument("--sides", default=",".join(PEERS[:3]), help="beside hearth; of " + ", ".join(PEERS))
    parser.add_argument("--sessions", type=int, help="sessions of a trace, unless as many as the shape has")
    parser.add_argument("--rate", type=float, default=math.inf, help="sessions that begin in a second; inf: all at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ids", type=ids, default="1000:100000", help="FIRST:END of the token ids, which the model has and which mean nothing special")
    parser.add_argument("--slots", type=int, default=16, help="most slots of llama-server")
    parser.add_argument("--first-token", type=float, default=2.0, help="seconds to the first token that a good request takes at most")
    parser.add_argument("--token", type=float, default=0.2, help="seconds a token after it, in the mean")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", type=pathlib.Path, required=True, help="where files of random weights are kept")
    parser.add_argument("--llama-server", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=race.ROOT / "benchmarks/target/workload")
    options = parser.parse_args()
    if not set(options.shape) <= set(traces.SHAPES):
        parser.error(f"SHAPE: expected some of {', '.join(traces.SHAPES)}, found {' '.join(options.shape)}")
    return options


def ids(text):
    first, end = text.split(":")
    return range(int(first), int(end))


def workloads(options):
    """Titles and requests."""
    if options.trace:
        yield options.trace.stem, traces.load(options.trace)
    for title in options.shape or ([] if options.trace else traces.SHAPES):
        shape = traces.SHAPES[title]
        yield title, traces.make(shape, options.seed, options.sessions or shape.sessions, options.rate, options.ids)


def main():
    options = arguments()
    sides = ["hearth", *(side for side in options.sides.split(",") if side != "hearth")]
    if not set(sides) <= {"hearth", *PEERS}:
        raise SystemExit(f"--sides: expected some of {', '.join(PEERS)}, found {options.sides}")
    options.out.mkdir(parents=True, exist_ok=True)
    report = {
        "cpu": race.cpu(), "threads": options.threads, "rounds": options.rounds, "seed": options.seed, "sessionsPerSecond": str(options.rate),
        "firstTokenBoundSeconds": options.first_token, "tokenBoundSeconds": options.token}
    rows, results = [], []
    for title, requests in workloads(options):
        for results, libraries in rounds(Run(title, requests, options), sides):
            report |= {"sides": libraries, "rows": rows + results}
            (options.out / "workload.json").write_text(json.dumps(report, indent=1))
            compared = [r for r in rows + results if "ratio" in r]
            (options.out / "workload.svg").write_text(picture.of(compared, f"{options.threads} threads, {race.cpu()}"))
        rows += results
        show(results)
    if len(rows) > len(results):
        show(rows)


if __name__ == "__main__":
    main()
