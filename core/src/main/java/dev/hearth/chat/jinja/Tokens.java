package dev.hearth.chat.jinja;

import java.util.List;

/** The tokens of a template as the parsers read them: one ahead, seldom two. */
final class Tokens {
    /** Brackets, signs and statements inside each other. CPython's own stack ends a template at fewer. */
    private static final int MAX_NESTING = 100;

    private final List<Token> tokens;
    private int at;
    private int names;
    private int nesting;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    /** The token behind the current one. */
    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** The current token, and on to the next. The end is never passed. */
    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean is(Token.Kind kind) {
        return current().kind() == kind;
    }

    boolean skipName(String name) {
        boolean there = isName(name);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipOperator(String operator) {
        boolean there = isOperator(operator);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(Token.Kind kind) {
        return is(kind) ? next() : unexpected(kind.words());
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            unexpected("'" + name + "'");
        }
    }

    private Token unexpected(String expected) {
        throw fail("expected " + expected + ", found " + current().described());
    }

    SyntaxFailure fail(String problem) {
        return new SyntaxFailure(problem, current().line());
    }

    /** A number for a name. */
    int nextName() {
        return names++;
    }

    /** How many names were numbered. */
    int names() {
        return names;
    }

    /** One level deeper; paired with {@link #leave} unless parsing fails. */
    void enter() {
        if (++nesting > MAX_NESTING) {
            throw fail("nested deeper than " + MAX_NESTING + " levels");
        }
    }

    void leave() {
        nesting--;
    }
}
