package dev.hearth.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives each name of a template its place and each scope its plan, in the order and by the rules of jinja2's compiler. */
final class Resolver {
    private final Code code;
    private final Map<String, Stmt.Block> blocks = new HashMap<>();

    private Resolver(Code code) {
        this.code = code;
    }

    /** A template that can run. */
    record Resolved(List<Stmt> body, Code code, Code.Routine routine, List<Code.Entry> entries, boolean hasBlocks) {}

    /** Resolves a template. @throws SyntaxFailure for what jinja2 refuses to compile */
    static Resolved resolve(Parser.Parsed parsed) {
        var resolver = new Resolver(new Code(parsed.names()));
        parsed.body().forEach(resolver::collectBlocks);
        var symbols = new Symbols(null);
        symbols.visitAll(parsed.body());
        Frame frame = Frame.top(symbols);
        List<Code.Entry> entries = resolver.entries(frame);
        resolver.statements(parsed.body(), frame);
        resolver.blocks.values().forEach(resolver::block);
        return new Resolved(
                parsed.body(), resolver.code, frame.routine().routine(), entries, !resolver.blocks.isEmpty());
    }

    private void collectBlocks(Node node) {
        if (node instanceof Stmt.Block block && blocks.put(block.name(), block) != null) {
            throw new SyntaxFailure("block '" + block.name() + "' defined twice", block.line());
        }
        Node.children(node).forEach(this::collectBlocks);
    }

    private List<Code.Entry> entries(Frame frame) {
        List<Code.Entry> entries = new ArrayList<>();
        frame.symbols().loads().forEach((ident, load) -> {
            int slot = frame.routine().place(ident).slot();
            entries.add(
                    switch (load) {
                        case Symbols.Load.Parameter p -> new Code.Entry(slot, null, null, true);
                        case Symbols.Load.Resolve r -> new Code.Entry(slot, r.name(), null, false);
                        case Symbols.Load.Alias a ->
                            new Code.Entry(slot, null, frame.routine().place(a.of()), false);
                        case Symbols.Load.Missing m -> new Code.Entry(slot, null, null, false);
                    });
        });
        return entries;
    }

    private Code.Place place(String name, Frame frame, int line) {
        Symbols.Ident ident = frame.symbols().find(name);
        if (ident == null) {
            throw new SyntaxFailure("the name '" + name + "' cannot be used here", line);
        }
        return frame.routine().place(ident);
    }

    private void statements(List<? extends Stmt> body, Frame frame) {
        body.forEach(s -> statement(s, frame));
    }

    private void statement(Stmt statement, Frame frame) {
        switch (statement) {
            case Stmt.Output s -> expressions(s.items(), frame);
            case Stmt.For s -> loop(s, frame);
            case Stmt.If s -> {
                Frame soft = frame.soft();
                expression(s.test(), soft);
                statements(s.body(), soft);
                statements(s.elifs(), soft);
                statements(s.otherwise(), soft);
            }
            case Stmt.MacroDef s -> {
                code.place(s.id(), place(s.name(), frame, s.line()));
                code.plan(s, calling(s, s.signature(), s.body(), frame));
                export(s, frame);
            }
            case Stmt.CallBlock s -> {
                code.plan(s, calling(s, s.signature(), s.body(), frame));
                expression(s.call(), frame);
            }
            case Stmt.FilterBlock s -> filterBlock(s, frame);
            case Stmt.With s -> with(s, frame);
            case Stmt.Block s -> code.plan(s, new Code.Plan.Blocking(new Code.Routine(), List.of(), visible(s, frame)));
            case Stmt.Assign s -> {
                target(s.target(), frame);
                expression(s.value(), frame);
                export(s, frame);
            }
            case Stmt.AssignBlock s -> assignBlock(s, frame);
            case Stmt.Break s -> requireLoop("break", frame, s.line());
            case Stmt.Continue s -> requireLoop("continue", frame, s.line());
        }
    }

    private void export(Stmt statement, Frame frame) {
        if (frame.isTop() && !blocks.isEmpty()) {
            code.export(statement);
        }
    }

    private static void requireLoop(String tag, Frame frame, int line) {
        if (!frame.inLoop()) {
            throw new SyntaxFailure("'" + tag + "' outside loop", line);
        }
    }

    private void filterBlock(Stmt.FilterBlock s, Frame frame) {
        Frame inner = frame.inner();
        inner.symbols().visitAll(s.body());
        inner.symbols().visit(s.filter());
        code.plan(s, new Code.Plan.Scoped(entries(inner)));
        statements(s.body(), inner);
        expression(s.filter(), inner);
    }

