"""Races Hearth against its peers on the same GGUF files; race.sh sets up what it needs.

    race.sh [MODEL ...] [--peers llama.cpp,java-llama.cpp,jlama] [--tests pp512,tg128,...] [--threads N] [--rounds 5] [--out DIR]

MODEL is a .gguf file, or SHAPE:TYPE[:LAYERS] for one of random weights (dev.hearth.bench.RandomModel). In each round every test runs
once in Hearth and once in a peer, one behind the other, in turn the one or the other first; between them memory is read and registers
multiply; so with each peer. A ratio is of the two runs of a round. Writes race.json and race.svg, and prints a table of medians and ranges.
"""
import argparse
import contextlib
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
PEERS_TARGET = HERE / "peers/target"
PEERS_JAVA = [  # with a temporary folder of its own: de.kherud's loader deletes what is called like itself in a shared one
    JAVA[0], "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector",
    f"-Djava.io.tmpdir={PEERS_TARGET / 'tmp'}", "-cp", PEERS_TARGET / "app/*"]
MODELS = [
    "qwen3-0.6b:Q8_0", "qwen3-0.6b:Q4_0", "qwen3-0.6b:Q4_K_M", "qwen3-0.6b:BF16",
    "llama-3.2-1b:Q8_0", "llama-3.2-1b:Q4_K_M", "moe-1.4b:Q4_K_M",
]
SAME_FILE = {"llama.cpp", "java-llama.cpp"}  # what the others read differs: see README.md
NUMBERS = ("int8", "bf16", "f32")  # that products multiply, each at a speed of its own
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
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def parts(tests):
    """Of each test kind, tokens, sequences and depth, as text."""
    names = [re.fullmatch(r"(pp|tg)(\d+)(?:@(\d+))?(?:@d(\d+))?", test) for test in tests]
    if None in names:
        raise SystemExit(f"--tests: expected names such as pp512, tg128@4 and tg64@d8192, found {tests[names.index(None)]}")
    return names


