package dev.hearth.quantize;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Another type for some matrices than the file's types give them.
 *
 * @param name found anywhere in a tensor's name
 */
public record TypeOverride(Pattern name, BlockType type) {
    /**
     * From {@code NAME=TYPE}, where NAME is a regular expression.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static TypeOverride parse(String text) {
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("tensor type: expected NAME=TYPE, found " + text);
        }
        String type = text.substring(equals + 1);
        try {
            return new TypeOverride(
                    Pattern.compile(text.substring(0, equals)),
                    BlockType.named(type)
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "tensor type: expected one of " + BlockType.names() + ", found " + type)));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "tensor type: expected a regular expression before the sign =, found " + text + ": "
                            + e.getDescription(),
                    e);
        }
    }
}
