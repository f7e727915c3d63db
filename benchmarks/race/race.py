"""Races Hearth against llama.cpp on the same GGUF files; race.sh sets up what it needs.

    race.sh [MODEL ...] [--tests pp512,tg128,...] [--threads N] [--rounds 5] [--out DIR]

MODEL is a .gguf file, or SHAPE:TYPE[:LAYERS] for one of random weights (dev.hearth.bench.RandomModel). In each round every test runs
once in Hearth and once in llama.cpp, one behind the other, in turn the one or the other first, and memory is read between them.
A ratio is of the two runs of a round. Writes race.json and race.svg, and prints a table of medians and ranges.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

import picture

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
JAVA = [pathlib.Path(os.environ["JAVA_HOME"]) / "bin/java", "-cp", ROOT / "benchmarks/target/app/*"]
MODELS = [
    "qwen3-0.6b:Q8_0", "qwen3-0.6b:Q4_0", "qwen3-0.6b:Q4_K_M", "qwen3-0.6b:BF16",
    "llama-3.2-1b:Q8_0", "llama-3.2-1b:Q4_K_M", "moe-1.4b:Q4_K_M",
]
TESTS = "pp512,tg128,tg128@4,tg128@16,tg64@d8192"


class Racer:
    """A process that answers each line with one."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended early, with code {self.process.wait()}")
        return line.strip()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait()


def hearth(model, tests, threads):
    """Hearth's side, with room for these tests."""
    names = [re.fullmatch(r"(pp|tg)(\d+)(?:@(\d+))?(?:@d(\d+))?", test) for test in tests]
    if None in names:
        raise SystemExit(f"--tests: expected names such as pp512, tg128@4 and tg64@d8192, found {tests[names.index(None)]}")

    def most(numbers):
        return str(max([int(n) for n in numbers if n], default=0))

    return Racer(
        *JAVA, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "dev.hearth.cli.Main", "bench", model, "--alternate", "-t", threads,
        "-p", most(n[2] for n in names if n[1] == "pp"), "-n", most(n[2] for n in names if n[1] == "tg"),
        "-b", most([n[3] for n in names] + ["1"]), "-d", most(n[4] for n in names))


def file_of(model, folder):
    """The file of a model's name, made if need be."""
    if model.endswith(".gguf"):
        return pathlib.Path(model)
    shape, kind, *layers = model.split(":")
    file = folder / (model.replace(":", "-") + ".gguf")
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {file} ...", file=sys.stderr)
        subprocess.run([*JAVA, "dev.hearth.bench.RandomModel", shape, kind, file, *layers], check=True)
    return file


def race(model, file, tests, threads, rounds):
    """After each round the rows of results so far, and what llama.cpp says of its build."""
    runs = {test: {"hearth": [], "llama.cpp": [], "read": []} for test in tests}
    bytes_per_token = {}
    with hearth(file, tests, threads) as ours, Racer(sys.executable, HERE / "llama_cpp_side.py", file, threads) as theirs:
        build = theirs.answer()
        for number in range(rounds):
            for test in tests:
                for side in ("hearth", "llama.cpp")[:: 1 if number % 2 == 0 else -1]:
                    runs[test]["read"].append(json.loads(ours.ask("read"))["gigabytesPerSecond"])
                    if side == "hearth":
                        result = json.loads(ours.ask(test))
                        runs[test][side].append(result["tokensPerSecond"])
                        if "gigabytesPerSecond" in result:
                            bytes_per_token[test] = result["gigabytesPerSecond"] / result["tokensPerSecond"]
                    else:
                        runs[test][side].append(float(theirs.ask(test)))
                print(".", end="", file=sys.stderr, flush=True)
            yield [row(model, test, runs[test], bytes_per_token.get(test)) for test in tests], build
    print(file=sys.stderr)


def row(model, test, runs, gigabytes_per_token):
    ratios = [ours / theirs for ours, theirs in zip(runs["hearth"], runs["llama.cpp"])]
    result = {
        "model": model,
        "test": test,
        "ratio": statistics.median(ratios),
        "ratioLeast": min(ratios),
        "ratioMost": max(ratios),
        "ratioOfBest": max(runs["hearth"]) / max(runs["llama.cpp"]),
        "hearth": statistics.median(runs["hearth"]),
        "llama.cpp": statistics.median(runs["llama.cpp"]),
        "readLimitGigabytesPerSecond": statistics.median(runs["read"]),
        "runs": runs,
    }
    if gigabytes_per_token:
        for side in ("hearth", "llama.cpp"):
            result[side + "PercentOfReadLimit"] = (
                100 * gigabytes_per_token * result[side] / result["readLimitGigabytesPerSecond"])
    return result


def show(rows):
    print("| model | test | Hearth, tokens/s | llama.cpp | ratio | range | of the best | Hearth, % of memory's speed | llama.cpp | memory, GB/s |")
    print("|" + " --- |" * 10)
    for r in rows:
        parts = [f"{r[side + 'PercentOfReadLimit']:.0f}" if side + "PercentOfReadLimit" in r else "" for side in ("hearth", "llama.cpp")]
        print(
            f"| {r['model']} | {r['test']} | {r['hearth']:.1f} | {r['llama.cpp']:.1f} | {r['ratio']:.2f}"
            f" | {r['ratioLeast']:.2f}–{r['ratioMost']:.2f} | {r['ratioOfBest']:.2f} | {parts[0]} | {parts[1]} | {r['readLimitGigabytesPerSecond']:.1f} |")


def cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", default=MODELS)
    parser.add_argument("--tests", default=TESTS)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=pathlib.Path, required=True, help="where files of random weights are kept")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "benchmarks/target/race")
    options = parser.parse_args()
    tests = options.tests.split(",")
    rows, results = [], []
    options.out.mkdir(parents=True, exist_ok=True)
    report = {"cpu": cpu(), "threads": options.threads, "rounds": options.rounds}
    for model in options.model:
        for results, build in race(model, file_of(model, options.models), tests, options.threads, options.rounds):
            report |= {"llama.cpp": build, "rows": rows + results}
            (options.out / "race.json").write_text(json.dumps(report, indent=1))
            (options.out / "race.svg").write_text(picture.of(rows + results, f"{options.threads} threads, {cpu()}"))
        rows += results
        show(results)
    if len(options.model) > 1:
        show(rows)


if __name__ == "__main__":
    main()
