#!/usr/bin/env python3
"""Compiles the C library into the module's resources; Python's standard library only.

  build.py [--output DIR] [--mode auto|required|skip] [--all | --target NAME ... | --compiler]

Writes DIR/<os>-<arch>/<library> and beside it library.properties (target, compiler, size, sha256), which the loader
reads. Without --all or --target it builds for this machine's platform; other targets need zig. What is up to date stays.
The compiler is the first of: $HEARTH_CC; zig 0.15.1 from the cache ($HEARTH_CACHE, native/.cache, ~/.cache/hearth), or
from PyPI's package ziglang into it; clang; gcc. With no compiler the build goes on without the library and says so,
unless the mode is required. Nothing is ever specialised to the machine that builds."""
import argparse
import hashlib
import os
import platform
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ZIG = "0.15.1"
# sha256 of the wheels that have been used; another platform's wheel is trusted as the registry serves it
WHEELS = {
    "ziglang-0.15.1-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl": "4e45994a0e608d9b16ecad255698f5557a2e24de0bd7ba9efb156ab3f3683d9a",
}
# name: zig's triple, file. The Linux libraries import memcpy, memset and on aarch64 getauxval alone, so they load on musl too.
TARGETS = {
    "linux-x86_64": ("x86_64-linux-gnu.2.17", "libhearth_cpu.so"),
    "linux-aarch64": ("aarch64-linux-gnu.2.17", "libhearth_cpu.so"),
    "macos-x86_64": ("x86_64-macos", "libhearth_cpu.dylib"),
    "macos-aarch64": ("aarch64-macos", "libhearth_cpu.dylib"),
    "windows-aarch64": ("aarch64-windows-gnu", "hearth_cpu.dll"),
    "windows-x86_64": ("x86_64-windows-gnu", "hearth_cpu.dll"),
}
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
FLAGS = f"-std=c11 -O3 -g0 -ffp-contract=off -fno-math-errno -fvisibility=hidden {WARNINGS}"


def log(message):
    print(f"native: {message}", flush=True)


def host_target():
    systems = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
    machines = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
    system, machine = platform.system(), platform.machine()
    return f"{systems.get(system, system.lower())}-{machines.get(machine, machine)}"


def run(command, **options):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **options)


# ---- compilers -------------------------------------------------------------------------------------------------------
class Compiler:
    """A command that compiles C. `zig` says whether it takes zig's triples, and so builds every target."""

    def __init__(self, command, zig):
        self.command, self.zig = command, zig
        asked = command[:1] + ["version"] if zig else command + ["--version"]
        answer = run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120).stdout.decode().strip()
        self.name = f"zig {answer}" if zig else answer.splitlines()[0]


def works(command, zig):
    """The compiler, or None if it doesn't run."""
    try:
        return Compiler(command, zig)
    except (OSError, subprocess.SubprocessError, IndexError) as e:
        log(f"{shlex.join(command)} is of no use: {e}")
        return None


def cache_folders():
    given = os.environ.get("HEARTH_CACHE")
    return ([Path(given)] if given else []) + [HERE / ".cache", Path.home() / ".cache" / "hearth"]


def zig_in(folder):
    for name in ("zig", "zig.exe"):
        file = folder / f"zig-{ZIG}" / "ziglang" / name
        if file.is_file():
            os.environ.setdefault("ZIG_GLOBAL_CACHE_DIR", str(folder / f"zig-{ZIG}" / "objects"))
            return works([str(file), "cc"], True)
    return None


