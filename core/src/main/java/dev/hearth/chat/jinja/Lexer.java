package dev.hearth.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Splits a template into tokens as jinja2 3.1's lexer does with {@code trim_blocks}, {@code lstrip_blocks} and without
 * {@code keep_trailing_newline}. One pass; what comments and white space control remove never becomes a token.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> closers = new ArrayDeque<>();
    private int at;
    private int line = 1;
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** All tokens, the last of which is the end. @throws SyntaxFailure if the source cannot be split */
    static List<Token> tokens(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        var lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int open = nextOpen();
            if (open < 0) {
                data(source.substring(at));
                advance(source.length());
                break;
            }
            boolean isRaw = isTag(open, "raw") >= 0;
            char kind = source.charAt(open + 1);
            int signed = open + 2;
            char sign = signed < source.length() ? source.charAt(signed) : ' ';
            boolean hasSign = sign == '-' || sign == '+';
            dataBefore(open, hasSign ? sign : ' ', kind != '{' || isRaw);
            if (isRaw) {
                raw(isTag(open, "raw"));
                continue;
            }
            advance(hasSign ? signed + 1 : signed);
            switch (kind) {
                case '#' -> comment();
                case '{' -> inside(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END);
                default -> inside(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END);
            }
        }
        tokens.add(new Token(Token.Kind.END, "", line));
    }

    private int nextOpen() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char c = source.charAt(i + 1);
            if (c == '%' || c == '{' || c == '#') {
                return i;
            }
        }
        return -1;
    }

    /** End of a tag such as {@code {%- raw -%}} that begins at an offset, -1 if another begins there. */
    private int isTag(int open, String name) {
        if (!source.startsWith("{%", open)) {
            return -1;
        }
        int i = open + 2;
        if (i < source.length() && (source.charAt(i) == '-' || source.charAt(i) == '+')) {
            i++;
        }
        i = skipSpace(i);
        if (!source.startsWith(name, i)) {
            return -1;
        }
        i = skipSpace(i + name.length());
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        if (source.startsWith("%}", i)) {
            return i + 2;
        }
        return name.equals("endraw") && source.startsWith("+%}", i) ? i + 3 : -1;
    }

    /** The text up to a tag, with the space before the tag removed as its sign and lstrip_blocks demand. */
    private void dataBefore(int open, char sign, boolean mayStrip) {
        String text = source.substring(at, open);
        String kept = text;
        if (sign == '-') {
            kept = text.substring(0, Chars.endOfStripped(text));
        } else if (sign != '+' && mayStrip) {
            int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarting) && lineStart < text.length() && isBlank(text, lineStart)) {
                kept = text.substring(0, lineStart);
            }
        }
        data(kept);
        advance(open);
    }

    private static boolean isBlank(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!Chars.isSpace(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Token.Kind.DATA, text, line));
        }
    }

    private void advance(int to) {
        if (to == at) {
            return;
        }
        for (int i = at; i < to; i++) {
            line += source.charAt(i) == '\n' ? 1 : 0;
        }
        lineStarting = source.charAt(to - 1) == '\n';
        at = to;
    }

    private void raw(int bodyStart) {
        advance(bodyStart);
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
            int end = isTag(i, "endraw");
            if (end >= 0) {
                char sign = source.charAt(i + 2);
                dataBefore(i, sign, true);
                boolean plain = source.startsWith("%}", end - 2) && source.charAt(end - 3) != '+';
                boolean stripsAfter = !plain || source.charAt(end - 3) == '-';
                advance(!stripsAfter && source.startsWith("\n", end) ? end + 1 : end);
                return;
            }
        }
        throw new SyntaxFailure("Missing end of raw directive", line);
    }

    private void comment() {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw new SyntaxFailure("Missing end of comment tag", line);
        }
        char sign = close > at ? source.charAt(close - 1) : ' ';
        int end = close + 2;
        advance(sign == '-' ? skipSpace(end) : sign != '+' && source.startsWith("\n", end) ? end + 1 : end);
    }

    /** The tokens of a statement or an expression, through its end tag. */
    private void inside(Token.Kind begin, Token.Kind end) {
        tokens.add(new Token(begin, "", line));
        String close = end == Token.Kind.BLOCK_END ? "%}" : "}}";
        while (at < source.length()) {
            if (closers.isEmpty()) {
                int closed = closedAt(close);
                if (closed >= 0) {
                    tokens.add(new Token(end, "", line));
                    advance(closed);
                    return;
                }
            }
            char c = source.charAt(at);
            if (Chars.isSpace(c)) {
                advance(skipSpace(at));
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (c == '_' || Character.isUnicodeIdentifierPart(source.codePointAt(at))) {
                name();
            } else if (c == '\'' || c == '"') {
                string(c);
            } else {
                operator();
            }
        }
    }

    /** Where the source goes on behind an end tag that stands here, -1 if none does. */
    private int closedAt(String close) {
        if (source.startsWith("-" + close, at)) {
            return skipSpace(at + 3);
        }
        if (close.equals("%}") && source.startsWith("+%}", at)) {
            return at + 3;
        }
        if (!source.startsWith(close, at)) {
            return -1;
        }
        return close.equals("%}") && source.startsWith("\n", at + 2) ? at + 3 : at + 2;
    }

    private void name() {
        int end = at;
        while (end < source.length()) {
            int c = source.codePointAt(end);
            if (c != '_' && (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c))) {
                break;
            }
            end += Character.charCount(c);
        }
        if (end == at || (source.charAt(at) != '_' && !Character.isUnicodeIdentifierStart(source.codePointAt(at)))) {
            throw new SyntaxFailure("Invalid character in identifier", line);
        }
        tokens.add(new Token(Token.Kind.NAME, source.substring(at, end), line));
        advance(end);
    }

    private void number() {
        int end = Numbers.endOfFloat(source, at);
        Token.Kind kind = end > at ? Token.Kind.FLOAT : Token.Kind.INTEGER;
        if (end <= at || (at > 0 && source.charAt(at - 1) == '.')) {
            kind = Token.Kind.INTEGER;
            end = Numbers.endOfInteger(source, at);
        }
        tokens.add(new Token(kind, source.substring(at, end).replace("_", ""), line));
        advance(end);
    }

    private void string(char quote) {
        for (int i = at + 1; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == quote) {
                tokens.add(new Token(Token.Kind.STRING, Escapes.decode(source.substring(at + 1, i), line), line));
                advance(i + 1);
                return;
            }
        }
        throw new SyntaxFailure(
                "unexpected char " + Repr.quote(String.valueOf(quote)) + ", a string without end", line);
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                balance(operator.charAt(0));
                tokens.add(new Token(Token.Kind.OPERATOR, operator, line));
                advance(at + operator.length());
                return;
            }
        }
        throw new SyntaxFailure("unexpected char " + Repr.quote(Character.toString(source.codePointAt(at))), line);
    }

    private void balance(char c) {
        switch (c) {
            case '{' -> closers.push('}');
            case '(' -> closers.push(')');
            case '[' -> closers.push(']');
            case '}', ')', ']' -> {
                if (closers.isEmpty()) {
                    throw new SyntaxFailure("unexpected '" + c + "'", line);
                }
                char expected = closers.pop();
                if (expected != c) {
                    throw new SyntaxFailure("unexpected '" + c + "', expected '" + expected + "'", line);
                }
            }
            default -> {}
        }
    }

    private int skipSpace(int from) {
        int i = from;
        while (i < source.length() && Chars.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }
}
