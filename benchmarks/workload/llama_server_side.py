"""llama-server's side of a workload: starts it, replays a trace over HTTP and prints what became of each request.

    python llama_server_side.py LLAMA-SERVER MODEL.gguf TRACE.jsonl THREADS SLOTS CONTEXT LOG

Each slot has CONTEXT positions. Flash attention and the caches of prompts are on, batching is continuous, all as llama-server has them by default;
tokens are chosen by the shortest chain of samplers.
"""
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time

import replay
import traces

LOAD_SECONDS = 300


@contextlib.contextmanager
def server(program, model, threads, slots, context, log):
    """The port of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program, "--model", model, "--host", "127.0.0.1", "--port", str(port), "--no-webui",
        "--threads", threads, "--threads-batch", threads, "--parallel", str(slots), "--ctx-size", str(slots * context),
        "--flash-attn", "on", "--cache-prompt", "--cont-batching"]
    with open(log, "w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            await_health(process, port, log)
            yield port
        finally:
            process.terminate()


def await_health(process, port, log):
    end = time.monotonic() + LOAD_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"llama-server doesn't answer; {log} may say why")


def sender(port):
    def send(request, clock):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body = {
            "prompt": request.prompt, "n_predict": request.output, "ignore_eos": True, "stream": True, "cache_prompt": True,
            "samplers": ["top_k"], "top_k": 1, "response_fields": ["tokens_predicted", "timings", "stop"]}
        connection.request("POST", "/completion", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"status {response.status}: {response.read(500).decode(errors='replace')}")
        times = []
        for line in response:
            if line.startswith((b'data: {"error"', b"error")):
                raise OSError(line.decode(errors="replace").strip())
            if line.startswith(b"data: "):
                if b'"stop":true' in line:
                    last = json.loads(line[6:])
                    return times, last["tokens_predicted"], last["timings"].get("cache_n")
                times.append(clock.now())
        raise OSError(f"the answer broke off after {len(times)} tokens")

    return send


def main():
    program, model, file, threads, slots, context, log = sys.argv[1:]
    requests = traces.load(file)
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stderr.strip().splitlines()[:1]
    with server(program, model, threads, int(slots), int(context), log) as port:
        send = sender(port)
        replay.warm_up(requests, send)
        print(json.dumps({"library": " ".join(["llama-server", *version])}), flush=True)
        replay.run(requests, send, workers=sum(r.after is None for r in requests))


if __name__ == "__main__":
    main()
