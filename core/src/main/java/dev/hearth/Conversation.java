package dev.hearth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A chat turn by turn. Each turn's prompt begins with the turns before, whose keys and values the engine finds among its prefixes while
 * there is room for them. One thread at a time; {@link #fork} for others.
 */
public final class Conversation {
    private final Engine engine;
    private final List<Message> messages;
    private Consumer<Request.Builder> settings = request -> {};

    Conversation(Engine engine, List<Message> messages) {
        this.engine = engine;
        this.messages = new ArrayList<>(messages);
    }

    /** Settings for every turn from here on: a limit of tokens, a tenant, tools. */
    public Conversation with(Consumer<Request.Builder> change) {
        settings = change;
        return this;
    }

    /** What was said so far. */
    public List<Message> messages() {
        return List.copyOf(messages);
    }

    /** The answer to what a user says; both are part of the conversation from then on, neither if it fails. Waits. */
    public Completion send(String text) {
        return send(Message.user(text));
    }

    /**
     * The answer to a message, a user's or a tool's result; both are part of the conversation from then on, neither if it fails. Waits.
     * What {@link Engine#complete} throws.
     */
    public Completion send(Message message) {
        Completion answer = engine.complete(request(message));
        add(message, Message.assistant(answer));
        return answer;
    }

    /**
     * Starts the answer to a message; {@link #add} both when it has ended, or neither.
     *
     * @throws ContextLengthException if the conversation has become too long
     */
    public Generation generate(Message message) {
        return engine.generate(request(message));
    }

    /**
     * Writes the messages, and what is kept of them among the engine's prefixes, to a file: {@link Engine#conversation(Path)} of another
     * process with the same model goes on from there. Settings are not part of it. Requests run meanwhile.
     *
     * @return how many tokens need not be computed again
     * @throws IOException if the file cannot be written; one that was there before is left as it is
     * @throws EngineClosedException if the engine is closed
     */
    public int save(Path file) throws IOException {
        if (messages.isEmpty()) {
            throw new IllegalStateException("conversation: expected messages to save, found none");
        }
        return engine.conversationFile().save(file, messages, request(messages));
    }

    private Request request(Message next) {
        List<Message> turn = new ArrayList<>(messages);
        turn.add(next);
        return request(turn);
    }

    private Request request(List<Message> turn) {
        Request.Builder request = Request.chat(turn);
        settings.accept(request);
        return request.build();
    }

    /** Adds messages that were said elsewhere. */
    public Conversation add(Message... said) {
        messages.addAll(List.of(said));
        return this;
    }

    /** Another conversation with the same messages and settings, which goes on by itself. */
    public Conversation fork() {
        return new Conversation(engine, messages).with(settings);
    }

    /**
     * Takes back the last messages.
     *
     * @throws IllegalArgumentException if there are not so many
     */
    public Conversation rewind(int count) {
        if (count < 0 || count > messages.size()) {
            throw new IllegalArgumentException(
                    "conversation: rewind: expected 0 to " + messages.size() + " messages, found " + count);
        }
        messages.subList(messages.size() - count, messages.size()).clear();
        return this;
    }
}
