package dev.hearth.tokenizer;

/**
 * The ids that go before and after those of a text.
 *
 * @param before never changed after construction, like {@code after}
 */
record PostProcessor(IdList before, IdList after) {
    static final PostProcessor NONE = new PostProcessor(IdList.of(), IdList.of());

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

    /** What {@code later} does to the result of this. */
    PostProcessor then(PostProcessor later) {
        return new PostProcessor(concat(later.before, before), concat(after, later.after));
    }

    private static IdList concat(IdList first, IdList second) {
        IntList list = new IntList(4);
        first.addTo(list);
        second.addTo(list);
        return new IdList(list.toArray());
    }
}
