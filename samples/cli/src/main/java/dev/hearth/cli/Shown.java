package dev.hearth.cli;

import dev.hearth.tokenizer.Tokenizer;

/** Tokens as a person can tell them apart. */
final class Shown {
    private Shown() {}

    /** The token's text in quotes, line breaks as \n. */
    static String token(Tokenizer tokenizer, int id) {
        String text = tokenizer.decode(id);
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t")
                        .replace("\"", "\\\"")
                + '"';
    }
}
