package dev.hearth.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * What a model expects around a text, and around two. Immutable, thread-safe.
 *
 * @param single the layout of one text; has {@link Input#FIRST} once
 * @param pair the layout of two; has both once
 */
record PostProcessor(List<Part> single, List<Part> pair) {
    /** Nothing around them. */
    static final PostProcessor NONE = new PostProcessor(
            List.of(new Part.Text(Input.FIRST, 0)),
            List.of(new Part.Text(Input.FIRST, 0), new Part.Text(Input.SECOND, 1)));

    /** Which text. */
    enum Input {
        /** The only one, or the first of two. */
        FIRST,
        /** The second of two. */
        SECOND
    }

    /** What stands at a place of a layout. */
    sealed interface Part {
        /** The type of its ids. */
        int typeId();

        /** The ids of a text. */
        record Text(Input input, int typeId) implements Part {}

        /** The same ids whatever the text. */
        record Fixed(IdList ids, int typeId) implements Part {}
    }

    /** An immutable array of ids. */
    static final class IdList {
        private final int[] ids;

        private IdList(int[] ids) {
            this.ids = ids;
        }

        static IdList of(int... ids) {
            return new IdList(ids.clone());
        }

        void addTo(IntList list) {
            list.addAll(ids);
        }
    }

    /** Ids before and after each text, of that text's type: what GGUF files can say. */
    static PostProcessor around(IdList before, IdList between, IdList after, int secondType) {
        var first = List.<Part>of(new Part.Fixed(before, 0), new Part.Text(Input.FIRST, 0), new Part.Fixed(after, 0));
        List<Part> both = new ArrayList<>(first);
        both.add(new Part.Fixed(between, 0));
        both.add(new Part.Text(Input.SECOND, secondType));
        both.add(new Part.Fixed(after, secondType));
        return new PostProcessor(first, List.copyOf(both));
    }
}
