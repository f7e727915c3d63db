#!/usr/bin/env python3
"""Compiles the GPU kernels; Python's standard library only.

  build.py [--output DIR] [--mode auto|required|skip]          the emulation, by $CXX, g++ or clang++: for tests, on Linux alone
  build.py --cuda|--rocm [--output DIR] [--mode …]             a backend's image, kernels.bin, by nvcc or clang

With mode auto what no compiler is installed for is left out with a word; required fails, and fetches nvcc if need be.

The emulation is four libraries in DIR: libcuda.so.1 and libamdhip64.so stand for the drivers, kernels-warp32.so and
kernels-warp64.so are images that they load. What is up to date stays. Nothing of it goes into a jar.

nvcc is $NVCC, else one on the path, else that of the PyPI packages below in the cache ($HEARTH_CACHE or ~/.cache/hearth).
clang is $HIPCC, else clang-19 or newer on the path (Debian: clang-19 lld-19 clang-tools-19 llvm-19); no package of ROCm is needed."""
import argparse
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
FLAGS = f"-std=c++17 -O2 -g0 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno {WARNINGS}"
INCLUDES = ["-I" + str(HERE / folder) for folder in ("include", "kernels", "../cpu", "emulator")]
EMULATION = {  # library: source and flags
    "libcuda.so.1": ("emulator/cuda.cpp", ["-pthread", "-Wl,-soname,libcuda.so.1"]),
    "libamdhip64.so": ("emulator/hip.cpp", ["-pthread", "-Wl,-soname,libamdhip64.so"]),
    "kernels-warp32.so": ("kernels/hearth.cu", ["-DSIMT_WARP=32"]),
    "kernels-warp64.so": ("kernels/hearth.cu", ["-DSIMT_WARP=64"]),
}

NVCC_PACKAGES = {
    "nvidia-cuda-nvcc": "13.2.78",
    "nvidia-nvvm": "13.2.78",
    "nvidia-cuda-crt": "13.2.78",
    "nvidia-cuda-runtime": "13.2.75",
    "nvidia-cuda-cccl": "13.2.75",
    "nvidia-cuda-cuobjdump": "13.2.78",
    "nvidia-cuda-nvdisasm": "13.2.78",
}
CUDA_TARGETS = ["80", "86", "89", "90a", "100"]  # and PTX of compute_80, which newer devices' drivers compile
ROCM_TARGETS = ["gfx90a", "gfx942", "gfx1100"]


def log(message):
    print(f"gpu: {message}", flush=True)


def run(command, **options):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **options)


def sources():
    own = sorted(file for folder in ("include", "kernels", "emulator") for file in (HERE / folder).iterdir())
    return [*own, HERE.parent / "cpu" / "grids.h"]


def fingerprint(*what):
    digest = hashlib.sha256(" ".join(what).encode())
    for file in [Path(__file__), *sources()]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def up_to_date(file, inputs, wanted):
    return file.is_file() and file.read_text("utf-8") == inputs and all(path.is_file() for path in wanted)


def find(variable, *names):
    if os.environ.get(variable):
        return shlex.split(os.environ[variable])
    return next(([name] for name in names if shutil.which(name)), None)


# ---- the emulation ---------------------------------------------------------------------------------------------------
def emulate(output, mode):
    if mode == "skip":
        log("skipped, as asked")
        return 0
    compiler = find("CXX", "g++", "clang++") if platform.system() == "Linux" else None
    if compiler is None:
        log("WARNING: no emulation of GPUs is built: it takes Linux with g++ or clang++; its tests are left out")
        return 1 if mode == "required" else 0
    output.mkdir(parents=True, exist_ok=True)
    inputs = fingerprint(*compiler)
    if up_to_date(output / "inputs", inputs, [output / name for name in EMULATION]):
        return 0
    with tempfile.TemporaryDirectory(dir=output, prefix=".build-") as scratch:
        started = []
        for name, (source, flags) in EMULATION.items():
            command = [*compiler, *FLAGS.split(), *INCLUDES, "-x", "c++", str(HERE / source), "-shared", *flags]
            started.append((command, subprocess.Popen([*command, "-o", str(Path(scratch) / name)], stdin=subprocess.DEVNULL)))
        for command, code in [(command, process.wait()) for command, process in started]:
            if code:
                log(f"the compiler failed with status {code}: {shlex.join(command)}")
                return 1
        for name in EMULATION:  # renamed, never rewritten: a process that has the old file mapped keeps it
            (Path(scratch) / name).replace(output / name)
    (output / "inputs").write_text(inputs, "utf-8")
    log(f"emulation built by {shlex.join(compiler)}")
    return 0


