package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class CoresTest {
    private static String processor(int index, int socket, int core) {
        return "processor\t: %d\nvendor_id\t: GenuineIntel\nphysical id\t: %d\ncore id\t\t: %d\nflags\t\t: fpu avx2\n\n"
                .formatted(index, socket, core);
    }

    private static int count(String text, int processors) throws IOException {
        return Cores.count(new BufferedReader(new StringReader(text)), processors);
    }

    @Test
    void siblings_countOnce() throws IOException {
        String text = processor(0, 0, 0) + processor(1, 0, 1) + processor(2, 0, 0) + processor(3, 0, 1);
        assertThat(count(text, 4)).isEqualTo(2);
    }

    @Test
    void sockets_areToldApart() throws IOException {
        assertThat(count(processor(0, 0, 0) + processor(1, 1, 0), 2)).isEqualTo(2);
    }

    @Test
    void container_limits() throws IOException {
        assertThat(count(processor(0, 0, 0) + processor(1, 0, 1) + processor(2, 0, 2), 1))
                .isEqualTo(1);
    }

    @Test
    void textWithoutCores_leavesTheProcessors() throws IOException {
        assertThat(count("processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n", 8))
                .isEqualTo(8);
        assertThat(count("", 3)).isEqualTo(3);
        assertThat(count("core id without a colon\n:::\n", 3)).isEqualTo(3);
    }

    @Test
    void here_isAtLeastOneAndAtMostTheProcessors() {
        assertThat(Cores.count()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }
}