def download_zig(folder):
    """Puts the wheel's content at folder/zig-VERSION, whole or not at all, also if others do so at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as scratch:
        log(f"fetching the compiler (PyPI package ziglang {ZIG}, 90 MB) into {folder}")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--retries", "2"]
        run(pip + ["--timeout", "30", "--only-binary", ":all:", "--dest", scratch, f"ziglang=={ZIG}"], timeout=1200)
        wheel = next(Path(scratch).glob("ziglang-*.whl"))
        expected = WHEELS.get(wheel.name)
        if expected and sha256(wheel) != expected:
            raise OSError(f"{wheel.name}: expected sha256 {expected}, found {sha256(wheel)}; it is not used")
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheel) as z:
            z.extractall(unpacked)
        for name in ("zig", "zig.exe"):
            file = unpacked / "ziglang" / name
            if file.is_file():
                file.chmod(file.stat().st_mode | stat.S_IXUSR)
        try:
            unpacked.rename(folder / f"zig-{ZIG}")
        except OSError:  # someone else was first
            if not (folder / f"zig-{ZIG}").is_dir():
                raise


def find_compiler():
    if os.environ.get("HEARTH_CC"):
        command = shlex.split(os.environ["HEARTH_CC"])
        return works(command, Path(command[0]).stem.startswith("zig"))
    folders = cache_folders()
    for folder in folders:
        found = zig_in(folder)
        if found:
            return found
    folder = folders[0] if os.environ.get("HEARTH_CACHE") else folders[-1]
    try:
        download_zig(folder)
        found = zig_in(folder)
        if found:
            return found
    except (OSError, subprocess.SubprocessError, zipfile.BadZipFile, StopIteration) as e:
        log(f"no zig from PyPI: {e}")
    for name in ("clang", "gcc"):
        if shutil.which(name):
            found = works([name], False)
            if found:
                return found
    return None


# ---- building --------------------------------------------------------------------------------------------------------
def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def sources():
    return sorted((HERE / "cpu").glob("*.c"))


def fingerprint(target):
    """What a library is made of, apart from which compiler was found."""
    digest = hashlib.sha256(f"{target} {os.environ.get('HEARTH_CC', '')}".encode())
    for file in [Path(__file__), *sources(), *sorted((HERE / "cpu").glob("*.h")), *sorted((HERE / "include").glob("*.h"))]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def read_properties(file):
    try:
        return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines() if "=" in line)
    except OSError:
        return {}


def up_to_date(folder, target):
    made = read_properties(folder / "library.properties")
    library = folder / TARGETS[target][1]
    return made.get("inputs") == fingerprint(target) and library.is_file() and made.get("sha256") == sha256(library)


def isa_flags(source, compiler, target):
    """The flags of a translation unit, or None if it isn't for the target's architecture; see table.h."""
    system, architecture = target.split("-")
    line = re.search(r"^ \* (x86_64|aarch64): (.*) \*/$", source.read_text("utf-8"), re.MULTILINE)
    if not line:
        return []
    if line[1] != architecture:
        return None
    if system == "macos":  # arm_neon.h cannot be used with less than the system's least processor
        return line[2].replace("-mcpu=generic", "-mcpu=apple_m1" if compiler.zig else "-mcpu=apple-m1").split()
    return line[2].split()


def flags_for(compiler, target):
    """Flags of every compilation: the architecture's baseline, named so that no compiler takes the machine's own."""
    system, architecture = target.split("-")
    flags = FLAGS.split() + (["-mtune=generic"] if architecture == "x86_64" and not compiler.zig else [])
    if compiler.zig:
        flags += ["-target", TARGETS[target][0], "-fno-sanitize=all"]
    if system != "windows":
        flags += ["-fPIC"]
    return flags + [f"-ffile-prefix-map={HERE}=native", f"-I{HERE / 'include'}"]


def link_flags(compiler, target):
    system = target.split("-")[0]
    if system == "linux":
        return ["-shared", "-s", "-Wl,--build-id=none", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-soname,libhearth_cpu.so"]
    if system == "macos":
        return ["-shared", "-Wl,-install_name,@rpath/libhearth_cpu.dylib"]
    return ["-shared", "-s"]


def build(compiler, target, output):
    name = TARGETS[target][1]
    flags = flags_for(compiler, target)
    folder = output / target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
        compiling = []
        for source in sources():
            extra = isa_flags(source, compiler, target)
            if extra is not None:
                if compiler.zig and "-mavx512f" in extra:
                    extra = [*extra, "-mevex512"]  # else its assembler takes no 512-bit registers
                made = Path(scratch) / (source.stem + ".o")
                command = [*compiler.command, *flags, *extra, "-c", str(source), "-o", str(made)]
                compiling.append((command, made, subprocess.Popen(command, stdin=subprocess.DEVNULL)))
        results = [(command, process.wait()) for command, _, process in compiling]
        for command, code in results:
            if code:
                raise subprocess.CalledProcessError(code, command)
        library = Path(scratch) / name
        run([*compiler.command, *flags, *link_flags(compiler, target), *[str(made) for _, made, _ in compiling], "-o", str(library)])
        facts = {
            "target": target,
            "file": name,
            "compiler": compiler.name,
            "size": library.stat().st_size,
            "sha256": sha256(library),
            "inputs": fingerprint(target),
        }
        manifest = Path(scratch) / "library.properties"
        manifest.write_text("".join(f"{key}={value}\n" for key, value in facts.items()), "utf-8")
        # renamed, never rewritten: a process that has the old file mapped keeps it
        library.replace(folder / name)
        manifest.replace(folder / "library.properties")
    log(f"{target}: {facts['size']} bytes, built by {compiler.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / "target" / "classes" / "dev" / "hearth" / "ffi")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--all", action="store_true", help="every target; needs zig")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only this; may be repeated")
    parser.add_argument("--compiler", action="store_true", help="print, as the last line, the command that would compile")
    given = parser.parse_args()
    if given.mode not in ("auto", "required", "skip"):
        parser.error(f"hearth.native: expected auto, required or skip, found {given.mode}")
    if given.mode == "skip":
        log("skipped, as asked")
        return 0

    def without(reason):
        log("=" * 100)
        log(f"WARNING: no native library is built: {reason}")
        log("The build goes on; without the library the engine falls back to Java.")
        log("=" * 100)
        return 1 if given.mode == "required" or given.all or given.target else 0

    if given.compiler:
        compiler = find_compiler()
        print(shlex.join(compiler.command) if compiler else "")
        return 0 if compiler else 1

    wanted = sorted(TARGETS) if given.all else given.target or [host_target()]
    if wanted[0] not in TARGETS:
        return without(f"{wanted[0]} is not among {', '.join(TARGETS)}")
    stale = [target for target in wanted if not up_to_date(given.output / target, target)]
    if not stale:
        return 0
    compiler = find_compiler()
    if compiler is None:
        return without("neither zig from PyPI nor clang nor gcc was found; set HEARTH_CC to a C compiler")
    if not compiler.zig and stale != [host_target()]:
        log(f"{compiler.name} builds for {host_target()} alone; {', '.join(stale)} needs zig")
        return 1
    for target in stale:
        try:
            build(compiler, target, given.output)
        except subprocess.CalledProcessError as e:
            log(f"{target}: the compiler failed with status {e.returncode}: {shlex.join(e.cmd)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
