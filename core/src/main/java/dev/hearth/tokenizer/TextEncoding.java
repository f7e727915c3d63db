package dev.hearth.tokenizer;

import java.util.Arrays;

/** One text on its way to ids. Not thread-safe. */
final class TextEncoding {
    private final Pipeline pipeline;
    private final AddedTokens added;
    private final LiteralSpans literal;
    private final IntList ids;
    private final Origins origins;
    private final Model.Encoder encoder;

    /** Whether normalised text must know where it came from. */
    enum Origins {
        /** No. */
        NONE,
        /** Yes: a control token may be found in it. */
        TRACKED
    }

    TextEncoding(Pipeline pipeline, AddedTokens added, LiteralSpans literal, IntList ids, Origins origins) {
        this.pipeline = pipeline;
        this.added = added;
        this.literal = literal;
        this.ids = ids;
        this.origins = origins;
        this.encoder = pipeline.model().encoder();
    }

    void encode(String whole) {
        added.cut(whole, literal::overlap, new AddedTokens.Parts() {
            @Override
            public void text(int start, int end) {
                normalize(whole.substring(start, end), start);
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        });
    }

    private void normalize(String text, int start) {
        NormalizedText in = origins == Origins.TRACKED ? NormalizedText.tracked(text, start) : NormalizedText.of(text);
        NormalizedText normalized = pipeline.normalizer().map(n -> n.apply(in)).orElse(in);
        char[] chars = normalized.text.toCharArray();
        added.cutNormalized(
                normalized.text, (from, to) -> normalized.overlaps(literal, from, to), new AddedTokens.Parts() {
                    @Override
                    public void text(int from, int to) {
                        boolean all = from == 0 && to == chars.length;
                        model(all ? chars : Arrays.copyOfRange(chars, from, to), start == 0 && from == 0);
                    }

                    @Override
                    public void token(int id) {
                        ids.add(id);
                    }
                });
    }

    private void model(char[] text, boolean atStart) {
        Pieces pieces = pipeline.preTokenizer().cut(Pieces.whole(text, atStart));
        for (int i = 0; i < pieces.count(); i++) {
            encoder.encode(pieces.text, pieces.start(i), pieces.end(i), ids);
        }
    }
}
