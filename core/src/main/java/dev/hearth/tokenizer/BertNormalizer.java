package dev.hearth.tokenizer;

import java.util.List;

/**
 * BERT's cleaning. Devlin et al. 2018, {@code BasicTokenizer}. ASCII, most of most texts, goes by a table: no step joins it to
 * what stands beside it.
 */
final class BertNormalizer implements Normalizer {
    static final Normalizer CLEAN = new Remove(c -> c == 0 || c == 0xFFFD || isControl(c));
    static final Normalizer SPACES = new Change(c -> c != ' ' && CharClass.isSpace(c) ? " " : null);
    static final Normalizer IDEOGRAPHS = new Change(c -> isIdeograph(c) ? " " + Character.toString(c) + " " : null);

    private static final char DROPPED = '\uFFFF';

    private final Normalizer steps;
    private final char[] ascii = new char[128];

    /** @param steps in this order */
    BertNormalizer(List<Normalizer> steps) {
        this.steps = new Sequence(List.copyOf(steps));
        for (char c = 0; c < ascii.length; c++) {
            String with = this.steps.apply(NormalizedText.of(String.valueOf(c))).text;
            ascii[c] = with.isEmpty() ? DROPPED : with.charAt(0);
        }
    }

    @Override
    public NormalizedText apply(NormalizedText in) {
        if (in.isTracked()) {
            return steps.apply(in);
        }
        StringBuilder out = new StringBuilder(in.text.length() + 16);
        for (int at = 0; at < in.text.length(); ) {
            char c = in.text.charAt(at);
            if (c < 128) {
                if (ascii[c] != DROPPED) {
                    out.append(ascii[c]);
                }
                at++;
            } else {
                int end = at + 1;
                while (end < in.text.length() && in.text.charAt(end) >= 128) {
                    end++;
                }
                out.append(steps.apply(NormalizedText.of(in.text.substring(at, end))).text);
                at = end;
            }
        }
        return NormalizedText.of(out.toString());
    }

    /** The blocks that BERT's authors chose. */
    private static boolean isIdeograph(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B73F)
                || (c >= 0x2B740 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF) // where Rust's tokenizers begin, not at 0x2B820
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }

    private static boolean isControl(int c) {
        return c < 0x7F ? c < ' ' && c != '\t' && c != '\n' && c != '\r' : Unicode8.isControl(c);
    }
}
