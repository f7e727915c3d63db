package dev.hearth.race;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** A library's side of a race. */
interface Side {
    /** Whether the library can be asked for a test. */
    boolean takes(RaceTest test);

    /** Runs a test; the seconds that its steps took. */
    double seconds(RaceTest test);

    /**
     * Prints what the library is, then for each test that standard input names its tokens a second, or {@code none}. A test's first run
     * doesn't count. Ends the JVM with standard input, since a library's threads may keep it.
     */
    static void answer(Side side, String library, PrintStream answers) throws IOException {
        answers.println(library);
        Set<RaceTest> warm = new HashSet<>();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            RaceTest test = RaceTest.named(line.strip());
            if (side.takes(test) && warm.add(test)) {
                side.seconds(test);
            }
            answers.println(side.takes(test) ? test.tokenCount() / side.seconds(test) : "none");
        }
        Runtime.getRuntime().halt(0);
    }
}
