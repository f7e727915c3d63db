"""llama-cpp-python's side of a workload: one request after the other, as they arrive, by Llama.generate, which keeps the beginning that a
prompt has in common with what ran before it.

    python llama_cpp_python_side.py MODEL.gguf TRACE.jsonl THREADS CONTEXT
"""
import json
import sys

import llama_cpp

import replay
import traces


def sender(model):
    def send(request, clock):
        known = 0
        for old, new in zip(model.input_ids[: model.n_tokens].tolist(), request.prompt[:-1]):
            if old != new:
                break
            known += 1
        times = []
        for _ in model.generate(request.prompt, top_k=1, temp=0.0):
            times.append(clock.now())
            if len(times) == request.output:
                break
        return times, len(times), known

    return send


def main():
    file, trace_file, threads, context = sys.argv[1:]
    requests = traces.load(trace_file)
    model = llama_cpp.Llama(
        file, n_ctx=int(context), n_batch=512, n_threads=int(threads), n_threads_batch=int(threads), flash_attn=True, verbose=False)
    send = sender(model)
    replay.warm_up(requests, send)
    print(json.dumps({"library": f"llama-cpp-python {llama_cpp.__version__}"}), flush=True)
    replay.run(requests, send, workers=1)


if __name__ == "__main__":
    main()
