package dev.hearth;

import dev.hearth.chat.TemplateException;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import dev.hearth.format.ModelFormatException;
import dev.hearth.schedule.TokenList;
import dev.hearth.state.PrefixCopy;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A conversation in a file, for another process with the same model. Big-endian: {@value #MAGIC}, a version, the model's name and what it
 * is, the number of bytes of its messages as JSON, those in UTF-8, their CRC-32C; then what was computed of it, as {@link PrefixFile}
 * has it.
 */
final class ConversationFile {
    private static final String MAGIC = "hearth conversation";
    private static final int VERSION = 1;

    private final Generator generator;
    private final PrefixFile prefixes;
    private final String modelName;
    private final String model;

    /** Of an engine whose model has this name, and which this text identifies. */
    ConversationFile(Generator generator, PrefixFile prefixes, String modelName, String model) {
        this.generator = generator;
        this.prefixes = prefixes;
        this.modelName = modelName;
        this.model = model;
    }

    /** Writes messages and what is kept of the request that they make; steps run in between. How many tokens are kept. */
    int save(Path file, List<Message> messages, Request request) throws IOException {
        TokenList tokens = tokens(request);
        String key = request.standing().terms().isolation();
        byte[] json = JsonWriter.write(
                        new Json.Arr(messages.stream().<Json>map(Message::saved).toList()))
                .getBytes(StandardCharsets.UTF_8);
        return PartFile.replace(file, out -> {
            header(out, json);
            return prefixes.write(out, cache -> PrefixCopy.of(cache, key, tokens::get, tokens.size()));
        });
    }

    /** Those of the prompt; none if the template has no prompt for messages that end like that. */
    private TokenList tokens(Request request) {
        try {
            return generator.tokens(request);
        } catch (TemplateException | ContextLengthException e) {
            return new TokenList();
        }
    }

    private void header(DataOutputStream out, byte[] json) throws IOException {
        out.writeUTF(MAGIC);
        out.writeInt(VERSION);
        out.writeUTF(modelName);
        out.writeUTF(model);
        out.writeInt(json.length);
        out.write(json);
        out.writeInt(sum(json));
    }

    private static int sum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * The messages, and what was computed of them as far as there are free pages; steps run in between.
     *
     * @throws ModelFormatException if the file is broken, of another version or another model
     */
    List<Message> load(Path file) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            expect(file, "a file", MAGIC, in.readUTF());
            expect(file, "version", VERSION, in.readInt());
            String name = in.readUTF();
            if (!in.readUTF().equals(model)) {
                throw new ModelFormatException(
                        file.toString(),
                        "model: expected " + modelName
                                + " with this engine's settings, found " + name
                                + "; a conversation fits the model and the settings of the engine that saved it alone");
            }
            List<Message> messages = messages(file, in);
            prefixes.read(file, in);
            return messages;
        } catch (EOFException | UTFDataFormatException e) {
            throw new ModelFormatException(
                    file.toString(), "expected more of a conversation, found the end; save it again", e);
        }
    }

    private static void expect(Path file, String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new ModelFormatException(
                    file.toString(), what + ": expected " + expected + ", found " + found + "; save it again");
        }
    }

    private static List<Message> messages(Path file, DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > Files.size(file)) {
            throw new ModelFormatException(
                    file.toString(), "messages: expected at most the file's bytes, found " + length);
        }
        byte[] json = in.readNBytes(length);
        if (json.length < length || in.readInt() != sum(json)) {
            throw new ModelFormatException(
                    file.toString(), "messages: expected what their check sum says, found other bytes; save it again");
        }
        Fields read = Fields.of(file.toString(), new Json.Obj(Map.of("messages", Json.parse("messages", json))));
        return read.array("messages").orElse(List.of()).stream()
                .map(m -> Message.saved(Fields.of(read.at("messages"), m)))
                .toList();
    }
}
