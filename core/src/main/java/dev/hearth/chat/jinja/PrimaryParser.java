package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses what expressions consist of: names, literals, brackets, subscripts and arguments; and targets of assignments. */
final class PrimaryParser {
    private final Tokens tokens;
    private final ExprParser expressions;

    PrimaryParser(Tokens tokens, ExprParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /** A name, a literal or a bracket. */
    Expr primary() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME -> name(tokens.next());
            case STRING -> string();
            case INTEGER -> new Expr.Const(integer(tokens.next()), token.line());
            case FLOAT ->
                new Expr.Const(new Value.Real(Double.parseDouble(tokens.next().value())), token.line());
            default -> bracket(token);
        };
    }

    private Expr name(Token token) {
        return switch (token.value()) {
            case "true", "True" -> new Expr.Const(Value.Bool.TRUE, token.line());
            case "false", "False" -> new Expr.Const(Value.Bool.FALSE, token.line());
            case "none", "None" -> new Expr.Const(Value.None.NONE, token.line());
            default -> new Expr.Name(tokens.nextName(), token.value(), token.line());
        };
    }

    private Value integer(Token token) {
        try {
            return new Value.Int(Numbers.integer(token.value()));
        } catch (Failure e) {
            throw new SyntaxFailure(e.reason(), token.line());
        }
    }

    private Expr string() {
        int line = tokens.current().line();
        var text = new StringBuilder();
        while (tokens.is(Token.Kind.STRING)) {
            text.append(tokens.next().value());
        }
        return new Expr.Const(Str.of(text.toString()), line);
    }

    private Expr bracket(Token token) {
        if (tokens.isOperator("(")) {
            tokens.next();
            Expr inside = tuple(Form.PARENTHESISED, null);
            tokens.expectOperator(")");
            return inside;
        }
        if (tokens.isOperator("[")) {
            return list();
        }
        if (tokens.isOperator("{")) {
            return dict();
        }
        throw tokens.fail("unexpected " + token.described());
    }

    /** Where a tuple stands, which decides what may be in it. */
    enum Form {
        /** In brackets, where it may be empty. */
        PARENTHESISED,
        /** Bare. */
        PLAIN,
        /** Bare and without {@code if}, which means something else there. */
        NO_CONDITION
    }

    /** One expression, or several with commas between as a tuple. {@code endName} ends it as brackets and tags do. */
    Expr tuple(Form form, @Nullable String endName) {
        int line = tokens.current().line();
        List<Expr> items = new ArrayList<>();
        boolean isTuple = false;
        while (!isTupleEnd(endName)) {
            items.add(form == Form.NO_CONDITION ? expressions.or() : expressions.expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && !items.isEmpty()) {
            return items.getFirst();
        }
        if (!isTuple && form != Form.PARENTHESISED) {
            throw tokens.fail(
                    "Expected an expression, found " + tokens.current().described());
        }
        return new Expr.TupleOf(items, line);
    }

    private boolean isTupleEnd(@Nullable String endName) {
        return tokens.is(Token.Kind.VARIABLE_END)
                || tokens.is(Token.Kind.BLOCK_END)
                || tokens.isOperator(")")
                || (endName != null && tokens.isName(endName));
    }

    private Expr list() {
        int line = tokens.next().line();
        List<Expr> items = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.isOperator("]")) {
                    break;
                }
            }
            items.add(expressions.expression());
        }
        tokens.expectOperator("]");
        return new Expr.ListOf(items, line);
    }

    private Expr dict() {
        int line = tokens.next().line();
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.isOperator("}")) {
                    break;
                }
            }
            keys.add(expressions.expression());
            tokens.expectOperator(":");
            values.add(expressions.expression());
        }
        tokens.expectOperator("}");
        return new Expr.DictOf(keys, values, line);
    }

    /** {@code .name}, {@code .0} or {@code [index]} behind an object. */
    Expr subscript(Expr object) {
        Token token = tokens.next();
        if (token.isOperator(".")) {
            Token name = tokens.next();
            if (name.kind() == Token.Kind.NAME) {
                return new Expr.Attribute(object, name.value(), token.line());
            }
            if (name.kind() != Token.Kind.INTEGER) {
                throw new SyntaxFailure("expected name or number", name.line());
            }
            return new Expr.Item(object, new Expr.Const(integer(name), name.line()), token.line());
        }
        List<Expr> indices = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            if (!indices.isEmpty()) {
                tokens.expectOperator(",");
            }
            indices.add(index());
        }
        tokens.expectOperator("]");
        Expr index = indices.size() == 1 ? indices.getFirst() : new Expr.TupleOf(indices, token.line());
        return new Expr.Item(object, index, token.line());
    }

    private Expr index() {
        int line = tokens.current().line();
        Expr start = null;
        if (!tokens.isOperator(":")) {
            start = expressions.expression();
            if (!tokens.isOperator(":")) {
                return start;
            }
        }
        tokens.next();
        Expr stop = slicePart();
        Expr step = tokens.skipOperator(":") ? slicePart() : null;
        return new Expr.Slice(start, stop, step, line);
    }

    private @Nullable Expr slicePart() {
        boolean empty = tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
        return empty ? null : expressions.expression();
    }

    /** Arguments with their brackets. */
    Expr.Arguments arguments() {
        int line = tokens.current().line();
        tokens.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        Expr star = null;
        Expr starStar = null;
        boolean first = true;
        while (!tokens.isOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.isOperator(")")) {
                    break;
                }
            }
            first = false;
            if (tokens.isOperator("*")) {
                ensure(star == null && starStar == null, line);
                tokens.next();
                star = expressions.expression();
            } else if (tokens.isOperator("**")) {
                ensure(starStar == null, line);
                tokens.next();
                starStar = expressions.expression();
            } else if (tokens.is(Token.Kind.NAME) && tokens.look().isOperator("=")) {
                ensure(starStar == null, line);
                String name = tokens.next().value();
                ensure(!names.contains(name), line);
                names.add(name);
                tokens.next();
                values.add(expressions.expression());
            } else {
                ensure(star == null && starStar == null && names.isEmpty(), line);
                positional.add(expressions.expression());
            }
        }
        tokens.expectOperator(")");
        return new Expr.Arguments(positional, names, values, star, starStar);
    }

    private static void ensure(boolean valid, int line) {
        if (!valid) {
            throw new SyntaxFailure("invalid syntax for function call expression", line);
        }
    }

    /** The target of {@code set}, whose parts may be attributes of namespaces. */
    Target setTarget() {
        return target(null, true);
    }

    /** The target of {@code for}, which ends before {@code in}, or of {@code with}. */
    Target loopTarget(@Nullable String endName) {
        return target(endName, false);
    }

    private Target target(@Nullable String endName, boolean withNamespace) {
        int line = tokens.current().line();
        List<Target> items = new ArrayList<>();
        boolean isTuple = false;
        while (!isTupleEnd(endName)) {
            items.add(targetPart(withNamespace));
            if (!tokens.skipOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (isTuple) {
            return new Target.Unpacked(items, line);
        }
        if (items.isEmpty()) {
            throw tokens.fail(
                    "Expected an expression, found " + tokens.current().described());
        }
        return items.getFirst();
    }

    private Target targetPart(boolean withNamespace) {
        Token token = tokens.current();
        if (withNamespace && token.kind() == Token.Kind.NAME && tokens.look().isOperator(".") && !isConstant(token)) {
            tokens.next();
            tokens.next();
            String attribute = tokens.expect(Token.Kind.NAME).value();
            return new Target.Member(tokens.nextName(), token.value(), attribute, token.line());
        }
        return asTarget(primary());
    }

    private static boolean isConstant(Token token) {
        return switch (token.value()) {
            case "true", "True", "false", "False", "none", "None" -> true;
            default -> false;
        };
    }

    private static Target asTarget(Expr expression) {
        return switch (expression) {
            case Expr.Name n -> new Target.Variable(n.id(), n.name(), n.line());
            case Expr.TupleOf t ->
                new Target.Unpacked(
                        t.items().stream().map(PrimaryParser::asTarget).toList(), t.line());
            default -> throw new SyntaxFailure("can't assign to what isn't a name", expression.line());
        };
    }

    /** A plain name that is assigned to. */
    Target.Variable variable() {
        Token token = tokens.expect(Token.Kind.NAME);
        if (isConstant(token)) {
            throw new SyntaxFailure("can't assign to '" + token.value() + "'", token.line());
        }
        return new Target.Variable(tokens.nextName(), token.value(), token.line());
    }
}
