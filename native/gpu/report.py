#!/usr/bin/env python3
"""What compiled kernels take: registers, spills, shared memory, and whether their parameters are of the size that the Java side fills.

  report.py --cuda KERNELS.BIN | --rocm KERNELS.BIN  [--emulation DIR]

Prints a line for each kernel and device, and fails where one spills, exceeds the budgets below, or takes parameters of another size than the
emulation's, which the tests of the backends hold against Java. An estimate from files alone: no device ran anything.

cuobjdump is that beside nvcc (see build.py), $CUOBJDUMP, or one on the path; for AMD llvm-readelf-19 and clang-offload-bundler-19."""
import argparse
import ctypes
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import build

MOST_REGISTERS = 128  # of a thread: four blocks of 128 threads on an SM, or eight wavefronts on a SIMD
MOST_MATRIX_REGISTERS = 168  # three blocks
MOST_AMD_TILE_REGISTERS = 256  # of kernels with tiles: two wavefronts on a SIMD; with fewer they spill
MOST_SHARED_BYTES = 37888  # a ring of three tiles of 12 KB; the driver keeps 1024 of them for itself from sm_90 on


class Kernel(ctypes.Structure):
    """simt::Kernel of emulator/simt.h."""

    _fields_ = [("name", ctypes.c_char_p), ("argumentBytes", ctypes.c_size_t), ("warp", ctypes.c_int), ("body", ctypes.c_void_p)]


def expected_sizes(emulation):
    """Bytes of the parameters of every kernel."""
    library = ctypes.CDLL(str(emulation / "kernels-warp32.so"))
    names = re.findall(rb"\0simt_kernel_(hearth_[a-z0-9_]+)(?=\0)", (emulation / "kernels-warp32.so").read_bytes())
    return {name.decode(): Kernel.in_dll(library, f"simt_kernel_{name.decode()}").argumentBytes for name in sorted(set(names))}


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.decode()


def cuda(image):
    """(device, kernel, registers, spilled bytes, shared bytes, parameter bytes) of every kernel in a fat binary."""
    compiler = build.nvcc("cached")
    tool = build.find("CUOBJDUMP", "cuobjdump") or (compiler and [str(Path(compiler[0]).with_name("cuobjdump"))])
    if tool is None:
        raise FileNotFoundError("no cuobjdump was found; build.py --cuda --mode required fetches it")
    sizes = {}
    device = kernel = ""
    for line in output(*tool, "-elf", image).splitlines():
        device = (re.findall(r"^arch = (sm_\w+)", line) or [device])[0]
        section = re.findall(r"^\.nv\.info\.?(\w*)", line)
        kernel = section[0] if section else kernel
        found = re.findall(r"Ordinal\s*:\s*0x0\s+Offset\s*:\s*0x\w+\s+Size\s*:\s*(0x\w+)", line)
        if found:
            sizes[device, kernel] = int(found[0], 16)
    device = ""
    for part in re.split(r"(?=^arch = )|(?= Function )", output(*tool, "-res-usage", image), flags=re.MULTILINE):
        device = (re.findall(r"^arch = (sm_\w+)", part, re.MULTILINE) or [device])[0]
        usage = re.findall(r"Function (hearth_\w+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)", part)
        for name, registers, stack, shared, local in usage:
            yield device, name, int(registers), int(local), int(shared), sizes.get((device, name))


def rocm(image):
    readelf = next((name for name in ("llvm-readelf-19", "llvm-readelf-20", "llvm-readelf") if shutil.which(name)), None)
    bundler = next((name for name in ("clang-offload-bundler-19", "clang-offload-bundler-20", "clang-offload-bundler") if shutil.which(name)), None)
    if readelf is None or bundler is None:
        raise FileNotFoundError("no llvm-readelf and clang-offload-bundler were found; Debian has llvm-19 and clang-tools-19")
    with tempfile.TemporaryDirectory() as scratch:
        for target in build.ROCM_TARGETS:
            part = Path(scratch) / target
            output(bundler, "--type=o", "--unbundle", f"--targets=hipv4-amdgcn-amd-amdhsa--{target}", f"--input={image}", f"--output={part}")
            for kernel in re.split(r"^\s*- \.agpr_count|^\s*- \.args:", output(readelf, "--notes", part), flags=re.MULTILINE)[1:]:
                number = lambda key: int((re.findall(rf"\.{key}:\s*(\d+)", kernel) or ["0"])[0])
                name = re.findall(r"\.name:\s*'?(hearth_\w+)", kernel)
                if name:
                    size = re.findall(r"\.size:\s*(\d+)\s+\.value_kind:\s*by_value", kernel)
                    spilled = number("private_segment_fixed_size")  # scalar registers go to vector ones, not to memory
                    yield (target, name[0], number("vgpr_count"), spilled, number("group_segment_fixed_size"),
                           int(size[0]) if size else None)


def most_registers(device, name):
    if device.startswith("gfx") and re.search("_matrix$|_attend_[48]", name):
        return MOST_AMD_TILE_REGISTERS
    return MOST_MATRIX_REGISTERS if name.endswith("_matrix") else MOST_REGISTERS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--cuda", type=Path)
    kind.add_argument("--rocm", type=Path)
    parser.add_argument("--emulation", type=Path, default=build.HERE.parent / "target" / "gpu-emulation")
    given = parser.parse_args()
    expected = expected_sizes(given.emulation)
    found = {}
    faults = []
    for device, name, registers, spilled, shared, size in (cuda(given.cuda) if given.cuda else rocm(given.rocm)):
        found.setdefault(device, set()).add(name)
        print(f"{device:8} {name:32} {registers:4} registers {spilled:4} bytes spilled {shared:5} shared {size} parameters")
        place = f"{name} for {device}"
        most = most_registers(device, name)
        if registers > most:
            faults.append(f"{place}: expected at most {most} registers, found {registers}")
        if spilled:
            faults.append(f"{place}: expected nothing spilled, found {spilled} bytes")
        if shared > MOST_SHARED_BYTES:
            faults.append(f"{place}: expected at most {MOST_SHARED_BYTES} bytes of shared memory, found {shared}")
        if size != expected.get(name):
            faults.append(f"{place}: expected parameters of {expected.get(name)} bytes, found {size}")
    for device, names in found.items():
        missing = sorted(set(expected) - names)
        if missing:
            faults.append(f"{device}: without {', '.join(missing)}")
    if not found:
        faults.append("no kernels were found")
    for fault in faults:
        print(f"report.py: {fault}", file=sys.stderr)
    print(f"{sum(map(len, found.values()))} kernels for {', '.join(found)}, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
