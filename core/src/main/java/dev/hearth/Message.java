package dev.hearth;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One message of a chat. Text in it never becomes a control token, whatever it looks like.
 *
 * @param content what was said; may be empty
 * @param thinking an assistant's thoughts, which most templates leave out of later turns; may be empty
 * @param toolCalls what an assistant asked for
 * @param toolName the tool whose result this is
 */
public record Message(
        Role role, String content, String thinking, List<Event.ToolCall> toolCalls, Optional<String> toolName) {
    /** Who speaks. */
    public enum Role {
        /** Instructions of the application. */
        SYSTEM,
        /** The user. */
        USER,
        /** The model. */
        ASSISTANT,
        /** A tool's result. */
        TOOL
    }

    /** Copies the list. */
    public Message {
        toolCalls = List.copyOf(toolCalls);
    }

    /** Instructions. */
    public static Message system(String content) {
        return new Message(Role.SYSTEM, content, "", List.of(), Optional.empty());
    }

    /** What a user says. */
    public static Message user(String content) {
        return new Message(Role.USER, content, "", List.of(), Optional.empty());
    }

    /** What the model said. */
    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content, "", List.of(), Optional.empty());
    }

    /** A completion as a turn of the conversation, thoughts and tool calls included. */
    public static Message assistant(Completion completion) {
        return new Message(
                Role.ASSISTANT, completion.text(), completion.thinking(), completion.toolCalls(), Optional.empty());
    }

    /** The result of a call. */
    public static Message toolResult(Event.ToolCall call, String content) {
        return new Message(Role.TOOL, content, "", List.of(), Optional.of(call.name()));
    }

    /** As chat templates expect it. */
    Json.Obj json() {
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("role", new Json.Str(role.name().toLowerCase(java.util.Locale.ROOT)));
        members.put("content", new Json.Str(content));
        if (!thinking.isEmpty()) {
            members.put("reasoning_content", new Json.Str(thinking));
        }
        toolName.ifPresent(name -> members.put("name", new Json.Str(name)));
        if (!toolCalls.isEmpty()) {
            List<Json> calls = new ArrayList<>();
            for (Event.ToolCall call : toolCalls) {
                Map<String, Json> function = new LinkedHashMap<>();
                function.put("name", new Json.Str(call.name()));
                function.put("arguments", Json.parse("tool call " + call.name(), call.arguments()));
                calls.add(new Json.Obj(Map.of("type", new Json.Str("function"), "function", new Json.Obj(function))));
            }
            members.put("tool_calls", new Json.Arr(List.copyOf(calls)));
        }
        return new Json.Obj(members);
    }

    /** As a file of a conversation has it. */
    Json.Obj saved() {
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("role", new Json.Str(role.name()));
        members.put("content", new Json.Str(content));
        members.put("thinking", new Json.Str(thinking));
        members.put(
                "tool_calls",
                new Json.Arr(toolCalls.stream()
                        .<Json>map(call -> new Json.Obj(
                                Map.of("name", new Json.Str(call.name()), "arguments", new Json.Str(call.arguments()))))
                        .toList()));
        toolName.ifPresent(name -> members.put("tool_name", new Json.Str(name)));
        return new Json.Obj(members);
    }

    /** The one that was saved so. @throws ModelFormatException if it is something else */
    static Message saved(Fields members) {
        List<Event.ToolCall> calls = new ArrayList<>();
        for (Json call : members.array("tool_calls").orElse(List.of())) {
            Fields parts = Fields.of(members.at("tool_calls"), call);
            calls.add(new Event.ToolCall(text(parts, "name"), text(parts, "arguments")));
        }
        String role = text(members, "role");
        Role speaker = Arrays.stream(Role.values())
                .filter(r -> r.name().equals(role))
                .findFirst()
                .orElseThrow(() -> new ModelFormatException(members.at("role"), "expected a role, found " + role));
        return new Message(
                speaker, text(members, "content"), text(members, "thinking"), calls, members.string("tool_name"));
    }

    private static String text(Fields members, String name) {
        return members.string(name)
                .orElseThrow(() -> new ModelFormatException(members.at(name), "expected text, found nothing"));
    }
}
