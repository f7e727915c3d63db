package dev.hearth.chat.jinja;

import dev.hearth.format.Json;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;

/** A compiled template. Immutable and thread-safe: each rendering has its own state. */
public final class Program {
    private final Resolver.Resolved template;

    private Program(Resolver.Resolved template) {
        this.template = template;
    }

    /** Compiles a template. @throws SyntaxFailure for what jinja2 refuses to compile, and what goes past the bounds */
    public static Program compile(String source) {
        try {
            return new Program(Resolver.resolve(Parser.parse(source)));
        } catch (StackOverflowError e) { // the caller was deep in its own stack already
            throw new SyntaxFailure("too deeply nested for the stack that is left", 1);
        }
    }

    /**
     * Renders with the given variables.
     *
     * @param variables by name; what isn't among them is undefined
     * @param trusted the variables whose strings are text of the template rather than of a user
     * @param now what {@code strftime_now} shows
     * @throws Failure for what the template or the sandbox refuses
     */
    public Str render(Map<String, Json> variables, java.util.Set<String> trusted, LocalDateTime now) {
        var size = new Input.Size();
        variables.values().forEach(size::add);
        var budget = new Budget(size.values(), size.chars());
        Map<String, Value> input = new HashMap<>();
        variables.forEach((name, json) -> input.put(name, Input.value(json, trusted.contains(name))));
        var interpreter = new Interpreter(template, input, budget, now);
        try {
            return interpreter.render();
        } catch (Failure e) {
            throw new Failure(e.reason(), interpreter.line());
        } catch (StackOverflowError e) { // the caller was deep in its own stack already
            throw new Failure("maximum recursion depth exceeded", interpreter.line());
        } catch (ArithmeticException e) { // a range whose ends are past 63 bits
            throw new Failure("Python int too large to convert", interpreter.line());
        }
    }
}
