#!/usr/bin/env python3
"""Breaks the kernels in one place at a time and sees that the tests of kernels_test.cpp notice: each mutant below must fail them.

  mutants.py [--all]      without --all what has passed is not run again until a source changes, except where CI is set

The compiler is $CXX, g++ or clang++; without one the script says so, and fails where CI is set."""
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
FLAGS = "-std=c++17 -O1 -g0 -ffp-contract=off -DSIMT_WARP=32 -DHEARTH_FIRST_FAILURE"
TOGETHER = 2  # compilers at once

ARRIVED = "        syncBlock();  // all copies have arrived, and the tile before was read by all\n"

MUTANTS = {  # what is broken: file, what stands there, what the mutant has
    "no barrier before a norm's sum": (
        "kernels/rows.h", "            shared.values[i] = value;\n        }\n        syncBlock();", "            shared.values[i] = value;\n        }"),
    "no barrier between scores and weights": (
        "kernels/attention.h", "        syncBlock();\n        weights(shared, t, start, end);", "        weights(shared, t, start, end);"),
    "no barrier between weights and values": (
        "kernels/attention.h", "        weights(shared, t, start, end);\n        syncBlock();", "        weights(shared, t, start, end);"),
    "values of the page after the right one": (
        "kernels/attention.h", "position);\n        const uint8_t* value", "position + c.pageSize);\n        const uint8_t* value"),
    "a token that sees the next one": (
        "kernels/attention.h", "static_cast<int64_t>(position) + a.ahead;", "static_cast<int64_t>(position) + a.ahead + 1;"),
    "a window one position too wide": (
        "kernels/attention.h", "static_cast<int64_t>(position) - a.window + 1;", "static_cast<int64_t>(position) - a.window;"),
    "a merge that forgets a segment": (
        "kernels/attention.h", "segment <= row.last / segmentSize", "segment < row.last / segmentSize"),
    "a shuffle with the wrong lane": (
        "kernels/functions.h", "    sum += shuffleXor(sum, 8);", "    sum += shuffleXor(sum, 7);"),
    "a warp that doesn't wait for its matrix": (
        "emulator/simt.h", '        wait(fiber, State::atWarp, "a matrix of lane", fiber.lane);', ""),
    "halves of a matrix exchanged": (
        "include/matrix.h", "lane % 4 * 4 + word / 2 * 16}", "lane % 4 * 4 + (1 - word / 2) * 16}"),
    "numbers of 16 bits exchanged": (
        "include/halves.h", "lane % 4 * 2 + word / 2 * 8}", "lane % 4 * 2 + (1 - word / 2) * 8}"),
    "no wait for copies": (
        "kernels/bfloats.h", "        copies.template wait<tilesUnderWay - 1>();\n", ""),
    "a wait for one tile too few": (
        "kernels/bfloats.h", "wait<tilesUnderWay - 1>", "wait<tilesUnderWay>"),
    "no barrier in a ring of tiles": (
        "kernels/bfloats.h", ARRIVED, ""),
    "a tile copied to where another is read": (
        "kernels/bfloats.h", "shared.tiles[(read + tilesUnderWay) % ringTiles]", "shared.tiles[read]"),
    "no wait for blocks": (
        "kernels/rings.h", f"        copies.template wait<0>();\n{ARRIVED}        if (first + sumCount", f"{ARRIVED}        if (first + sumCount"),
    "no barrier in a ring of blocks": (
        "kernels/rings.h", ARRIVED + "        if (next.leaf", "        if (next.leaf"),
    "sums of blocks folded in another order": (
        "kernels/rings.h", "return leaf % 2 * 4 + leaf / 2 % 2 * 2 + leaf / 4;", "return leaf;"),
    "the last block of eight left out": (
        "kernels/rings.h", "if (first + block >= blocks) {", "if (first + block >= blocks || block == 7) {"),
    "no barrier before slices are added": (
        "kernels/bfloats.h", "    syncBlock();\n    int token = thread() / narrowRows;", "    int token = thread() / narrowRows;"),
    "a slice that one token adds and many don't": (
        "kernels/bfloats.h", "addSlice(a, sums, step < length, step + 1 == steps);", "addSlice(a, sums, step + 1 < steps, step + 1 == steps);"),
    "the last element left out": (
        "kernels/rows.h", "    if (i < width) {", "    if (i + 1 < width) {"),
}


def sources():
    return sorted(file for folder in ("include", "kernels", "emulator", "test") for file in (HERE / folder).iterdir())


def without_untested_types(linear, test):
    """The types of weights that no test names take most of a compiler's time."""
    return re.sub(r"^GPU_(?:BLOCKS|RINGED|FOLDED)\(\w+, (\w+)\)\n", lambda line: line[0] if f"linear_{line[1]}_" in test else "", linear, flags=re.MULTILINE)


def build(compiler, scratch, number, mutant):
    """A copy of the sources with one change, and the compiler at work on it."""
    name, old, new = mutant
    copy = Path(scratch) / str(number)
    for folder in ("include", "kernels", "emulator", "test"):
        shutil.copytree(HERE / folder, copy / folder)
    text = (copy / name).read_text("utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"mutants.py: {name}: expected {old.strip()!r} once, found it {text.count(old)} times; adapt the mutant")
    (copy / name).write_text(text.replace(old, new), "utf-8")
    linear = copy / "kernels" / "linear.h"
    tests = "".join(file.read_text("utf-8") for file in (HERE / "test").glob("*test.*"))
    linear.write_text(without_untested_types(linear.read_text("utf-8"), tests), "utf-8")
    includes = [f"-I{copy / folder}" for folder in ("include", "kernels", "emulator")] + [f"-I{HERE.parent / 'cpu'}"]
    command = [*compiler, *FLAGS.split(), *includes, str(copy / "test" / "kernels_test.cpp"), "-o", str(copy / "run")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL), copy / "run"


def survives(program):
    """Whether no test fails; a mutant that ends by a signal or never is noticed too."""
    try:
        return subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main():
    if os.environ.get("HEARTH_NATIVE") == "skip" or platform.system() != "Linux":
        return 0
    compiler = os.environ["CXX"].split() if os.environ.get("CXX") else next(([c] for c in ("g++", "clang++") if shutil.which(c)), None)
    if compiler is None:
        print("mutants.py: no C++ compiler found; install g++ or set CXX", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    passed = HERE.parent / "target" / "gpu-mutants-passed"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources())).hexdigest()
    if "--all" not in sys.argv and not os.environ.get("CI") and passed.is_file() and passed.read_text() == digest:
        return 0
    survivors = []
    with tempfile.TemporaryDirectory() as scratch:
        waiting = list(enumerate(MUTANTS.items()))
        while waiting:
            now, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
            started = [(what, *build(compiler, scratch, number, mutant)) for number, (what, mutant) in now]
            for what, process, program in started:
                if process.wait() != 0:
                    raise SystemExit(f"mutants.py: {what}: the compiler failed")
                if survives(program):
                    survivors.append(what)
    for what in survivors:
        print(f"mutants.py: {what}: expected a test to fail, found none", file=sys.stderr)
    print(f"gpu: {len(MUTANTS)} mutants, {len(MUTANTS) - len(survivors)} noticed")
    if not survivors:
        passed.parent.mkdir(parents=True, exist_ok=True)
        passed.write_text(digest)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
