#!/usr/bin/env python3
"""Writes benchmarks/gpu.md: what compiled kernels take, how many fit a device, what they are made of, and what memory and arithmetic allow.

  figures.py CUDA_KERNELS.BIN ROCM_KERNELS.BIN

Everything is read or computed from files and data sheets; no device ran anything. Tools as for report.py, and llvm-objdump-19."""
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import build
import report

THREADS = 128  # of a block
# registers and shared bytes of a multiprocessor, its most threads, registers that are given out together to a thread, lanes of a warp
NVIDIA = {"sm_80": (65536, 164 << 10, 2048), "sm_86": (65536, 100 << 10, 1536), "sm_89": (65536, 100 << 10, 1536),
          "sm_90a": (65536, 228 << 10, 2048), "sm_100": (65536, 228 << 10, 2048)}
AMD = {"gfx90a": (512, 8, 64), "gfx942": (512, 8, 64), "gfx1100": (1536, 16, 32)}  # registers of a lane's SIMD, its most waves, lanes
LDS = 64 << 10

# GB/s of memory; 10^12 operations a second: F32 without tensor cores, BF16 and int8 with them, dense. From the makers' data sheets.
DEVICES = {"A100 80 GB SXM": (2039, {"F32": 19.5, "BF16": 312, "int8": 624}), "H100 SXM": (3350, {"F32": 67, "BF16": 989, "int8": 1979}),
           "B200": (8000, {"F32": 75, "BF16": 2250, "int8": 4500}), "MI300X": (5300, {"F32": 163.4, "BF16": 1307, "int8": 2615})}

MIX = {  # what an instruction is counted as, by its name: NVIDIA, AMD
    "global": (r"LDG|STG", r"global_(load|store)|flat_"),
    "shared": (r"LDS|STS", r"ds_(read|write|load|store)"),
    "multiply-add": (r"FFMA|FMUL|FADD", r"v_(pk_)?(fma|fmac|mul|add|dual_fmac)_(dx9_zero_)?f32"),
    "matrix": (r"IDP|[IH]MMA", r"v_dot4|v_mfma|v_wmma"),
    "exchange": (r"SHFL", r"ds_bpermute"),
    "barrier": (r"BAR", r"s_barrier"),
}


