package dev.hearth.conformance;

import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a whole model that reads whole texts must do on a device. Each method throws an AssertionError. */
final class EncoderChecks {
    private final EncoderOracle oracle;
    private final Precision precision;

    EncoderChecks(EncoderOracle oracle, Precision precision) {
        this.oracle = oracle;
        this.precision = precision;
    }

    /** Hidden states and logits as the other implementation has them. */
    void agreesWithOracle(Device device) {
        try (HearthEncoder model = load(device)) {
            for (EncoderOracle.Text text : oracle.texts()) {
                if (text.hidden().isPresent()) {
                    assertWithin("hidden", text.hidden().get(), model.hidden(List.of(text))[0]);
                }
                if (text.logits().isPresent()) {
                    assertWithin("logits", text.logits().get(), model.logits(List.of(text))[0]);
                }
            }
        }
    }

    /** The same bits for each text alone, and among others in any order. */
    void batchesAgree(Device device) {
        try (HearthEncoder model = load(device)) {
            List<EncoderOracle.Text> texts = new ArrayList<>(oracle.texts());
            for (int i = 1; i <= 3; i++) {
                texts.add(beginning(texts.getFirst(), i));
                texts.add(beginning(texts.get(1), 10 * i));
            }
            float[][][] together = model.hidden(texts);
            float[][][] backwards = model.hidden(texts.reversed());
            for (int t = 0; t < texts.size(); t++) {
                float[][] alone = model.hidden(List.of(texts.get(t)))[0];
                assertSame("text " + t + " in a batch", alone, together[t]);
                assertSame("text " + t + " in another batch", alone, backwards[texts.size() - 1 - t]);
            }
        }
    }

    private static EncoderOracle.Text beginning(EncoderOracle.Text text, int count) {
        int least = Math.min(count, text.ids().length);
        return new EncoderOracle.Text(
                Arrays.copyOf(text.ids(), least),
                Arrays.copyOf(text.types(), least),
                java.util.Optional.empty(),
                java.util.Optional.empty(),
                java.util.Optional.empty());
    }

    /** The bits of another device: the specification, or this one with other threads. */
    void agreesWith(Device other, Device device, String against) {
        try (HearthEncoder expected = load(other);
                HearthEncoder found = load(device)) {
            float[][][] a = expected.hidden(oracle.texts());
            float[][][] b = found.hidden(oracle.texts());
            for (int t = 0; t < a.length; t++) {
                assertSame(against + ", text " + t, a[t], b[t]);
            }
        }
    }

    private HearthEncoder load(Device device) {
        return HearthEncoder.load(device, oracle.model(), precision);
    }

    private void assertWithin(String what, float[][] expected, float[][] found) {
        assertShape(what, expected, found);
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                if (!(Math.abs((double) expected[t][i] - found[t][i]) <= oracle.tolerance())) {
                    throw new AssertionError(place(what, t, i) + ": expected " + expected[t][i] + " within "
                            + oracle.tolerance() + ", found " + found[t][i]);
                }
            }
        }
    }

    private void assertSame(String what, float[][] expected, float[][] found) {
        assertShape(what, expected, found);
        for (int t = 0; t < expected.length; t++) {
            int i = RowChecks.mismatch(expected[t], found[t]);
            if (i >= 0) {
                throw new AssertionError(place(what, t, i) + ": expected " + expected[t][i] + ", found " + found[t][i]
                        + ", which must be the same bits");
            }
        }
    }

    private void assertShape(String what, float[][] expected, float[][] found) {
        if (found.length != expected.length || found[0].length != expected[0].length) {
            throw new AssertionError(place(what, 0, 0) + ": expected [" + expected.length + ", " + expected[0].length
                    + "], found [" + found.length + ", " + found[0].length + "]");
        }
    }

    private String place(String what, int token, int element) {
        return oracle.name() + " " + precision + ": " + what + ": token " + token + ", element " + element;
    }
}
