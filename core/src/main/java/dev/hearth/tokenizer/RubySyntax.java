package dev.hearth.tokenizer;

import java.util.Locale;
import java.util.Map;
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

    /** POSIX brackets, {@code [:name:]} within a class, as what stands within one here. */
    private static final Map<String, String> BRACKETS = Map.ofEntries(
            Map.entry("alnum", "\\p{IsAlphabetic}\\p{Nd}"),
            Map.entry("alpha", "\\p{IsAlphabetic}"),
            Map.entry("ascii", "\\x00-\\x7F"),
            Map.entry("blank", "\\t\\p{Zs}"),
            Map.entry("cntrl", "\\p{Cc}"),
            Map.entry("digit", "\\p{Nd}"),
            Map.entry("graph", "[^\\s\\p{Cc}\\p{Cn}\\p{Cs}]"),
            Map.entry("lower", "\\p{IsLowercase}"),
            Map.entry("print", "[^\\p{Cc}\\p{Cn}\\p{Cs}\\p{Zl}\\p{Zp}]"),
            Map.entry("punct", "\\p{P}\\p{S}"),
            Map.entry("space", "\\s"),
            Map.entry("upper", "\\p{IsUppercase}"),
            Map.entry("word", WORD),
            Map.entry("xdigit", "0-9a-fA-F"));

    /** Long names of general categories, without spaces and underscores, in lower case. */
    private static final Map<String, String> LONG_NAMES = Map.ofEntries(
            Map.entry("letter", "L"),
            Map.entry("uppercaseletter", "Lu"),
            Map.entry("lowercaseletter", "Ll"),
            Map.entry("titlecaseletter", "Lt"),
            Map.entry("casedletter", "LC"),
            Map.entry("modifierletter", "Lm"),
            Map.entry("otherletter", "Lo"),
            Map.entry("mark", "M"),
            Map.entry("nonspacingmark", "Mn"),
            Map.entry("spacingmark", "Mc"),
            Map.entry("enclosingmark", "Me"),
            Map.entry("number", "N"),
            Map.entry("decimalnumber", "Nd"),
            Map.entry("letternumber", "Nl"),
            Map.entry("othernumber", "No"),
            Map.entry("punctuation", "P"),
            Map.entry("connectorpunctuation", "Pc"),
            Map.entry("dashpunctuation", "Pd"),
            Map.entry("openpunctuation", "Ps"),
            Map.entry("closepunctuation", "Pe"),
            Map.entry("initialpunctuation", "Pi"),
            Map.entry("finalpunctuation", "Pf"),
            Map.entry("otherpunctuation", "Po"),
            Map.entry("symbol", "S"),
            Map.entry("mathsymbol", "Sm"),
            Map.entry("currencysymbol", "Sc"),
            Map.entry("modifiersymbol", "Sk"),
            Map.entry("othersymbol", "So"),
            Map.entry("separator", "Z"),
            Map.entry("spaceseparator", "Zs"),
            Map.entry("lineseparator", "Zl"),
            Map.entry("paragraphseparator", "Zp"),
            Map.entry("other", "C"),
            Map.entry("control", "Cc"),
            Map.entry("format", "Cf"),
            Map.entry("privateuse", "Co"),
            Map.entry("surrogate", "Cs"),
            Map.entry("unassigned", "Cn"));

    /** Matches nothing; but java.util.regex looks behind by whole characters only if it sees one beyond the basic plane. */
    private static final String NEVER_SUPPLEMENTARY = "|(?!)\uD800\uDC00";

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
            } else if (depth > 0 && isBracket(source, i)) {
                i = bracket(source, i, out);
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
            } else if (c == '(') {
                i = group(source, i, out);
            } else {
                atom = "?*+|)".indexOf(c) < 0 ? out.length() : atom;
                out.append(c);
            }
        }
        if (out.indexOf("(?<=") >= 0 || out.indexOf("(?<!") >= 0) {
            out.append(NEVER_SUPPLEMENTARY);
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
            String plain = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
            name = LONG_NAMES.getOrDefault(plain, name);
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

    /** What opens a group, options too: {@code m} there lets the dot match a newline, as {@code s} does here. Returns its last index. */
    private static int group(String source, int at, StringBuilder out) {
        out.append('(');
        int end = at + 1;
        if (source.startsWith("?", end)) {
            do {
                char c = source.charAt(end++);
                out.append(c == 'm' ? 's' : c);
            } while (end < source.length() && "imx-".indexOf(source.charAt(end)) >= 0);
        }
        return end - 1;
    }

    private static boolean isBracket(String source, int at) {
        int close = source.indexOf(":]", at);
        return source.startsWith("[:", at) && close > at + 2 && BRACKETS.containsKey(bracketName(source, at, close));
    }

    private static String bracketName(String source, int at, int close) {
        return source.substring(source.charAt(at + 2) == '^' ? at + 3 : at + 2, close);
    }

    /** A POSIX bracket. Returns its last index. */
    private static int bracket(String source, int at, StringBuilder out) {
        int close = source.indexOf(":]", at);
        out.append(source.charAt(at + 2) == '^' ? "[^" : "[");
        out.append(BRACKETS.get(bracketName(source, at, close))).append(']');
        return close + 1;
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