    private void with(Stmt.With s, Frame frame) {
        Frame inner = frame.inner();
        s.targets().forEach(inner.symbols()::declareAll);
        inner.symbols().visitAll(s.body());
        code.plan(s, new Code.Plan.Scoped(entries(inner)));
        s.targets().forEach(t -> target(t, inner));
        expressions(s.values(), frame);
        statements(s.body(), inner);
    }

    private void assignBlock(Stmt.AssignBlock s, Frame frame) {
        Frame inner = frame.inner();
        inner.symbols().visitAll(s.body());
        code.plan(s, new Code.Plan.Scoped(entries(inner)));
        statements(s.body(), inner);
        target(s.target(), frame);
        if (s.filter() != null) {
            expression(s.filter(), inner);
        }
        export(s, frame);
    }

    private @Nullable Map<String, Code.Place> visible(Stmt.Block block, Frame frame) {
        if (!block.scoped()) {
            return null;
        }
        var places = new HashMap<String, Code.Place>();
        frame.symbols()
                .allStores()
                .forEach((name, ident) -> places.put(name, frame.routine().place(ident)));
        return places;
    }

    /** The body of a named block: its names come from the context alone. */
    private void block(Stmt.Block block) {
        var symbols = new Symbols(null);
        symbols.visitAll(block.body());
        var frame = new Frame(symbols, new Frame.RoutineScope(0, null), false, false, false);
        var visible = code.plan(block, Code.Plan.Blocking.class).visible();
        code.plan(block, new Code.Plan.Blocking(frame.routine().routine(), entries(frame), visible));
        statements(block.body(), frame);
    }

    private void loop(Stmt.For s, Frame frame) {
        refuseLoopTarget(s);
        Frame body =
                s.recursive() ? frame.innerRoutine().looping() : frame.inner().looping();
        var otherwise =
                new Frame(new Symbols(frame.symbols()), body.routine(), false, false, !s.recursive() && frame.inLoop());
        Symbols.Ident loop = null;
        if (s.recursive() || undeclared(s.body(), Set.of("loop")).contains("loop") || hasScopedBlock(s)) {
            loop = body.symbols().declareParameter("loop");
        }
        body.symbols().declareAll(s.target());
        body.symbols().visitAll(s.body());
        otherwise.symbols().visitAll(s.otherwise());
        Code.Plan.Testing test = s.test() == null ? null : test(s.target(), s.test(), frame);
        code.plan(
                s,
                new Code.Plan.Looping(
                        entries(body),
                        entries(otherwise),
                        loop == null ? null : body.routine().place(loop),
                        s.recursive() ? body.routine().routine() : null,
                        test));
        target(s.target(), body);
        expression(s.iterable(), frame);
        statements(s.body(), body);
        statements(s.otherwise(), otherwise);
    }

    private Code.Plan.Testing test(Target target, Expr test, Frame frame) {
        Frame inner = frame.innerRoutine();
        inner.symbols().declareAll(target);
        inner.symbols().visit(test);
        List<Code.Entry> entries = entries(inner);
        expression(test, inner);
        var slots = new HashMap<Integer, Integer>();
        targetSlots(target, inner, slots);
        return new Code.Plan.Testing(inner.routine().routine(), entries, slots);
    }

    private void targetSlots(Target target, Frame frame, Map<Integer, Integer> slots) {
        switch (target) {
            case Target.Variable v ->
                slots.put(v.id(), place(v.name(), frame, v.line()).slot());
            case Target.Unpacked u -> u.items().forEach(t -> targetSlots(t, frame, slots));
            case Target.Member m -> throw new SyntaxFailure("can't assign to an attribute here", m.line());
        }
    }

    private static boolean hasScopedBlock(Node node) {
        return Node.children(node).stream()
                .anyMatch(n -> (n instanceof Stmt.Block block && block.scoped()) || hasScopedBlock(n));
    }

    private static void refuseLoopTarget(Node node) {
        for (Node child : Node.children(node)) {
            boolean isStored = child instanceof Target.Variable v
                    && v.name().equals("loop")
                    && !(node instanceof Stmt.MacroDef || node instanceof Stmt.CallBlock || node instanceof Stmt.With);
            if (isStored) {
                throw new SyntaxFailure("Can't assign to special loop variable in for-loop target", child.line());
            }
            refuseLoopTarget(child);
        }
    }

