package dev.hearth.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Parses the statements of a template. */
final class Parser {
    /** Deepest tree that is run; CPython's stack ends a template at fewer. */
    private static final int MAX_DEPTH = 300;
    /** Longest template in UTF-16 units; published ones have a few tens of thousands. */
    private static final int MAX_SOURCE = 1 << 20;

    private final Tokens tokens;
    private final ExprParser expressions;
    private final PrimaryParser primaries;

    private Parser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExprParser(tokens);
        this.primaries = expressions.primaries();
    }

    /** A template's statements and how many names they number. */
    record Parsed(List<Stmt> body, int names) {}

    /** Parses a template. @throws SyntaxFailure if it isn't one */
    static Parsed parse(String source) {
        if (source.length() > MAX_SOURCE) {
            throw new SyntaxFailure("expected a template of at most " + MAX_SOURCE + " characters", 1);
        }
        var tokens = new Tokens(Lexer.tokens(source));
        List<Stmt> body = new Parser(tokens).statements(List.of());
        checkDepth(body);
        return new Parsed(body, tokens.names());
    }

    private record Placed(Node node, int depth) {}

    private static void checkDepth(List<Stmt> body) {
        Deque<Placed> open = new ArrayDeque<>();
        body.forEach(s -> open.push(new Placed(s, 1)));
        while (!open.isEmpty()) {
            Placed placed = open.pop();
            if (placed.depth() > MAX_DEPTH) {
                throw new SyntaxFailure(
                        "an expression of more than " + MAX_DEPTH + " parts in a row",
                        placed.node().line());
            }
            Node.children(placed.node()).forEach(c -> open.push(new Placed(c, placed.depth() + 1)));
        }
    }

    /** Statements up to a tag of one of these names, which becomes the current token, or to the end of the template. */
    private List<Stmt> statements(List<String> endNames) {
        tokens.enter();
        List<Stmt> body = new ArrayList<>();
        List<Expr> output = new ArrayList<>();
        while (!tokens.is(Token.Kind.END)) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> output.add(new Expr.Data(Str.of(token.value()), token.line()));
                case VARIABLE_BEGIN -> {
                    output.add(primaries.tuple(PrimaryParser.Form.PLAIN, null));
                    tokens.expect(Token.Kind.VARIABLE_END);
                }
                default -> {
                    flush(output, body);
                    if (tokens.is(Token.Kind.NAME)
                            && endNames.contains(tokens.current().value())) {
                        tokens.leave();
                        return body;
                    }
                    body.add(statement());
                    tokens.expect(Token.Kind.BLOCK_END);
                }
            }
        }
        flush(output, body);
        if (!endNames.isEmpty()) {
            throw tokens.fail("Unexpected end of template. Jinja was looking for one of the tags " + endNames);
        }
        tokens.leave();
        return body;
    }

    private static void flush(List<Expr> output, List<Stmt> body) {
        if (!output.isEmpty()) {
            body.add(new Stmt.Output(List.copyOf(output), output.getFirst().line()));
            output.clear();
        }
    }

    /** The rest of a tag and the body up to an end tag. */
    private List<Stmt> body(String... endNames) {
        tokens.skipOperator(":");
        tokens.expect(Token.Kind.BLOCK_END);
        return statements(List.of(endNames));
    }

    private List<Stmt> bodyThrough(String endName) {
        List<Stmt> body = body(endName);
        tokens.next();
        return body;
    }

    private Stmt statement() {
        if (!tokens.is(Token.Kind.NAME)) {
            throw tokens.fail("tag name expected");
        }
        Token tag = tokens.next();
        int line = tag.line();
        return switch (tag.value()) {
            case "for" -> forLoop(line);
            case "if" -> condition(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> filterBlock(line);
            case "with" -> with(line);
            case "block" -> block(line);
            case "print" -> print(line);
            case "generation" -> generation(line);
            case "break" -> new Stmt.Break(line);
            case "continue" -> new Stmt.Continue(line);
            case "include", "import", "from", "extends", "autoescape" ->
                throw new SyntaxFailure("the tag '" + tag.value() + "' isn't available in a chat template", line);
            default -> throw new SyntaxFailure("Encountered unknown tag '" + tag.value() + "'.", line);
        };
    }

    private Stmt forLoop(int line) {
        Target target = primaries.loopTarget("in");
        tokens.expectName("in");
        Expr iterable = primaries.tuple(PrimaryParser.Form.NO_CONDITION, "recursive");
        Expr test = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        List<Stmt> body = body("endfor", "else");
        List<Stmt> otherwise = tokens.next().value().equals("else") ? bodyThrough("endfor") : List.of();
        return new Stmt.For(target, iterable, body, otherwise, test, recursive, line);
    }

    private Stmt condition(int line) {
        Expr test = primaries.tuple(PrimaryParser.Form.NO_CONDITION, null);
        List<Stmt> body = body("elif", "else", "endif");
        List<Stmt.If> elifs = new ArrayList<>();
        List<Stmt> otherwise = List.of();
        while (true) {
            Token tag = tokens.next();
            if (tag.value().equals("elif")) {
                Expr elifTest = primaries.tuple(PrimaryParser.Form.NO_CONDITION, null);
                List<Stmt> elifBody = body("elif", "else", "endif");
                elifs.add(new Stmt.If(elifTest, elifBody, List.of(), List.of(), tag.line()));
                continue;
            }
            if (tag.value().equals("else")) {
                otherwise = bodyThrough("endif");
            }
            return new Stmt.If(test, body, elifs, otherwise, line);
        }
    }

    private Stmt set(int line) {
        Target target = primaries.setTarget();
        if (tokens.skipOperator("=")) {
            return new Stmt.Assign(target, primaries.tuple(PrimaryParser.Form.PLAIN, null), line);
        }
        Expr filter = tokens.skipOperator("|") ? expressions.filterChain(null) : null;
        return new Stmt.AssignBlock(target, filter, bodyThrough("endset"), line);
    }

    private Stmt.Signature signature() {
        tokens.expectOperator("(");
        List<Target.Variable> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        while (!tokens.isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            Target.Variable parameter = primaries.variable();
            if (parameters.stream().anyMatch(p -> p.name().equals(parameter.name()))) {
                throw tokens.fail("duplicate argument '" + parameter.name() + "' in macro definition");
            }
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.fail("non-default argument follows default argument");
            }
            parameters.add(parameter);
        }
        tokens.expectOperator(")");
        return new Stmt.Signature(parameters, defaults);
    }

    private Stmt macro(int line) {
        Target.Variable name = primaries.variable();
        Stmt.Signature signature = signature();
        return new Stmt.MacroDef(name.name(), name.id(), signature, bodyThrough("endmacro"), line);
    }

    private Stmt callBlock(int line) {
        Stmt.Signature signature = tokens.isOperator("(") ? signature() : new Stmt.Signature(List.of(), List.of());
        if (!(expressions.expression() instanceof Expr.Call call)) {
            throw new SyntaxFailure("expected call", line);
        }
        return new Stmt.CallBlock(call, signature, bodyThrough("endcall"), line);
    }

    /** transformers marks what an assistant wrote this way; the text is that of the body. */
    private Stmt generation(int line) {
        var call = new Expr.Call(new Expr.Const(Globals.GENERATION, line), Expr.Arguments.NONE, line);
        var signature = new Stmt.Signature(List.of(), List.of());
        return new Stmt.CallBlock(call, signature, bodyThrough("endgeneration"), line);
    }

    private Stmt filterBlock(int line) {
        Expr filter = expressions.filterChain(null);
        return new Stmt.FilterBlock(bodyThrough("endfilter"), filter, line);
    }

    private Stmt with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.is(Token.Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(primaries.loopTarget(null));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Stmt.With(targets, values, bodyThrough("endwith"), line);
    }

    private Stmt block(int line) {
        String name = tokens.expect(Token.Kind.NAME).value();
        boolean scoped = tokens.skipName("scoped");
        boolean required = tokens.skipName("required");
        List<Stmt> body = bodyThrough("endblock");
        tokens.skipName(name);
        return new Stmt.Block(name, body, scoped, required, line);
    }

    private Stmt print(int line) {
        List<Expr> items = new ArrayList<>();
        while (!tokens.is(Token.Kind.BLOCK_END)) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
            }
            items.add(expressions.expression());
        }
        return new Stmt.Output(items, line);
    }
}
