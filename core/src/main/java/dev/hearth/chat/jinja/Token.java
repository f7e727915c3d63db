package dev.hearth.chat.jinja;

/** A token of a template; {@code value} is the text, for a string what it denotes. */
record Token(Kind kind, String value, int line) {
    /** The kinds of tokens that reach the parser. */
    enum Kind {
        DATA("template data / text"),
        VARIABLE_BEGIN("begin of print statement"),
        VARIABLE_END("end of print statement"),
        BLOCK_BEGIN("begin of statement block"),
        BLOCK_END("end of statement block"),
        NAME("name"),
        STRING("string"),
        INTEGER("integer"),
        FLOAT("float"),
        OPERATOR("operator"),
        END("end of template");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** As an error says it. */
        String words() {
            return words;
        }
    }

    boolean isName(String name) {
        return kind == Kind.NAME && value.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && value.equals(operator);
    }

    /** As an error names it. */
    String described() {
        return kind == Kind.NAME || kind == Kind.OPERATOR ? "'" + value + "'" : kind.words();
    }
}