def occupancy(device, registers, shared):
    """Per cent of a device's most warps that may be there at once, by registers and shared memory."""
    if device in NVIDIA:
        all_registers, all_shared, most_threads = NVIDIA[device]
        blocks = min(all_registers // (max(8, (registers + 7) // 8 * 8) * THREADS), most_threads // THREADS)
        blocks = min(blocks, all_shared // (shared + 1024)) if shared else blocks
        return 100 * blocks * THREADS // most_threads
    all_registers, most_waves, lanes = AMD[device]
    waves = min(most_waves, all_registers // max(8, (registers + 7) // 8 * 8))
    if shared:
        waves = min(waves, max(1, LDS // shared * (THREADS // lanes) // 4))  # of each of four SIMDs
    return 100 * waves // most_waves


def counted(text, function, kind):
    """{kernel: Counter} of a disassembly."""
    found, kernel = {}, None
    for line in text.splitlines():
        name = re.search(function, line)
        if name:
            kernel = name[1]
            found[kernel] = Counter()
            continue
        code = re.match(r"\s*/\*\w+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)" if kind == 0 else r"\s+([a-z]\w+)\s?.*//", line)
        if kernel and code and code[1] not in ("NOP", "s_nop", "s_code_end"):
            found[kernel]["all"] += 1
            for what, patterns in MIX.items():
                found[kernel][what] += bool(re.match(patterns[kind], code[1]))
    return found


def cuda_mix(image):
    tool = build.find("CUOBJDUMP", "cuobjdump") or [str(Path(build.nvcc("cached")[0]).with_name("cuobjdump"))]
    return counted(report.output(*tool, "-sass", "-arch", "sm_90a", image), r"Function : (hearth_\w+)", 0)


def rocm_mix(image):
    with tempfile.TemporaryDirectory() as scratch:
        part = Path(scratch) / "part"
        report.output("clang-offload-bundler-19", "--type=o", "--unbundle", "--targets=hipv4-amdgcn-amd-amdhsa--gfx942",
                      f"--input={image}", f"--output={part}")
        return counted(report.output("llvm-objdump-19", "-d", part), r"<(hearth_\w+)>:", 1)


def operations():
    """(what, bytes from memory, operations, what makes them) of a model like Llama 3.1 8B."""
    hidden, inner, key_heads, head = 4096, 14336, 8, 128
    for name, block_bytes, size in (("Q8_0", 34, 32), ("Q4_K", 144, 256)):
        weight = hidden * inner // size * block_bytes
        for tokens in (1, 16, 512):
            moved = weight + tokens * (hidden * 36 // 32 + 4 * inner)
            yield f"product {hidden} x {inner}, {name}, {tokens} tokens", moved, 2 * hidden * inner * tokens, "int8" if tokens >= 16 else "F32"
    for tokens in (1, 16, 512):
        moved = 2 * hidden * inner + tokens * (2 * hidden + 4 * inner)
        yield f"product {hidden} x {inner}, BF16, {tokens} tokens", moved, 2 * hidden * inner * tokens, "BF16"
    for positions in (4096, 32768):
        moved = 2 * positions * key_heads * head * 2
        yield f"attention of 1 token to {positions} positions, F16", moved, 4 * positions * 32 * head, "F32"
    yield "attention of a prompt of 4096, F16, 8 rows a tile", 4 * 4096 * 4096 // 2 * key_heads * head * 4 // 8, 4 * 4096 * 4096 // 2 * 32 * head, "F32"
    yield "norm of 1 token", hidden * 4 * 4, hidden * 4, "F32"


def rooflines():
    yield "| operation | MB | G operations | " + " | ".join(DEVICES) + " |"
    yield "| --- | --- | --- |" + " --- |" * len(DEVICES)
    for what, moved, done, unit in operations():
        bounds = []
        for bandwidth, speeds in DEVICES.values():
            by_memory, by_units = moved / bandwidth / 1e3, done / speeds[unit] / 1e6
            bounds.append(f"{max(by_memory, by_units):.1f} {'memory' if by_memory > by_units else 'units'}")
        yield f"| {what} | {moved / 1e6:.1f} | {done / 1e9:.2f} | " + " | ".join(bounds) + " |"


HEAD = """# GPU kernels by the files that compilers make of them

Written by `native/gpu/figures.py`. **No device ran any of this**: it says what kernels take and what bounds them, never how fast they are.
`.ci/gpu-images` builds all images and fails where a kernel spills, takes more registers than `report.py` allows (128; 168 for the products of prompts;
on AMD 256 for both of these and attention by tiles) or parameters of another size than the Java side fills.

## Bounds

Microseconds that a call takes at least, by the makers' figures for memory and arithmetic (tensor cores for BF16 weights and for int8 products of 16
tokens and more, F32 otherwise), and which of the two it is; shapes of Llama 3.1 8B. A prompt's attention reads keys and values anew for every eight
rows; a cache on the chip may serve that, which is not counted.
"""

ABSENT = """
## Absent

* wgmma (Hopper) and tcgen05 (Blackwell): products go by mma.sync, which cannot reach the tensor peak of either. Both want operands in shared memory
  in layouts of their own.
* TMA, and cp.async for Q4_1, Q5_0, Q5_1 and IQ4_NL: all other prompts of FAST precision go through a ring of tiles that cp.async fills (on AMD,
  registers). The eight sums for every result that all backends have of int8 leave those types no room for one: they are read into registers.
* Tensor cores in attention, and for F16 weights, whose activations FAST precision leaves F32: sums of F32 have an order that every backend keeps, and
  tensor cores have another. Only for BF16 weights in FAST precision is that promise given up; a token has the same bits there in any batch, too.
* Branches in graphs: a step's kernels are a chain, also those that could run side by side (queries, keys and values; gate and up).
* Sampling on the device: samplers are the host's, with all their settings; the greatest logits of blocks of 128 and those blocks that a sampler reads cross
  the bus, some kilobytes a token.
* One product shared by several devices: they share layers.

## Kernels

For each device registers / KB of shared memory / per cent of the warps that fit; nothing spills. Then instructions in the code of sm_90a and of gfx942,
as they stand, not as they are run: all, of global memory, of shared memory, F32 arithmetic, products of int8 or by matrices, exchanges between lanes, barriers.
"""


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    taken = {}
    for device, name, registers, spilled, shared, _ in [*report.cuda(Path(sys.argv[1])), *report.rocm(Path(sys.argv[2]))]:
        if spilled:
            raise SystemExit(f"figures.py: {name} for {device}: expected nothing spilled, found {spilled} bytes")
        taken.setdefault(name, {})[device] = f"{registers} / {shared / 1024:.0f} / {occupancy(device, registers, shared)}"
    mixes = cuda_mix(sys.argv[1]), rocm_mix(sys.argv[2])
    devices = [*NVIDIA, *AMD]
    lines = [HEAD, *rooflines(), ABSENT]
    lines += ["| kernel | " + " | ".join(devices) + " | sm_90a | gfx942 |", "| --- |" + " --- |" * (len(devices) + 2)]
    for name in sorted(taken):
        mixed = [" ".join(str(mix.get(name, Counter())[what]) for what in ("all", *MIX)) for mix in mixes]
        lines.append(f"| {name.removeprefix('hearth_')} | " + " | ".join([*(taken[name].get(d, "") for d in devices), *mixed]) + " |")
    file = build.HERE.parent.parent / "benchmarks" / "gpu.md"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(taken)} kernels in {file}")


if __name__ == "__main__":
    main()
