package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Where reference data lie: small copies in the resources, all of them in the folder that {@code hearth.shared} names. */
final class References {
    private References() {}

    static Optional<Path> shared() {
        String path = System.getProperty("hearth.shared", "");
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }

    static Fields resource(String name) {
        return Fields.of(name, Json.parse(name, resourceBytes(name)));
    }

    static byte[] resourceBytes(String name) {
        try (InputStream in = References.class.getResourceAsStream(name)) {
            return java.util.Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Tokenizer small(String name) {
        return Tokenizer.fromJson(resource(name + ".json"), Optional.empty());
    }

    static byte[] unzip(Path file) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Tokenizer large(Path shared, String name) {
        Path file = shared.resolve("tokenizers/" + name + "/tokenizer.json.gz");
        return Tokenizer.fromJson(Fields.of(name, Json.parse(name, unzip(file))), Optional.empty());
    }

    static List<String> strings(List<Json> list) {
        return list.stream().map(j -> ((Json.Str) j).value()).toList();
    }
}
