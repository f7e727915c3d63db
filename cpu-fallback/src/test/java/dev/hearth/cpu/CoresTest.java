package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoresTest {
    @TempDir
    private Path folder = Path.of("");

    private void siblings(String list, int... processors) throws IOException {
        for (int processor : processors) {
            Path topology = Files.createDirectories(folder.resolve("cpu" + processor + "/topology"));
            Files.writeString(topology.resolve("thread_siblings_list"), list + "\n");
        }
    }

    private static String allowed(String list) {
        return "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + list + "\nMems_allowed_list:\t0\n";
    }

    @Test
    void siblings_countOnce() throws IOException {
        siblings("0,4", 0, 4);
        siblings("1,5", 1, 5);
        assertThat(Cores.usable(allowed("0-1,4-5"), folder)).containsExactly(0, 1);
    }

    @Test
    void processorsOutsideTheMask_areLeftOut() throws IOException {
        siblings("0-1", 0, 1);
        siblings("2-3", 2, 3);
        siblings("4-5", 4, 5);
        assertThat(Cores.usable(allowed("1,2-3"), folder)).containsExactly(1, 2);
    }

    @Test
    void withoutTopology_eachProcessorIsACore() {
        assertThat(Cores.usable(allowed("0-2"), folder)).containsExactly(0, 1, 2);
    }

    @Test
    void textThatIsNoList_hasNone() {
        assertThat(Cores.usable(allowed("0-x"), folder)).isEmpty();
        assertThat(Cores.usable(allowed(""), folder)).isEmpty();
        assertThat(Cores.usable("", folder)).isEmpty();
    }

    @Test
    void here_isAtLeastOneAndAtMostTheProcessors() {
        assertThat(Cores.count()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }
}
