package dev.hearth.tokenizer;

import java.text.Normalizer;
import java.text.Normalizer.Form;

/** Unicode normalisation by the tables of {@link Unicode9}, in time proportional to the text, with origins. */
final class UnicodeForm {
    /** In a row; no writing system needs as many. */
    private static final int MANY_MARKS = 64;

    private UnicodeForm() {}

    static NormalizedText apply(Form form, NormalizedText in) {
        String text = in.text;
        int safe = firstUnsafe(form);
        int at = firstAtLeast(text, 0, safe);
        if (at == text.length()) {
            return in;
        }
        var edits = in.edit();
        int kept = 0;
        while (at < text.length()) {
            // The character before a run may be joined with the run's first.
            int start = Math.max(kept, at - 1);
            int end = runEnd(text, at);
            edits.keep(kept, start);
            String run = text.substring(start, end);
            String normalized = normalize(run, form);
            if (normalized.equals(run)) {
                edits.keep(start, end);
            } else {
                edits.replace(start, end, normalized);
            }
            kept = afterLater(text, end);
            edits.keep(end, kept);
            at = firstAtLeast(text, kept, safe);
        }
        edits.keep(kept, text.length());
        return edits.done();
    }

    /** The first ASCII or later character: no form changes these or joins them to what stands before. */
    private static int runEnd(String text, int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) >= 0x80 && !Unicode9.isLater(text.codePointAt(end))) {
            end += Character.isHighSurrogate(text.charAt(end)) ? 2 : 1;
        }
        return end;
    }

    private static int afterLater(String text, int at) {
        boolean later = at < text.length() && Unicode9.isLater(text.codePointAt(at));
        return later ? at + Character.charCount(text.codePointAt(at)) : at;
    }

    private static String normalize(String run, Form form) {
        if (!hasManyMarks(run)) {
            return Normalizer.normalize(run, form);
        }
        boolean canonical = form == Form.NFC || form == Form.NFD;
        String decomposed = new MarkOrder().decompose(run, canonical ? Form.NFD : Form.NFKD);
        return form == Form.NFD || form == Form.NFKD ? decomposed : Normalizer.normalize(decomposed, Form.NFC);
    }

    private static boolean hasManyMarks(String run) {
        int marks = 0;
        for (int i = 0; i < run.length() && marks <= MANY_MARKS; ) {
            int c = run.codePointAt(i);
            marks = CharClass.isMark(c) ? marks + 1 : 0;
            i += Character.charCount(c);
        }
        return marks > MANY_MARKS;
    }

    /** Below this every character stays as it is, whatever follows that is below it too. */
    private static int firstUnsafe(Form form) {
        return switch (form) {
            case NFC -> 0x300;
            case NFD -> 0xC0;
            case NFKC, NFKD -> 0xA0;
        };
    }

    private static int firstAtLeast(String text, int from, int limit) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) >= limit) {
                return i;
            }
        }
        return text.length();
    }
}
