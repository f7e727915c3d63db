package dev.hearth.bench;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A trace of {@code benchmarks/workload/traces.py}: requests in JSON lines, ids counted from 0. */
record Trace(List<Asked> requests) {
    /**
     * A request.
     *
     * @param after the one that has to end before; none if it arrives by itself
     * @param delay seconds from that end, or from the start
     * @param output tokens to generate
     */
    @SuppressWarnings("ArrayRecordComponent") // thousands of ids; nobody compares requests
    record Asked(int id, OptionalInt after, double delay, int[] prompt, int output) {
        private static Asked of(Fields line) {
            return new Asked(
                    line.requiredInteger("id"),
                    line.integer("after"),
                    line.number("delay").orElseThrow(),
                    line.integers("prompt"),
                    line.requiredInteger("output"));
        }
    }

    /** Reads a file. */
    static Trace read(Path file) {
        List<Asked> requests = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String place = file.getFileName() + ": request " + requests.size();
                requests.add(Asked.of(Fields.of(place, Json.parse(place, line))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Trace(List.copyOf(requests));
    }

    /** Requests that arrive by themselves. */
    List<Asked> first() {
        return requests.stream().filter(asked -> asked.after().isEmpty()).toList();
    }

    /** Requests that wait for this one. */
    List<Asked> after(Asked earlier) {
        return requests.stream()
                .filter(asked -> asked.after().equals(OptionalInt.of(earlier.id())))
                .toList();
    }

    /** At most so many tokens that share no beginning with a request: the last prompt backwards. */
    int[] warmUp(int most) {
        int[] last = requests.getLast().prompt();
        int[] prompt = new int[Math.min(most, last.length)];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = last[last.length - 1 - i];
        }
        return prompt;
    }
}
