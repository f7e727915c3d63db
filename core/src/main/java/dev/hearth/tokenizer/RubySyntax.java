package dev.hearth.tokenizer;

import java.util.Set;

/** Oniguruma's (Ruby's) spelling of a regular expression, rewritten where {@code java.util.regex} spells it otherwise. */
final class RubySyntax {
    /** General categories and their groups, which Java spells the same. */
    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "LC", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd",
            "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co",
            "Cs", "Cn");

    /** {@code \w} there, in a class; Java's has two characters without width too. */
    private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";
    /** And outside of one, where Latin-1 has a table of its own with ², ½ and so on. */
    private static final String LONE_WORD = WORD + "\\xB2\\xB3\\xB9\\xBC-\\xBE";

    private RubySyntax() {}

    static String toJava(String source) {
        StringBuilder out = new StringBuilder(source.length() + 16);
        int depth = 0; // of character classes
        int atom = 0; // where in out the last atom begins
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\' && i + 1 < source.length()) {
                atom = depth == 0 ? out.length() : atom;
                i = escape(source, i, depth > 0, out);
            } else if (c == '[') {
                atom = depth++ == 0 ? out.length() : atom;
                out.append(c);
            } else if (c == ']' && depth > 0) {
                depth--;
                out.append(c);
            } else if (depth > 0) {
                out.append(c);
            } else if (c == '{') {
                i = interval(source, i, atom, out);
            } else {
                atom = "?*+(|)".indexOf(c) < 0 ? out.length() : atom;
                out.append(c);
            }
        }
        return out.toString();
    }

    /** Copies an escape; {@code \p{Name}} of a script or property becomes {@code \p{IsName}}. Returns its last index. */
    private static int escape(String source, int at, boolean inClass, StringBuilder out) {
        char kind = source.charAt(at + 1);
        int close = source.indexOf('}', at);
        if ((kind == 'p' || kind == 'P') && close > at + 3 && source.charAt(at + 2) == '{') {
            String name = source.substring(at + 3, close);
            boolean negated = name.startsWith("^");
            name = negated ? name.substring(1) : name;
            char spelled = negated ? (kind == 'p' ? 'P' : 'p') : kind;
            out.append('\\').append(spelled).append('{');
            out.append(CATEGORIES.contains(name) || name.contains("=") || name.startsWith("Is") ? "" : "Is");
            out.append(name).append('}');
            return close;
        }
        if (kind == 'h' || kind == 'H') { // a hexadecimal digit there, horizontal space here
            out.append(kind == 'h' ? "[0-9a-fA-F]" : "[^0-9a-fA-F]");
        } else if (kind == 'w' || kind == 'W') {
            out.append(kind == 'w' ? "[" : "[^")
                    .append(inClass ? WORD : LONE_WORD)
                    .append(']');
        } else if (kind == 'b' && !inClass) {
            String word = "[" + LONE_WORD + "]";
            out.append("(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))");
        } else {
            out.append('\\').append(kind);
        }
        return at + 1;
    }

    /** An interval. Followed by a plus it is repeated, not possessive as in Java. Returns its last index. */
    private static int interval(String source, int at, int atom, StringBuilder out) {
        int close = source.indexOf('}', at);
        boolean isInterval = close > at + 1 && source.substring(at + 1, close).matches("[0-9]*,?[0-9]*");
        if (!isInterval) {
            out.append("\\{");
            return at;
        }
        String body = source.substring(at + 1, close);
        out.append('{').append(body.startsWith(",") ? "0" + body : body).append('}');
        boolean group = at > 0 && source.charAt(at - 1) == ')';
        if (!group && close + 1 < source.length() && source.charAt(close + 1) == '+') {
            out.insert(atom, "(?:").append(')');
        }
        return close;
    }
}
