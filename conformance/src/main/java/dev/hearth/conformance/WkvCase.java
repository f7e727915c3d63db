package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.Tensor;

/** RWKV-4's mean of values, apart or in place of the values. Peng and others 2023, arXiv:2305.13048, section 3. */
final class WkvCase implements Recurrence {
    private final Form form;
    private final float[][] keys;
    private final float[][] values;
    private final float[] decay;
    private final float[] bonus;

    /** Of keys and values [rows, channels]. */
    WkvCase(Form form, float[][] keys, float[][] values, Draw draw) {
        this.form = form;
        this.keys = keys;
        this.values = values;
        decay = draw.normals(channels(), 1);
        for (int c = 0; c < decay.length; c++) {
            decay[c] = (float) -Math.exp(decay[c]);
        }
        bonus = draw.normals(channels(), 1);
    }

    static WkvCase random(int rows, int channels, Draw draw) {
        return new WkvCase(draw.oneOf(Form.values()), draw.rows(rows, channels, 2), draw.rows(rows, channels, 1), draw);
    }

    private int channels() {
        return keys[0].length;
    }

    @Override
    public Operation operation() {
        return Operation.WKV;
    }

    @Override
    public String name() {
        return form + " " + channels() + " channels";
    }

    @Override
    public int rows() {
        return keys.length;
    }

    @Override
    public int stateSize() {
        return 3 * channels();
    }

    @Override
    public Tensor run(Bench bench, int from, int to, RecurrentView state, int stateOffset, Batch batch) {
        float[][] rows = Slices.of(values, from, to);
        boolean apart = form == Form.APART;
        Tensor in = apart ? bench.input(rows, channels()) : bench.inOut(rows, channels());
        Tensor out = apart ? bench.output(to - from, channels()) : in;
        Tensor k = bench.input(Slices.of(keys, from, to), channels());
        bench.ops().wkv(out, k, in, bench.vector(decay), bench.vector(bonus), state, stateOffset, batch);
        return out;
    }

    @Override
    public Bounded[] step(int row, Bounded[] state) {
        int n = channels();
        Bounded[] out = new Bounded[n];
        for (int c = 0; c < n; c++) {
            Bounded key = Bounded.exact(keys[row][c]);
            Bounded value = Bounded.exact(values[row][c]);
            var seen = new Sums(state[c], state[n + c], state[2 * n + c]);
            Sums now = seen.with(key.plus(Bounded.exact(bonus[c])), value);
            out[c] = now.a.over(now.b);
            Sums later = new Sums(seen.a, seen.b, seen.m.plus(Bounded.exact(decay[c]))).with(key, value);
            state[c] = later.a;
            state[n + c] = later.b;
            state[2 * n + c] = later.m;
        }
        return out;
    }

    /** Sums of values and of weights, both divided by exp(m); a sum of weights that is 0 has seen nothing. */
    private record Sums(Bounded a, Bounded b, Bounded m) {
        Sums with(Bounded key, Bounded value) {
            boolean none = b.value() == 0;
            Bounded greatest = none ? key : m.max(key);
            Bounded p = none ? Bounded.ZERO : m.minus(greatest).exp();
            Bounded q = key.minus(greatest).exp();
            return new Sums(a.times(p).plus(q.times(value)), b.times(p).plus(q), greatest);
        }
    }
}
