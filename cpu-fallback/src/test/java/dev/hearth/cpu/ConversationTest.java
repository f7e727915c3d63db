package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Conversation;
import dev.hearth.Engine;
import dev.hearth.Event;
import dev.hearth.Message;
import dev.hearth.Request;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.CacheType;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Conversations that go on in another engine. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ConversationTest {
    private static Engine engine() {
        return Engine.builder(TinyModel.folder()).threads(1).contextLength(512).load();
    }

    private static Conversation brief(Conversation chat) {
        return chat.with(
                request -> request.temperature(0).maxTokens(8).tenant("acme").withoutThinking());
    }

    @Test
    void restored_goesOnAsTheSavedOneWould(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("chat");
        Completion expected;
        List<Message> messages;
        int kept;
        try (Engine engine = engine()) {
            Conversation chat = brief(engine.conversation(Message.system("You are brief. ".repeat(20))));
            chat.send("Hello! \u0000 \" \uD83D\uDE00");
            chat.add(
                    new Message(
                            Message.Role.ASSISTANT,
                            "",
                            "a thought",
                            List.of(new Event.ToolCall("look", "{\"at\":[1,\"x\"]}")),
                            Optional.empty()),
                    Message.toolResult(new Event.ToolCall("look", "{}"), "nothing"));
            messages = chat.messages();
            kept = chat.save(file);
            engine.complete(
                    Request.prompt("Once upon a time ".repeat(20)).maxTokens(1).build());
            assertThat(kept).isPositive().isLessThan(engine.stats().prefixPages() * 32);
            expected = chat.send("And now?");
        }
        try (Engine engine = engine()) {
            Conversation chat = brief(engine.conversation(file));
            assertThat(chat.messages()).isEqualTo(messages);
            Completion found = chat.send("And now?");
            assertThat(found.ids()).isEqualTo(expected.ids());
            assertThat(found.usage().cachedTokens()).isEqualTo(kept);
            assertThat(engine.stats().usedPages()).isZero();
            assertThat(folder.toFile().list()).containsExactly("chat");
        }
    }

    @Test
    void file_thatIsBrokenOrOfAnotherModelIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("chat");
        try (Engine engine = engine()) {
            Conversation chat = brief(engine.conversation(Message.system("You are brief. ".repeat(20))));
            assertThat(chat.send("Hello!").ids()).isNotEmpty();
            chat.save(file);
            byte[] bytes = Files.readAllBytes(file);
            for (int length = 0; length < bytes.length; length += length < 600 ? 1 : 50_000) {
                Files.write(file, Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> engine.conversation(file)).isInstanceOf(ModelFormatException.class);
            }
            Random random = new Random(1);
            for (int change = 0; change < 300; change++) {
                byte[] changed = bytes.clone();
                changed[change < 200 ? random.nextInt(600) : random.nextInt(bytes.length)] ^=
                        (byte) (1 + random.nextInt(255));
                Files.write(file, changed);
                try {
                    engine.conversation(file); // the model's name alone may be another
                } catch (ModelFormatException e) {
                    assertThat(e.getMessage()).contains("chat");
                }
            }
            Files.write(file, bytes);
            assertThat(engine.conversation(file).messages()).hasSize(3);
            assertThat(engine.stats().usedPages()).isZero();
        }
        try (Engine other = Engine.builder(TinyModel.folder())
                .cacheType(CacheType.F16)
                .contextLength(512)
                .load()) {
            assertThatThrownBy(() -> other.conversation(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("hearth-tiny-model")
                    .hasMessageContaining("the settings of the engine that saved it");
        }
    }

    @Test
    void save_ofNetworksThatKeepNoPrefixesAndOfNothing(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("chat");
        try (Engine engine = Engine.builder(TinyModel.folder())
                .threads(1)
                .withoutPrefixCache()
                .load()) {
            assertThat(engine.conversation(Message.user("Hello")).save(file)).isZero();
            assertThat(engine.conversation(file).messages()).containsExactly(Message.user("Hello"));
            assertThatThrownBy(() -> engine.conversation().save(file)).hasMessageContaining("found none");
            assertThatThrownBy(() -> engine.conversation(folder.resolve("none")))
                    .isInstanceOf(IOException.class);
        }
    }
}
