package dev.hearth.cpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many threads are worth having: one a physical core, for two on one core share the units that they would both fill. */
final class Cores {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Cores() {}

    /**
     * Physical cores, or where that can't be found out the processors; at most the processors that the system grants this
     * process (affinity and container limits included).
     */
    static int count() {
        int processors = Runtime.getRuntime().availableProcessors();
        if (!Files.isReadable(CPU_INFO)) {
            return processors;
        }
        try (BufferedReader reader = Files.newBufferedReader(CPU_INFO, StandardCharsets.ISO_8859_1)) {
            return count(reader, processors);
        } catch (IOException e) {
            return processors;
        }
    }

    /**
     * Distinct pairs of {@code physical id} and {@code core id} in text as Linux writes it (proc_pid(5), x86).
     *
     * @param processors the answer where there are none, and the most that is answered
     */
    static int count(BufferedReader cpuInfo, int processors) throws IOException {
        Set<String> cores = new HashSet<>();
        String socket = "";
        for (String line = cpuInfo.readLine(); line != null; line = cpuInfo.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, colon).strip()) {
                case "processor" -> socket = "";
                case "physical id" -> socket = value;
                case "core id" -> cores.add(socket + ':' + value);
                default -> {} // the rest doesn't tell cores apart
            }
        }
        return cores.isEmpty() ? processors : Math.min(cores.size(), processors);
    }
}
