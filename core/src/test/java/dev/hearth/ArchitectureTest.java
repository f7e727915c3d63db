package dev.hearth;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom: a token's way goes one way, and core knows no device but by {@code dev.hearth.spi}. */
class ArchitectureTest {
    private static final String ROOT = "dev.hearth";

    /**
     * Every part of core, below {@code dev.hearth}, and the other parts that it may use; the empty name is the root package alone. A
     * part has its subpackages, except for those listed. Backends are none of them, so nothing here may use one.
     */
    private static final Map<String, String> USES = new TreeMap<>(Map.ofEntries(
            Map.entry("tensor", ""),
            Map.entry("format", "tensor"),
            Map.entry("adapter", "format spi.host spi.reference tensor"),
            Map.entry("tokenizer", "format"),
            Map.entry("chat", "format tokenizer"),
            Map.entry("sample", ""),
            Map.entry("spi", "tensor"),
            Map.entry("spi.host", "spi tensor"),
            Map.entry("spi.reference", "spi spi.host tensor"),
            Map.entry("embedding", "format"),
            Map.entry("layer", "model spi tensor"),
            Map.entry("model.arch", "embedding format layer model spi tensor"),
            Map.entry("convert", "format model quantize spi spi.host spi.reference tensor tokenizer"),
            Map.entry(
                    "model",
                    "adapter chat embedding format layer model.arch quantize sample spi spi.host spi.reference tensor tokenizer"),
            Map.entry("quantize", "format spi.host spi.reference tensor"),
            Map.entry("state", "model spi tensor"),
            Map.entry("schedule", "layer model sample spi state tensor"),
            Map.entry(
                    "",
                    "adapter chat embedding format layer model quantize sample schedule spi state tensor tokenizer")));

    /** These use one another: a {@code Step} goes through layers that families put together, and a model lists its families. */
    private static final Set<String> ENTANGLED = Set.of("model", "model.arch", "layer");

    private static final Map<Class<?>, List<String>> RESTRICTED = Map.of(
            Linker.class, List.of("nativeLinker", "downcallHandle", "upcallStub"),
            SymbolLookup.class, List.of("libraryLookup", "loaderLookup"),
            MemorySegment.class, List.of("reinterpret"),
            AddressLayout.class, List.of("withTargetLayout"),
            ModuleLayer.Controller.class, List.of("enableNativeAccess"),
            System.class, List.of("load", "loadLibrary"),
            Runtime.class, List.of("load", "loadLibrary"));

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(ROOT);

    private static String name(String part) {
        return part.isEmpty() ? ROOT : ROOT + "." + part;
    }

    /** The part that a package belongs to: itself, or the nearest listed one above it. */
    private static String partOf(String packageName) {
        for (String at = packageName; at.startsWith(ROOT + "."); at = at.substring(0, at.lastIndexOf('.'))) {
            if (USES.containsKey(at.substring(ROOT.length() + 1))) {
                return at.substring(ROOT.length() + 1);
            }
        }
        return packageName.equals(ROOT) ? "" : "none: " + packageName;
    }

    private static DescribedPredicate<JavaClass> in(Set<String> parts) {
        return DescribedPredicate.describe(
                "in " + parts,
                type -> parts.contains(partOf(type.getBaseComponentType().getPackageName())));
    }

    static Stream<String> parts() {
        return USES.keySet().stream();
    }

    @Test
    void core_isRead() {
        assertThat(CORE.contain(Engine.class)).isTrue();
        assertThat(CORE.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void packages_areAllListed() {
        Set<String> found = new TreeSet<>();
        CORE.forEach(type -> found.add(partOf(type.getPackageName())));
        assertThat(found).isEqualTo(USES.keySet());
    }

    @ParameterizedTest
    @MethodSource("parts")
    void part_usesNothingElse(String part) {
        String uses = Objects.requireNonNull(USES.get(part));
        Set<String> allowed = uses.isEmpty() ? new TreeSet<>() : new TreeSet<>(Arrays.asList(uses.split(" ", -1)));
        allowed.add(part);
        noClasses()
                .that(in(Set.of(part)))
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(in(allowed))))
                .because(name(part) + " may use " + allowed)
                .check(CORE);
    }

    @Test
    void parts_haveNoCyclesButTheKnownOne() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String part = partOf(type.getPackageName());
                        return SliceIdentifier.of(ENTANGLED.contains(part) ? "model and layers" : part);
                    }

                    @Override
                    public String getDescription() {
                        return "parts of core";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(CORE);
    }

    @Test
    void core_usesLittleBesideTheJdk() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..", "com.sun.management", "jdk.jfr", ROOT + "..", "org.slf4j", "org.jspecify..")
                        .or(resideInAPackage("tools.jackson..")))
                .check(CORE);
        noClasses()
                .that(not(resideInAPackage(ROOT + ".format")))
                .should()
                .dependOnClassesThat(resideInAPackage("tools.jackson.."))
                .because("JSON is read in one place")
                .check(CORE);
    }

    @Test
    void core_callsNothingRestricted() {
        DescribedPredicate<JavaMethodCall> restricted = DescribedPredicate.describe("restricted", call -> {
            MethodCallTarget target = call.getTarget();
            return RESTRICTED.entrySet().stream()
                    .anyMatch(entry -> target.getOwner().isEquivalentTo(entry.getKey())
                            && entry.getValue().contains(target.getName()));
        });
        noClasses()
                .should()
                .callMethodWhere(restricted)
                .because("only dev.hearth.ffi may")
                .check(CORE);
    }

    @Test
    void core_printsNothing() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CORE);
    }

    @Test
    void core_hasNoStaticThatChanges() {
        noFields().that().areStatic().should().notBeFinal().check(CORE);
    }
}
