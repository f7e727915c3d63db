package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a tokenizer's file by what it is. */
final class TokenizerFiles {
    /** Four times the largest known. */
    private static final int MOST_BYTES = 128 << 20;

    private TokenizerFiles() {}

    static Tokenizer read(Path file) {
        String name = String.valueOf(file.getFileName());
        TokenizerConfig config = new TokenizerConfig(sibling(file, "tokenizer_config.json"));
        if (name.equals("vocab.txt")) {
            return VocabularyFiles.wordPieces(bytes(file), config);
        }
        if (name.endsWith(".json")) {
            return json(file, name, config);
        }
        byte[] bytes = bytes(file);
        return TiktokenFile.matches(bytes)
                ? TiktokenFile.read(name, bytes, config)
                : SentencePieceTokenizer.read(SentencePieceFile.read(name, bytes), config);
    }

    private static Tokenizer json(Path file, String name, TokenizerConfig config) {
        Fields fields = Fields.of(name, Json.parse(name, bytes(file)));
        if (TekkenFile.matches(fields)) {
            return TekkenFile.read(fields);
        }
        if (!name.equals("vocab.json")) {
            return TokenizerJson.read(fields, config.file());
        }
        Path merges = file.resolveSibling("merges.txt");
        if (!Files.isRegularFile(merges)) {
            throw new ModelFormatException(name, "expected merges.txt beside it, found none");
        }
        return VocabularyFiles.bytePairs(fields, bytes(merges), config);
    }

    private static Optional<Fields> sibling(Path file, String name) {
        Path path = file.resolveSibling(name);
        return Files.exists(path) ? Optional.of(Fields.of(name, Json.parse(name, bytes(path)))) : Optional.empty();
    }

    private static byte[] bytes(Path file) {
        String name = String.valueOf(file.getFileName());
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new ModelFormatException(name, "expected up to " + MOST_BYTES + " bytes, found more");
            }
            return bytes;
        } catch (IOException e) {
            throw new ModelFormatException(name, "cannot be read: " + e, e);
        }
    }
}
