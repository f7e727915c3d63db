package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.ffi.GraphCalls.Dialect;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Structs as the makers' headers have them, which test/nodes_test.cpp compares where they are. */
class GraphCallsTest {
    @ParameterizedTest
    @CsvSource({
        "function, 0, 24",
        "gridX, 8, 32",
        "gridY, 12, 36",
        "gridZ, 16, 40",
        "threadsX, 20, 0",
        "threadsY, 24, 4",
        "threadsZ, 28, 8",
        "sharedBytes, 32, 56",
        "parameters, 40, 48",
        "extra, 48, 16"
    })
    void members_lieWhereTheHeadersHaveThem(String member, long cuda, long hip) {
        assertThat(Dialect.CUDA.offset(member)).isEqualTo(cuda);
        assertThat(Dialect.HIP.offset(member)).isEqualTo(hip);
    }

    @Test
    void structs_haveTheHeadersSize() {
        assertThat(Dialect.CUDA.byteSize()).isEqualTo(72);
        assertThat(Dialect.HIP.byteSize()).isEqualTo(64);
    }

    /** As an old driver's would. */
    @Test
    void library_withoutGraphsHasNone() {
        DriverLibrary library = DriverLibrary.open(List.of("libc.so.6", "msvcrt.dll", "libSystem.dylib"));
        assertThat(GraphCalls.find(library, Dialect.CUDA, 128, Arena.ofAuto())).isEmpty();
        assertThat(GraphCalls.find(library, Dialect.HIP, 128, Arena.ofAuto())).isEmpty();
    }
}