    private Code.Plan.Calling calling(Stmt node, Stmt.Signature signature, List<Stmt> body, Frame frame) {
        Frame inner = frame.innerRoutine();
        Symbols symbols = inner.symbols();
        visitCallable(symbols, signature, body);
        Set<String> asked = undeclared(body, Set.of("caller", "kwargs", "varargs"));
        Map<String, Symbols.Ident> special = new HashMap<>();
        for (String name : List.of("caller", "kwargs", "varargs")) {
            boolean isParameter =
                    signature.parameters().stream().anyMatch(p -> p.name().equals(name));
            if (asked.contains(name) && !isParameter) {
                special.put(name, symbols.declareParameter(name));
            } else if (asked.contains(name) && name.equals("caller")) {
                requireCallerDefault(signature, node.line());
            }
        }
        visitCallable(symbols, signature, body);
        List<Code.Entry> entries = entries(inner);
        List<Integer> parameters = new ArrayList<>();
        for (Target.Variable parameter : signature.parameters()) {
            target(parameter, inner);
            parameters.add(place(parameter.name(), inner, parameter.line()).slot());
        }
        expressions(signature.defaults(), inner);
        statements(body, inner);
        return new Code.Plan.Calling(
                inner.routine().routine(),
                entries,
                parameters,
                slot(special.get("caller"), inner),
                slot(special.get("kwargs"), inner),
                slot(special.get("varargs"), inner));
    }

    private static void visitCallable(Symbols symbols, Stmt.Signature signature, List<Stmt> body) {
        signature.parameters().forEach(symbols::declareAll);
        symbols.visitAll(signature.defaults());
        symbols.visitAll(body);
    }

    private static @Nullable Integer slot(Symbols.@Nullable Ident ident, Frame frame) {
        return ident == null ? null : frame.routine().place(ident).slot();
    }

    private static void requireCallerDefault(Stmt.Signature signature, int line) {
        for (int i = 0; i < signature.parameters().size(); i++) {
            if (signature.parameters().get(i).name().equals("caller") && signature.defaultOf(i) == null) {
                throw new SyntaxFailure(
                        "When defining macros or call blocks the special \"caller\" argument must be omitted "
                                + "or be given a default.",
                        line);
            }
        }
    }

    /** Which of the names a body reads before anything in it assigns them, whatever the scope: jinja2's find_undeclared. */
    private static Set<String> undeclared(List<Stmt> body, Set<String> names) {
        Set<String> open = new HashSet<>(names);
        Set<String> found = new HashSet<>();
        Deque<Node> todo = new ArrayDeque<>();
        body.reversed().forEach(todo::push);
        while (!todo.isEmpty()) {
            Node node = todo.pop();
            switch (node) {
                case Expr.Name n when open.contains(n.name()) -> found.add(n.name());
                case Target.Variable v -> open.remove(v.name());
                case Stmt.Block b -> {}
                default -> Node.children(node).reversed().forEach(todo::push);
            }
        }
        return found;
    }

    private void target(Target target, Frame frame) {
        switch (target) {
            case Target.Variable v -> code.place(v.id(), place(v.name(), frame, v.line()));
            case Target.Unpacked u -> u.items().forEach(t -> target(t, frame));
            case Target.Member m -> code.place(m.id(), place(m.name(), frame, m.line()));
        }
    }

    private void expressions(List<Expr> expressions, Frame frame) {
        expressions.forEach(e -> expression(e, frame));
    }

    private void expression(Expr expression, Frame frame) {
        Frame inside = frame;
        if (Constants.isFoldedSlice(expression)) {
            code.fold(expression);
        }
        switch (expression) {
            case Expr.Name n -> code.place(n.id(), place(n.name(), frame, n.line()));
            case Expr.Conditional c -> inside = frame.soft();
            case Expr.Filtered f -> require("filter", f.name(), Filters.exists(f.name()) || frame.isSoft(), f.line());
            case Expr.Tested t -> require("test", t.name(), Tests.exists(t.name()) || frame.isSoft(), t.line());
            default -> {}
        }
        for (Node child : Node.children(expression)) {
            if (child instanceof Expr part) {
                expression(part, inside);
            }
        }
    }

    private static void require(String kind, String name, boolean condition, int line) {
        if (!condition) {
            throw new SyntaxFailure("No " + kind + " named '" + name + "'.", line);
        }
    }
}
