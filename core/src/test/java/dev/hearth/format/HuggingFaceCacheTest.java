package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceCacheTest {
    private static final String OLD = "0123456789abcdef0123456789abcdef01234567";
    private static final String NEW = "fedcba9876543210fedcba9876543210fedcba98";

    @TempDir
    Path home;

    @Test
    void folders_areThoseOfTheEnvironmentInOrder() {
        Map<String, String> environment = Map.of("HF_HUB_CACHE", "/a", "HF_HOME", "~/b", "XDG_CACHE_HOME", "/c");
        assertThat(HuggingFaceCache.of(environment, home).folders())
                .containsExactly(
                        Path.of("/a"),
                        home.resolve("b/hub"),
                        Path.of("/c/huggingface/hub"),
                        home.resolve(".cache/huggingface/hub"));
        assertThat(HuggingFaceCache.of(Map.of("HF_HOME", " "), home).folders())
                .containsExactly(home.resolve(".cache/huggingface/hub"));
    }

    @Test
    void name_isResolvedToItsRevision() throws IOException {
        Path model = model(home.resolve(".cache/huggingface/hub"), "models--org--name");
        HuggingFaceCache cache = HuggingFaceCache.of(Map.of(), home);
        assertThat(cache.resolve("org/name"))
                .isEqualTo(model.resolve("snapshots").resolve(NEW));
        assertThat(cache.resolve("org/name@main"))
                .isEqualTo(model.resolve("snapshots").resolve(NEW));
        assertThat(cache.resolve("org/name@v1.0"))
                .isEqualTo(model.resolve("snapshots").resolve(OLD));
        assertThat(cache.resolve("org/name@refs/pr/7"))
                .isEqualTo(model.resolve("snapshots").resolve(OLD));
        assertThat(cache.resolve("org/name@" + OLD))
                .isEqualTo(model.resolve("snapshots").resolve(OLD));
    }

    @Test
    void nameWithoutOrganisation_isResolved() throws IOException {
        Path model = model(home.resolve("hub"), "models--gpt2");
        assertThat(HuggingFaceCache.of(Map.of("HF_HOME", home.toString()), home).resolve("gpt2"))
                .isEqualTo(model.resolve("snapshots").resolve(NEW));
    }

    @Test
    void laterCache_isLookedIntoToo() throws IOException {
        Path model = model(home.resolve(".cache/huggingface/hub"), "models--org--name");
        Files.createDirectories(home.resolve("empty"));
        Map<String, String> environment =
                Map.of("HF_HUB_CACHE", home.resolve("empty").toString());
        assertThat(HuggingFaceCache.of(environment, home).resolve("org/name")).startsWith(model);
    }

    @Test
    void folderOfTheModelItself_isResolved() throws IOException {
        Path model = model(home, "models--org--name");
        assertThat(HuggingFaceCache.resolve(model))
                .isEqualTo(model.resolve("snapshots").resolve(NEW));
        assertThat(HuggingFaceCache.resolve(home)).isEqualTo(home);
        assertThat(HuggingFaceCache.resolve(home.resolve("models--without--snapshots")))
                .isEqualTo(home.resolve("models--without--snapshots"));
    }

    @Test
    void absentModel_isReportedWithWhatIsThere() throws IOException {
        Path hub = home.resolve(".cache/huggingface/hub");
        model(hub, "models--org--one");
        model(hub, "models--two");
        Map<String, String> environment = Map.of("HF_HUB_CACHE", "/nowhere");
        assertThatThrownBy(() -> HuggingFaceCache.of(environment, home).resolve("org/name"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("org/name: expected it in a Hugging Face cache, found /nowhere missing; " + hub
                        + " with org/one, two; download it first, as with: hf download org/name");
    }

    @Test
    void absentRevision_isReportedWithWhatIsThere() throws IOException {
        Path model = model(home, "models--org--name");
        HuggingFaceCache cache = new HuggingFaceCache(java.util.List.of(home));
        assertThatThrownBy(() -> cache.resolve("org/name@dev"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(model + ": dev: expected a downloaded snapshot, found " + OLD + ", " + NEW
                        + "; give one of these after @, or download it");
        Files.delete(model.resolve("refs/main"));
        assertThatThrownBy(() -> cache.resolve("org/name"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("main: expected a downloaded snapshot");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "org/",
                "/name",
                "a/b/c",
                "../name",
                "org/..",
                "org/.hidden",
                "org--name",
                "a b",
                "org/a\0b",
                "-x/y",
                "org\\name"
            })
    void otherNames_areRefused(String name) {
        assertThatThrownBy(() -> HuggingFaceCache.of(Map.of(), home).resolve(name))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a model's name, org/name or org/name@revision, or a path that exists");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../main", "a/../../main", "/etc", "a//b", ".hidden", "a\0"})
    void otherRevisions_areRefused(String revision) throws IOException {
        model(home, "models--org--name");
        assertThatThrownBy(() -> new HuggingFaceCache(java.util.List.of(home)).resolve("org/name@" + revision))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a branch, a tag or a commit after @");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../..", "/etc", "..", "deadbeef"})
    void referenceThatLeadsElsewhere_isRefused(String commit) throws IOException {
        Path model = model(home, "models--org--name");
        Files.writeString(model.resolve("refs/main"), commit);
        assertThatThrownBy(() -> HuggingFaceCache.resolve(model))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a downloaded snapshot");
    }

    /** As huggingface_hub lays it out, with two snapshots. */
    private static Path model(Path cache, String folder) throws IOException {
        Path model = cache.resolve(folder);
        Files.createDirectories(model.resolve("refs/refs/pr"));
        Files.createDirectories(model.resolve("snapshots").resolve(OLD));
        Files.createDirectories(model.resolve("snapshots").resolve(NEW));
        Files.writeString(model.resolve("refs/main"), NEW + "\n");
        Files.writeString(model.resolve("refs/v1.0"), OLD);
        Files.writeString(model.resolve("refs/refs/pr/7"), OLD);
        return model;
    }
}