# ---- images for devices ----------------------------------------------------------------------------------------------
def nvcc(mode):
    """The compiler: with mode auto one that is installed, with cached also what was fetched, with required fetched if need be."""
    found = find("NVCC", "nvcc")
    if found or mode == "auto":
        return found
    cache = Path(os.environ.get("HEARTH_CACHE") or Path.home() / ".cache" / "hearth")
    folder = cache / f"nvcc-{NVCC_PACKAGES['nvidia-cuda-nvcc']}"
    if not folder.is_dir():
        if mode != "required":
            return None
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="download-") as scratch:
            log(f"fetching nvcc {NVCC_PACKAGES['nvidia-cuda-nvcc']} from PyPI (about 340 MB unpacked) into {folder}")
            wanted = [f"{name}=={version}" for name, version in NVCC_PACKAGES.items()]
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            run([*pip, "--only-binary", ":all:", "--target", str(Path(scratch) / "packages"), *wanted], timeout=1800)
            try:
                (Path(scratch) / "packages").rename(folder)
            except OSError:  # someone else was first
                if not folder.is_dir():
                    raise
    return [str(next(folder.glob("nvidia/*/bin/nvcc")))]


def cuda_command(compiler, out):
    codes = [f"-gencode=arch=compute_{t},code=sm_{t}" for t in CUDA_TARGETS] + ["-gencode=arch=compute_80,code=compute_80"]
    exact = ["-fmad=false", "-prec-div=true", "-prec-sqrt=true", "-ftz=false"]
    return [*compiler, "-std=c++17", "-O3", "-fatbin", *exact, "--Werror", "all-warnings", *codes, *INCLUDES[:3],
            str(HERE / "kernels" / "hearth.cu"), "-o", str(out)]


def rocm_command(compiler, out):
    targets = [f"--offload-arch={t}" for t in ROCM_TARGETS]
    return [*compiler, "-x", "hip", "-std=c++17", "-O3", "-ffp-contract=off", "-fhip-fp32-correctly-rounded-divide-sqrt",
            "-fno-gpu-flush-denormals-to-zero", "--offload-device-only", *targets, "-nogpuinc", "-nogpulib", "-Wall", "-Wextra",
            "-Wconversion", "-Wshadow", "-Werror", *INCLUDES[:3], str(HERE / "kernels" / "hearth.cu"), "-o", str(out)]


def build_image(kind, output, mode):
    if mode == "skip":
        return 0
    compiler = nvcc(mode) if kind == "cuda" else find("HIPCC", "clang-19", "clang-20", "clang-21")
    if compiler is None:
        remedy = "build.py --cuda --mode required fetches nvcc" if kind == "cuda" else "Debian has clang-19, lld-19 and clang-tools-19"
        log(f"{kind}: no compiler was found, so the jar gets no kernels; {remedy}")
        return 1 if mode == "required" else 0
    output.mkdir(parents=True, exist_ok=True)
    stamp = HERE.parent / "target" / f"gpu-{kind}-inputs"  # not beside the image, where it would go into the jar
    inputs = fingerprint(kind, str(output), *compiler)
    if up_to_date(stamp, inputs, [output / "kernels.bin"]):
        return 0
    made = output / "kernels.bin.new"
    try:
        run(cuda_command(compiler, made) if kind == "cuda" else rocm_command(compiler, made))
    except subprocess.CalledProcessError as e:
        log(f"{kind}: the compiler failed with status {e.returncode}: {shlex.join(e.cmd)}")
        return 1
    made.replace(output / "kernels.bin")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs, "utf-8")
    targets = CUDA_TARGETS + ["PTX"] if kind == "cuda" else ROCM_TARGETS
    log(f"{kind}: {(output / 'kernels.bin').stat().st_size} bytes for {', '.join(targets)}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--cuda", action="store_true")
    kind.add_argument("--rocm", action="store_true")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--mode", default="auto", choices=["auto", "required", "skip"])
    given = parser.parse_args()
    target = HERE.parent / "target"
    if given.cuda:
        return build_image("cuda", given.output or target / "gpu-cuda", given.mode)
    if given.rocm:
        return build_image("rocm", given.output or target / "gpu-rocm", given.mode)
    return emulate(given.output or target / "gpu-emulation", given.mode)


if __name__ == "__main__":
    sys.exit(main())
