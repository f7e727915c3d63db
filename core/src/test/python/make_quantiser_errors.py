"""Writes the error that llama.cpp's own quantisers leave on random values, a row a type and distribution.

    python3 -m venv venv && venv/bin/pip install llama-cpp-python==0.3.36 gguf==0.19.0
    venv/bin/python core/src/test/python/make_quantiser_errors.py > core/src/test/resources/dev/hearth/quantize/errors.tsv

Values come from java.util.Random's generator and arithmetic that rounds the same everywhere, see QuantiserErrorTest. Quantised by
ggml_quantize_chunk without an importance matrix, read by gguf-py; the error is the sum of squares.
"""
import ctypes
import pathlib

import gguf
import llama_cpp
import numpy

ROWS, WIDTH = 8, 512
TYPES = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL MXFP4 F16 BF16".split()
DISTRIBUTIONS = "uniform bell heavy sparse positive negative offset outlier tiny large constant two".split()


class Random:
    """java.util.Random."""

    def __init__(self, seed):
        self.state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def unit(self):
        """From -1 to below 1, by 24 bits."""
        self.state = (self.state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return (self.state >> 24) / float(1 << 23) - 1


def value(distribution, draw, index):
    u = draw.unit()
    bell = (u + draw.unit() + draw.unit() + draw.unit()) / 2
    match distribution:
        case "uniform":
            return u
        case "bell":
            return bell
        case "heavy":
            return u * u * u / (1.0625 - abs(u))
        case "sparse":
            return bell if u > 0.75 else 0.0
        case "positive":
            return abs(bell)
        case "negative":
            return -abs(bell) - 0.25
        case "offset":
            return 1 + bell / 16
        case "outlier":
            return 40 * u if index % 97 == 0 else bell / 8
        case "tiny":
            return bell / 1048576
        case "large":
            return bell * 4096
        case "constant":
            return 0.8125
        case "two":
            return 0.5 if u > 0 else -0.125
    raise ValueError(distribution)


def values(distribution, seed):
    draw = Random(seed)
    return numpy.array([value(distribution, draw, i) for i in range(ROWS * WIDTH)], numpy.float32).reshape(ROWS, WIDTH)


def main():
    library = ctypes.CDLL(next(pathlib.Path(llama_cpp.__file__).parent.glob("lib/libggml-base.so")))
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3, ctypes.c_void_p]
    print("type\tdistribution\tseed\terror")
    for name in TYPES:
        kind = gguf.GGMLQuantizationType[name]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        for seed, distribution in enumerate(DISTRIBUTIONS):
            x = values(distribution, seed)
            out = numpy.zeros((ROWS, WIDTH // block * size), numpy.uint8)
            library.ggml_quantize_chunk(kind, x.ctypes.data, out.ctypes.data, 0, ROWS, WIDTH, None)
            if name == "F16":
                back = out.view(numpy.float16).astype(numpy.float32)
            elif name == "BF16":
                back = (out.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            else:
                back = gguf.quants.dequantize(out, kind)
            difference = x.astype(numpy.float64) - back
            print(f"{name}\t{distribution}\t{seed}\t{float((difference * difference).sum())!r}")


main()
