package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.CacheType;
import dev.hearth.tensor.DType;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the committed bindings against the header they were made from. */
class BindingsTest {
    private static final Pattern PROTOTYPE =
            Pattern.compile("HEARTH_API\\s+([\\w\\s*]+?)(hearth_\\w+)\\s*\\(([^)]*)\\)\\s*;");
    private static final Pattern PARAMETER = Pattern.compile("(.*?)(\\w+)");
    private static final Pattern CONSTANT = Pattern.compile("(?m)^#define (HEARTH_\\w+) (\\d+)\\b");

    @BeforeAll
    static void load() { // a binding looks its function up when it is first touched
        assertThat(TestLibrary.cpu().usable()).isNotEmpty();
    }

    /** A function as the header declares it: its result and parameters as "type name", blanks taken out of types. */
    private record Prototype(String result, List<String> types, List<String> names) {}

    static String header() throws IOException {
        Path file = Path.of("include", "hearth_cpu.h"); // tests run in the module's folder
        return Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
    }

    private static Map<String, Prototype> prototypes() throws IOException {
        var found = new TreeMap<String, Prototype>();
        Matcher matcher = PROTOTYPE.matcher(header());
        while (matcher.find()) {
            var types = new ArrayList<String>();
            var names = new ArrayList<String>();
            String parameters = matcher.group(3).strip();
            for (String parameter : parameters.equals("void") ? new String[0] : parameters.split(",", -1)) {
                Matcher parts = PARAMETER.matcher(parameter.strip());
                assertThat(parts.matches()).as("%s", parameter).isTrue();
                types.add(parts.group(1).replaceAll("\\s", ""));
                names.add(parts.group(2));
            }
            found.put(matcher.group(2), new Prototype(matcher.group(1).replaceAll("\\s", ""), types, names));
        }
        return found;
    }

    /** The layout that a C type has on every platform. */
    private static String layoutOf(String type) {
        return switch (type) {
            case "int32_t", "uint32_t" -> "int";
            case "int64_t", "uint64_t", "hearth_ptr" -> "long";
            case "float" -> "float";
            case "double" -> "double";
            default -> type.endsWith("*") ? "address" : "unknown " + type;
        };
    }

    private static String nameOf(MemoryLayout layout) {
        return layout instanceof AddressLayout
                ? "address"
                : ((ValueLayout) layout).carrier().getName();
    }

    private static Map<String, Method> generated() {
        var found = new TreeMap<String, Method>();
        for (Method method : hearth_cpu_h.class.getDeclaredMethods()) {
            boolean ours =
                    method.getName().startsWith("hearth_") && !method.getName().contains("$");
            if (ours && Modifier.isPublic(method.getModifiers())) {
                assertThat(found.put(method.getName(), method)).as("overloads").isNull();
            }
        }
        return found;
    }

    @Test
    void bindings_nameEveryFunctionOfTheHeaderAndNoOther() throws IOException {
        long declared =
                header().lines().filter(line -> line.startsWith("HEARTH_API")).count();
        assertThat(prototypes()).hasSize((int) declared).isNotEmpty();
        assertThat(generated().keySet()).isEqualTo(prototypes().keySet());
    }

    @Test
    void bindings_haveTheHeadersTypesAndNames() throws Exception {
        Map<String, Method> generated = generated();
        for (var entry : prototypes().entrySet()) {
            Prototype prototype = entry.getValue();
            Method method = Objects.requireNonNull(generated.get(entry.getKey()));
            var descriptor = (FunctionDescriptor)
                    hearth_cpu_h.class.getMethod(entry.getKey() + "$descriptor").invoke(null);
            assertThat(descriptor.returnLayout().map(BindingsTest::nameOf))
                    .as(entry.getKey())
                    .contains(layoutOf(prototype.result()));
            assertThat(descriptor.argumentLayouts())
                    .as(entry.getKey())
                    .extracting(BindingsTest::nameOf)
                    .isEqualTo(prototype.types().stream()
                            .map(BindingsTest::layoutOf)
                            .toList());
            assertThat(Arrays.stream(method.getParameters())
                            .map(Parameter::getName)
                            .toList())
                    .as(entry.getKey())
                    .isEqualTo(prototype.names());
        }
    }

    @Test
    void bindings_haveTheHeadersConstants() throws Exception {
        var expected = new TreeMap<String, Integer>();
        Matcher matcher = CONSTANT.matcher(header());
        while (matcher.find()) {
            expected.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
        }
        var actual = new TreeMap<String, Integer>();
        for (Method method : hearth_cpu_h.class.getDeclaredMethods()) {
            if (method.getName().startsWith("HEARTH_")) {
                actual.put(method.getName(), (Integer) method.invoke(null));
            }
        }
        assertThat(actual).isEqualTo(expected).hasSizeGreaterThan(10);
    }

    @Test
    void facade_usesTheHeadersNumbers() throws Exception {
        for (DType type : DType.values()) {
            assertThat(CpuKernels.typeId(type)).isEqualTo(constant("HEARTH_" + type));
        }
        for (CacheType type : CacheType.values()) {
            String name = type == CacheType.INT8 ? "CACHE_INT8" : type.name();
            assertThat(NativeAttention.typeId(type)).isEqualTo(constant("HEARTH_" + name));
        }
        var sets = new TreeSet<String>();
        for (Isa isa : Isa.values()) {
            assertThat(isa.id()).isEqualTo(constant("HEARTH_ISA_" + isa));
            sets.add("HEARTH_ISA_" + isa);
        }
        assertThat(CONSTANT.matcher(header()).results().map(r -> r.group(1)).filter(n -> n.startsWith("HEARTH_ISA_")))
                .containsExactlyInAnyOrderElementsOf(sets);
    }

    private static int constant(String name) throws ReflectiveOperationException {
        return (Integer) hearth_cpu_h.class.getMethod(name).invoke(null);
    }
}
