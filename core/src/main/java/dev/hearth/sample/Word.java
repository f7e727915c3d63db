package dev.hearth.sample;

import java.util.Arrays;
import java.util.List;

/** Something that is looked for in what was said: text, of which an engine's tokenizer makes tokens, or the tokens themselves. */
public sealed interface Word {
    /** Text; not empty. */
    record Text(String text) implements Word {
        /** @throws IllegalArgumentException if it is empty */
        public Text {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("Word: expected text, found an empty string");
            }
        }
    }

    /** Tokens in a row; at least one. */
    record Tokens(List<Integer> ids) implements Word {
        /** @throws IllegalArgumentException if there is none, or one is negative */
        public Tokens {
            ids = List.copyOf(ids);
            if (ids.isEmpty()) {
                throw new IllegalArgumentException("Word: expected at least one token, found none");
            }
            for (int id : ids) {
                ParamCheck.check(id >= 0, "Word", "token ids from 0", id);
            }
        }
    }

    /** Text. */
    static Word of(String text) {
        return new Text(text);
    }

    /** Tokens. */
    static Word of(int... ids) {
        return new Tokens(Arrays.stream(ids).boxed().toList());
    }
}
