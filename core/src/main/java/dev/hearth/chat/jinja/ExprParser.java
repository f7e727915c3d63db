package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions with the precedence of jinja2: its parser's methods one by one. */
final class ExprParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Tokens tokens;
    private final PrimaryParser primaries;

    ExprParser(Tokens tokens) {
        this.tokens = tokens;
        this.primaries = new PrimaryParser(tokens, this);
    }

    PrimaryParser primaries() {
        return primaries;
    }

    /** A whole expression, {@code a if b else c} among them. */
    Expr expression() {
        int line = tokens.current().line();
        Expr result = or();
        while (tokens.skipName("if")) {
            Expr test = or();
            tokens.enter();
            Expr otherwise = tokens.skipName("else") ? expression() : null;
            tokens.leave();
            result = new Expr.Conditional(test, result, otherwise, line);
        }
        return result;
    }

    /** An expression without {@code if}. */
    Expr or() {
        tokens.enter();
        int line = tokens.current().line();
        Expr left = and();
        while (tokens.skipName("or")) {
            left = new Expr.Or(left, and(), line);
        }
        tokens.leave();
        return left;
    }

    private Expr and() {
        int line = tokens.current().line();
        Expr left = not();
        while (tokens.skipName("and")) {
            left = new Expr.And(left, not(), line);
        }
        return left;
    }

    private Expr not() {
        int line = tokens.current().line();
        if (!tokens.skipName("not")) {
            return compare();
        }
        tokens.enter();
        Expr operand = not();
        tokens.leave();
        return new Expr.Not(operand, line);
    }

    private Expr compare() {
        int line = tokens.current().line();
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> operands = new ArrayList<>();
        while (true) {
            if (tokens.is(Token.Kind.OPERATOR)
                    && COMPARISONS.contains(tokens.current().value())) {
                operators.add(tokens.next().value());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.isName("not") && tokens.look().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Expr.Compare(first, operators, operands, line);
    }

    private Expr sum() {
        int line = tokens.current().line();
        Expr left = concat();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            left = new Expr.Binary(tokens.next().value(), left, concat(), line);
        }
        return left;
    }

    private Expr concat() {
        int line = tokens.current().line();
        Expr first = product();
        if (!tokens.isOperator("~")) {
            return first;
        }
        List<Expr> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            items.add(product());
        }
        return new Expr.Concat(items, line);
    }

    private Expr product() {
        int line = tokens.current().line();
        Expr left = power();
        while (tokens.isOperator("*") || tokens.isOperator("/") || tokens.isOperator("//") || tokens.isOperator("%")) {
            left = new Expr.Binary(tokens.next().value(), left, power(), line);
        }
        return left;
    }

    private Expr power() {
        int line = tokens.current().line();
        Expr left = filtered();
        while (tokens.skipOperator("**")) {
            left = new Expr.Binary("**", left, filtered(), line); // jinja2's ** groups from the left, unlike Python's
        }
        return left;
    }

    private Expr filtered() {
        return filters(unary());
    }

    /** A signed operand; a sign binds closer than a filter. */
    private Expr unary() {
        int line = tokens.current().line();
        Expr operand;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            tokens.enter();
            boolean negative = tokens.next().value().equals("-");
            operand = new Expr.Sign(negative, unary(), line);
            tokens.leave();
        } else {
            operand = primaries.primary();
        }
        return postfix(operand);
    }

    /** Attributes, items and calls behind an operand. */
    Expr postfix(Expr operand) {
        Expr result = operand;
        while (true) {
            if (tokens.isOperator(".") || tokens.isOperator("[")) {
                result = primaries.subscript(result);
            } else if (tokens.isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
        }
    }

    private Expr.Call call(Expr callee) {
        int line = tokens.current().line();
        return new Expr.Call(callee, primaries.arguments(), line);
    }

    private Expr filters(Expr operand) {
        Expr result = operand;
        while (true) {
            if (tokens.skipOperator("|")) {
                result = filter(result);
            } else if (tokens.isName("is")) {
                result = test(result);
            } else if (tokens.isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
        }
    }

    /** One filter behind its {@code |}, and those behind it in a block, where the first has no {@code |}. */
    Expr filterChain(@Nullable Expr input) {
        Expr result = filter(input);
        while (tokens.skipOperator("|")) {
            result = filter(result);
        }
        return result;
    }

    private Expr filter(@Nullable Expr input) {
        int line = tokens.current().line();
        String name = dottedName();
        Expr.Arguments arguments = tokens.isOperator("(") ? primaries.arguments() : Expr.Arguments.NONE;
        return new Expr.Filtered(input, name, arguments, line);
    }

    private String dottedName() {
        var name = new StringBuilder(tokens.expect(Token.Kind.NAME).value());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Token.Kind.NAME).value());
        }
        return name.toString();
    }

    private Expr test(Expr input) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = dottedName();
        Expr.Arguments arguments = Expr.Arguments.NONE;
        if (tokens.isOperator("(")) {
            arguments = primaries.arguments();
        } else if (beginsArgument()) {
            if (tokens.isName("is")) {
                throw tokens.fail("You cannot chain multiple tests with is");
            }
            Expr argument = postfix(primaries.primary());
            arguments = new Expr.Arguments(List.of(argument), List.of(), List.of(), null, null);
        }
        Expr test = new Expr.Tested(input, name, arguments, line);
        return negated ? new Expr.Not(test, line) : test;
    }

    private boolean beginsArgument() {
        return switch (tokens.current().kind()) {
            case NAME -> !tokens.isName("else") && !tokens.isName("or") && !tokens.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
            default -> false;
        };
    }
}
