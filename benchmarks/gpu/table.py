"""A table of what GpuMeasure and torch_side.py have printed: table.py HEARTH.JSONL TORCH.JSONL. Shares of bandwidth are of the copy's."""
import json
import sys


def lines(file):
    with open(file, encoding="utf-8") as text:
        return [json.loads(line) for line in text]


def main():
    device, *measured = lines(sys.argv[1])
    torch = {one["what"]: one["nanos"] for one in lines(sys.argv[2])}
    copied = next(one["bytes"] / one["nanos"] for one in measured if one["what"] == "copy")
    if "emulated" in device["device"]:
        print(f"EMULATED by a CPU ({device['device']}): everything ran; no number here says anything about speed\n")
    else:
        print(f"{device['device']}; a copy within its memory moves {copied:.0f} GB/s\n")
    print("| what | microseconds | GB/s | % of the copy's | T operations/s | PyTorch, microseconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in measured:
        rate = one["bytes"] / one["nanos"]
        peer = f"{torch[one['what']] / 1e3:.1f}" if one["what"] in torch else ""
        print(f"| {one['what']} | {one['nanos'] / 1e3:.1f} | {rate:.1f} | {100 * rate / copied:.0f} | {one['operations'] / one['nanos'] / 1e3:.2f} | {peer} |")


main()