def hearth(model, tests, threads):
    """Hearth's side, with room for these tests."""
    names = parts(tests)

    def most(numbers):
        return str(max([int(n) for n in numbers if n], default=0))

    return Racer(
        *JAVA, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "dev.hearth.cli.Main", "bench", model, "--precision", "fast", "--alternate", "-t", threads,
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


def llama_cpp(model, file, tests, threads, folder):
    return Racer(sys.executable, HERE / "llama_cpp_side.py", file, threads)


def java_llama_cpp(model, file, tests, threads, folder):
    positions = max(int(n[2]) + int(n[4] or 0) for n in parts(tests))
    return Racer(*PEERS_JAVA, "dev.hearth.race.JavaLlamaCpp", file, threads, positions + 2)


def jlama(model, file, tests, threads, folder):
    """On a model of the same shape: Jlama reads no GGUF."""
    if model.endswith(".gguf"):
        raise SystemExit(f"jlama: expected SHAPE:TYPE[:LAYERS], found {model}; it reads folders alone, which are made for a shape")
    shape, _, *layers = model.split(":")
    twin = folder / ("-".join([shape, *layers]) + "-BF16")
    if not (twin / "model.safetensors").exists():
        print(f"making {twin} ...", file=sys.stderr)
        subprocess.run([*JAVA, "dev.hearth.bench.RandomFolder", shape, twin, *layers], check=True)
    return Racer(*PEERS_JAVA, "dev.hearth.race.Jlama", twin, threads)


PEERS = {"llama.cpp": llama_cpp, "java-llama.cpp": java_llama_cpp, "jlama": jlama}


def race(model, options, tests, peers):
    """After each round the rows of results so far, and what the peers say of their builds."""
    file = file_of(model, options.models)
    runs = {(test, peer): {"hearth": [], "peer": [], "limits": []} for peer in peers for test in tests}
    needs = {}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(hearth(file, tests, options.threads))
        theirs = {p: stack.enter_context(PEERS[p](model, file, tests, options.threads, options.models)) for p in peers}
        builds = {peer: racer.answer() for peer, racer in theirs.items()}
        for number in range(options.rounds):
            for (test, peer), seen in list(runs.items()):
                for side in ("hearth", "peer")[:: 1 if number % 2 == 0 else -1]:
                    limits = json.loads(ours.ask("limits"))
                    if side == "hearth":
                        result = json.loads(ours.ask(test))
                        speed = result["tokensPerSecond"]
                        needs[test] = needs_per_token(result)
                    else:
                        answer = theirs[peer].ask(test)
                        if answer == "none":
                            del runs[test, peer]
                            break
                        speed = float(answer)
                    seen["limits"].append(limits)
                    seen[side].append(speed)
                print(".", end="", file=sys.stderr, flush=True)
            yield [row(model, test, peer, seen, needs.get(test)) for (test, peer), seen in runs.items()], builds
    print(file=sys.stderr)


def needs_per_token(result):
    """10^9 bytes to read, for decoding, and 10^9 operations of each kind of numbers."""
    gigabytes = result["gigabytesPerSecond"] / result["tokensPerSecond"] if "gigabytesPerSecond" in result else None
    return gigabytes, {kind: result[kind + "GigaOpsPerToken"] for kind in NUMBERS}


def row(model, test, peer, runs, needs):
    limits = {name: max(seen[name] for seen in runs["limits"]) for name in runs["limits"][0] if name != "test"}
    ratios = [ours / theirs for ours, theirs in zip(runs["hearth"], runs["peer"])]
    result = {
        "model": model,
        "test": test,
        "peer": peer,
        "ratio": statistics.median(ratios),
        "ratioLeast": min(ratios),
        "ratioMost": max(ratios),
        "ratioOfBest": max(runs["hearth"]) / max(runs["peer"]),
        "hearthTokensPerSecond": statistics.median(runs["hearth"]),
        "peerTokensPerSecond": statistics.median(runs["peer"]),
        "readLimitGigabytesPerSecond": limits["gigabytesPerSecond"],
        **{kind + "PeakGigaOpsPerSecond": limits.get(kind + "GigaOpsPerSecond") for kind in NUMBERS},
        "runs": runs,
    }
    gigabytes, operations = needs
    for side in ("hearth", "peer") if peer in SAME_FILE else ("hearth",):
        speed = max(runs[side])
        if gigabytes:
            result[side + "PercentOfReadLimit"] = 100 * speed * gigabytes / limits["gigabytesPerSecond"]
        if "int8GigaOpsPerSecond" in limits:
            seconds = sum(count / limits[kind + "GigaOpsPerSecond"] for kind, count in operations.items())
            result[side + "PercentOfPeak"] = 100 * speed * seconds
    return result


def show(rows):
    print(
        "| model | test | peer | Hearth, tokens/s | peer, tokens/s | ratio | range | of the best"
        " | Hearth, % of memory's speed | peer, % | memory, GB/s | Hearth, % of arithmetic's peak | peer, % | int8, GOP/s | BF16, GOP/s | F32, GOP/s |")
    print("|" + " --- |" * 16)
    for r in rows:
        shares = [
            f"{r[side + of]:.0f}" if side + of in r else "" for of in ("PercentOfReadLimit", "PercentOfPeak") for side in ("hearth", "peer")]
        peaks = [f"{r[kind + 'PeakGigaOpsPerSecond'] or 0:.0f}" for kind in NUMBERS]
        print(
            f"| {r['model']} | {r['test']} | {r['peer']}{'' if r['peer'] in SAME_FILE else ' (own file)'}"
            f" | {r['hearthTokensPerSecond']:.1f} | {r['peerTokensPerSecond']:.1f}"
            f" | {r['ratio']:.2f} | {r['ratioLeast']:.2f}–{r['ratioMost']:.2f} | {r['ratioOfBest']:.2f}"
            f" | {shares[0]} | {shares[1]} | {r['readLimitGigabytesPerSecond']:.1f}"
            f" | {shares[2]} | {shares[3]} | {peaks[0]} | {peaks[1]} | {peaks[2]} |")


def cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", default=MODELS)
    parser.add_argument("--peers", default="llama.cpp", help="of " + ", ".join(PEERS))
    parser.add_argument("--tests", default=TESTS)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=pathlib.Path, required=True, help="where files of random weights are kept")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "benchmarks/target/race")
    options = parser.parse_args()
    tests, peers = options.tests.split(","), options.peers.split(",")
    if not set(peers) <= set(PEERS):
        parser.error(f"--peers: expected some of {', '.join(PEERS)}, found {options.peers}")
    rows, results = [], []
    options.out.mkdir(parents=True, exist_ok=True)
    report = {"cpu": cpu(), "threads": options.threads, "rounds": options.rounds}
    for model in options.model:
        for results, builds in race(model, options, tests, peers):
            report |= {"peers": builds, "rows": rows + results}
            (options.out / "race.json").write_text(json.dumps(report, indent=1))
            (options.out / "race.svg").write_text(picture.of(rows + results, f"{options.threads} threads, {cpu()}"))
        rows += results
        show(results)
    if len(options.model) > 1:
        show(rows)


if __name__ == "__main__":
    main()
