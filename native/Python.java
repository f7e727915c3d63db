import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a script with whichever Python 3 there is: {@code java Python.java MODE SCRIPT ARGUMENT...}. Without one it warns, and fails
 * only if MODE is {@code required}; Maven's own plugin would fail always.
 */
final class Python {
    private Python() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String mode = arguments[0];
        for (List<String> python : List.of(List.of("python3"), List.of("python"), List.of("py", "-3"))) {
            if (isVersion3(python)) {
                List<String> command = new ArrayList<>(python);
                command.addAll(Arrays.asList(arguments).subList(1, arguments.length));
                System.exit(new ProcessBuilder(command).inheritIO().start().waitFor());
            }
        }
        System.out.println("WARNING: native: no Python 3 was found, so no native library is built; "
                + "without it the engine falls back to Java");
        System.exit(mode.equals("required") ? 1 : 0);
    }

    private static boolean isVersion3(List<String> python) throws InterruptedException {
        List<String> command = new ArrayList<>(python);
        command.addAll(List.of("-c", "import sys; sys.exit(sys.version_info < (3, 8))"));
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // not there: the next may be
        }
    }
}
