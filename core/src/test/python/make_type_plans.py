"""Writes which type llama.cpp gives each tensor, a row a tensor, for every file type and each model given.

    python3 -m venv venv && venv/bin/pip install llama-cpp-python==0.3.36 gguf==0.19.0
    venv/bin/python core/src/test/python/make_type_plans.py MODEL.gguf... > core/src/test/resources/dev/hearth/quantize/types.tsv

The models are random ones of F32, which ./hearth convert wrote. Shapes are outermost first.
"""
import ctypes
import pathlib
import sys
import tempfile

import gguf
import llama_cpp

FILE_TYPES = {
    "F16": 1, "BF16": 32, "Q8_0": 7, "Q4_0": 2, "Q4_1": 3, "Q5_0": 8, "Q5_1": 9, "Q2_K": 10, "Q3_K_S": 11, "Q3_K_M": 12,
    "Q3_K_L": 13, "Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_S": 16, "Q5_K_M": 17, "Q6_K": 18, "IQ4_NL": 25, "MXFP4_MOE": 38}


@llama_cpp.llama_log_callback
def quiet(level, text, _):
    pass


def types(file, number, folder):
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = number
    parameters.nthread = 2
    out = pathlib.Path(folder) / "out.gguf"
    if llama_cpp.llama_model_quantize(str(file).encode(), str(out).encode(), ctypes.byref(parameters)) != 0:
        raise RuntimeError(f"{file}: llama.cpp does not quantise it to type {number}")
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(out).tensors}


def main():
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    print("\t".join(["model", "architecture", "layers", "heads", "experts", "tensor", "shape", *FILE_TYPES]))
    with tempfile.TemporaryDirectory() as folder:
        for path in map(pathlib.Path, sys.argv[1:]):
            reader = gguf.GGUFReader(path)
            field = lambda key: (f := reader.get_field(key)) and f.contents()
            name = field("general.architecture")
            shared = field(f"{name}.attention.head_count") // field(f"{name}.attention.head_count_kv")
            facts = [path.stem, name, field(f"{name}.block_count"), shared, field(f"{name}.expert_count") or 0]
            plans = [types(path, number, folder) for number in FILE_TYPES.values()]
            for tensor in reader.tensors:
                shape = "x".join(str(size) for size in reversed(tensor.shape.tolist()))
                print(*facts, tensor.name, shape, *(plan[tensor.name] for plan in plans), sep="\t")


main()
