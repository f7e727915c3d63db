package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    Path folder;

    private final List<Path> tried = new ArrayList<>();

    @BeforeAll
    static void findLibrary() {
        assertThat(TestLibrary.cpu().usable()).isNotEmpty();
    }

    /** Opens with the system's properties but for those given, as name, value, name, value. */
    private NativeLibrary open(Predicate<Path> loadable, String... changed) {
        var properties = new Properties();
        properties.putAll(System.getProperties());
        properties.setProperty("java.io.tmpdir", folder.toString());
        properties.setProperty("user.home", folder.resolve("home").toString());
        for (int i = 0; i < changed.length; i += 2) {
            properties.setProperty(changed[i], changed[i + 1]);
        }
        return new LibraryLoader(properties, file -> {
                    tried.add(file);
                    if (!loadable.test(file)) {
                        throw new UnsatisfiedLinkError("failed to map segment: Operation not permitted");
                    }
                    LibraryLoader.load(file);
                })
                .open();
    }

    private static Path fileOf(NativeLibrary library) {
        assertThat(library).isInstanceOf(NativeLibrary.Loaded.class);
        return ((NativeLibrary.Loaded) library).file();
    }

    private static String reasonOf(NativeLibrary library) {
        assertThat(library).isInstanceOf(NativeLibrary.Unavailable.class);
        return ((NativeLibrary.Unavailable) library).reason();
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    private static String folderName(Path file) {
        return String.valueOf(folderOf(file).getFileName());
    }

    private static boolean inClasses(Path file) {
        return file.toString().contains("classes");
    }

    private List<Path> filesIn(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void open_loadsInPlaceFromAFolderOfClasses() {
        assertThat(fileOf(open(f -> true))).matches(NativeLibraryTest::inClasses);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void open_extractsToTheHomeNamedByContentAndReadableByItsOwnerAlone() throws IOException {
        Path file = fileOf(open(f -> !inClasses(f)));
        assertThat(file).startsWith(folder.resolve("home/.cache/hearth/native"));
        assertThat(folderName(file)).matches("[0-9a-f]{32}");
        assertThat(filesIn(folder)).containsExactly(file);
        assertThat(Files.getPosixFilePermissions(folderOf(file)))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void open_leavesAnIntactFileAlone() throws IOException {
        Path file = fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString()));
        Object key = Files.getAttribute(file, "unix:ino");
        assertThat(fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString())))
                .isEqualTo(file);
        assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(key);
    }

    @Test
    void open_replacesADamagedFile() throws IOException {
        Path file = fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString()));
        byte[] intact = Files.readAllBytes(file);
        byte[] damaged = intact.clone();
        damaged[intact.length / 2] ^= 1;
        for (byte[] content : List.of(damaged, new byte[0], Arrays.copyOf(intact, intact.length + 1))) {
            Files.delete(file); // a new file, as this process has the old one mapped
            Files.write(file, content);
            fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString()));
            assertThat(file).hasBinaryContent(intact);
        }
        assertThat(filesIn(folder)).containsExactly(file);
    }

    @Test
    void open_goesToAFolderOfItsOwnWhereTheHomeCannotBeWritten() throws IOException {
        Path home = Files.createFile(folder.resolve("file"));
        Path file = fileOf(open(f -> !inClasses(f), "user.home", home.toString()));
        assertThat(folderOf(folderOf(file))).isEqualTo(folder);
        assertThat(folderName(file)).startsWith("hearth-native-");
    }

    @Test
    void open_goesToAFolderOfItsOwnWhereTheHomeCannotBeExecuted() {
        Path file = fileOf(open(f -> folderName(f).startsWith("hearth-native-")));
        assertThat(file).startsWith(folder);
        assertThat(tried).hasSize(3);
    }

    @Test
    void open_saysWhereItTriedIfNoPlaceWorks() {
        String reason = reasonOf(open(f -> false));
        assertThat(tried).hasSize(3);
        tried.forEach(file -> assertThat(reason).contains(file + ": failed to map segment"));
        assertThat(reason).endsWith("name a folder that can be written and executed in hearth.native.dir");
    }

    @Test
    void open_usesNoFolderThatOthersMayWrite() throws IOException {
        Path file = fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString()));
        Files.setPosixFilePermissions(folderOf(file), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(reasonOf(open(f -> true, NativeLibrary.FOLDER, folder.toString())))
                .contains("its owner alone may write, found rwxrwxrwx");
    }

    @Test
    void open_saysThatThePlatformHasNoLibrary() {
        assertThat(reasonOf(open(f -> true, "os.arch", "s390x")))
                .isEqualTo("native: expected a library for Linux s390x, found none in the jar; build one, or name its"
                        + " file in hearth.native.library");
        assertThat(reasonOf(open(f -> true, "os.name", "SunOS"))).contains("SunOS");
        assertThat(tried).isEmpty();
    }

    @Test
    void open_loadsTheFileItIsTold() throws IOException {
        Path file = fileOf(open(f -> true, NativeLibrary.FOLDER, folder.toString()));
        Path copy = Files.copy(file, folder.resolve("copy.so"));
        assertThat(fileOf(open(f -> true, NativeLibrary.LIBRARY, copy.toString())))
                .isEqualTo(copy);
        assertThat(reasonOf(open(f -> true, NativeLibrary.LIBRARY, "absent.so")))
                .contains("absent.so: ");
    }

    @Test
    void open_refusesAnotherLibrary() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("jimage"));
        Path other = Files.copy(java, folder.resolve("other.so"));
        assertThat(answerOf(start("-cp", CLASS_PATH, "-D" + NativeLibrary.LIBRARY + "=" + other)))
                .isEqualTo("unavailable " + other + ": expected Hearth's library, found one without hearth_abi");
    }

    @Test
    void open_worksForManyProcessesThatStartTogether() throws Exception {
        var processes = new ArrayList<Process>();
        for (int i = 0; i < 4; i++) {
            processes.add(start("-cp", CLASS_PATH, "-D" + NativeLibrary.FOLDER + "=" + folder));
        }
        var answers = new ArrayList<String>();
        for (Process process : processes) {
            answers.add(answerOf(process));
        }
        assertThat(filesIn(folder)).hasSize(1);
        assertThat(answers).containsOnly("loaded " + filesIn(folder).getFirst());
    }

    @Test
    void open_namesTheFlagThatIsMissing() throws Exception {
        assertThat(answerOf(start("-cp", CLASS_PATH, "--illegal-native-access=deny")))
                .isEqualTo("unavailable native: expected leave to call native code, found none; start java with"
                        + " --enable-native-access=ALL-UNNAMED");
        var modules = modulePath();
        modules.add("--illegal-native-access=deny");
        assertThat(answerOf(start(modules.toArray(String[]::new)))).endsWith("--enable-native-access=dev.hearth.ffi");
    }

    @Test
    void open_worksAsAModule() throws Exception {
        var modules = modulePath();
        modules.add("--illegal-native-access=deny");
        modules.add("--enable-native-access=dev.hearth.ffi");
        assertThat(answerOf(start(modules.toArray(String[]::new)))).startsWith("loaded ");
    }

    @Test
    void open_worksInASecondClassLoader() throws Exception {
        assertThat(fileOf(NativeLibrary.open())).exists();
        var urls = new ArrayList<URL>();
        for (String entry : CLASS_PATH.split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        try (var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Object library = loader.loadClass(NativeLibrary.class.getName())
                    .getMethod("open")
                    .invoke(null);
            assertThat(library.getClass().getSimpleName()).as("%s", library).isEqualTo("Loaded");
        }
    }

    /** Java's options that put this module and what it needs on the module path. */
    private static List<String> modulePath() {
        String path = Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
                .filter(entry -> entry.matches(".*(hearth|/core/|/native/target/classes|slf4j-api|jackson-core).*"))
                .filter(entry -> !entry.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        return new ArrayList<>(List.of(
                "-p",
                path,
                "--add-modules",
                "dev.hearth.ffi",
                "--add-exports",
                "dev.hearth.ffi/dev.hearth.ffi=ALL-UNNAMED",
                "-cp",
                Path.of("target", "test-classes").toString()));
    }

    private static Process start(String... options) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("dev.hearth.ffi.start.OpenMain");
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** The last line that a process prints. */
    private static String answerOf(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", output).isZero();
        return output.strip().lines().toList().getLast();
    }
}
