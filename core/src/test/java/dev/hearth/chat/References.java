package dev.hearth.chat;

import dev.hearth.format.Json;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Where the reference renderings lie. */
final class References {
    private References() {}

    /** The folder of shared data, or the copies in the test resources if there is none. */
    static Path chatTemplates() {
        String shared = System.getProperty("hearth.shared", "");
        return shared.isEmpty() ? resource("chat-templates") : Path.of(shared, "chat-templates");
    }

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(References.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, Json> object(Path file) {
        return ((Json.Obj) Json.read(file)).members();
    }

    /** A member that must be there. */
    static Json member(Json object, String name) {
        return Objects.requireNonNull(((Json.Obj) object).members().get(name), name);
    }

    static String text(Json object, String name) {
        return ((Json.Str) member(object, name)).value();
    }

    /** Each conversation with the tokens and the time that all of them share. */
    static Map<String, Json.Obj> conversations() {
        Map<String, Json> file = object(chatTemplates().resolve("conversations.json"));
        Map<String, Json.Obj> conversations = new LinkedHashMap<>();
        ((Json.Obj) member(new Json.Obj(file), "conversations")).members().forEach((name, conversation) -> {
            Map<String, Json> input = new LinkedHashMap<>(file);
            input.remove("conversations");
            input.remove("transformers");
            input.putAll(((Json.Obj) conversation).members());
            if (input.remove("kwargs") instanceof Json.Obj more) {
                input.putAll(more.members());
            }
            conversations.put(name, new Json.Obj(input));
        });
        return conversations;
    }
}
