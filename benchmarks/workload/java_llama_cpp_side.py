"""The side of de.kherud:llama, llama.cpp behind JNI, in a workload: hands requests to dev.hearth.race.JavaLlamaCppMany as they arrive.

    python java_llama_cpp_side.py TRACE.jsonl COMMAND ...

It takes text alone. Each token becomes a letter, one of sixteen, which is a token in the vocabulary of random models: prompts have the same
lengths and the same beginnings in common.
"""
import json
import queue
import subprocess
import sys
import threading

import replay
import traces

LETTERS = "abcdefghijklmnop"  # no two of them are merged into a token


class Peer:
    """The running program."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.library = self.process.stdout.readline().strip()
        self.answers = {}
        self.asking = threading.Lock()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            name, _, rest = line.strip().partition(" ")
            self.answers[name].put(rest)
        for answer in list(self.answers.values()):
            answer.put("failed the program ended")

    def send(self, request, clock):
        answer = queue.SimpleQueue()
        prompt = "".join(LETTERS[token % len(LETTERS)] for token in request.prompt)
        with self.asking:
            self.answers[str(request.id)] = answer
            self.process.stdin.write(f"{request.id} {request.output} {prompt}\n")
            self.process.stdin.flush()
        times = []
        while not (event := answer.get()):
            times.append(clock.now())
        if event != "end":
            raise OSError(event)
        return times[:-1], len(times) - 1, None  # its last output is the end


def main():
    trace_file, *command = sys.argv[1:]
    requests = traces.load(trace_file)
    peer = Peer(command)
    if not peer.library:
        raise SystemExit(f"{command[0]} ended early, with code {peer.process.wait()}")
    replay.warm_up(requests, peer.send)
    print(json.dumps({"library": peer.library}), flush=True)
    replay.run(requests, peer.send, workers=sum(r.after is None for r in requests))
    peer.process.stdin.close()
    peer.process.wait()


if __name__ == "__main__":
    main()
