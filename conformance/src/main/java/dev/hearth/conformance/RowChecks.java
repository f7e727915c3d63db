package dev.hearth.conformance;

import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * What holds for every operation with independent rows: the specification's result, the double-precision result, the same bits
 * however rows are chunked, however they lie and however many threads work, inputs and neighbours left alone.
 */
final class RowChecks {
    private final Session session;
    private final SpecifiedCase specified;
    private final RowCase rowCase;

    private RowChecks(Session session, SpecifiedCase specified) {
        this.session = session;
        this.specified = specified;
        this.rowCase = specified.rowCase();
    }

    static Check of(Session session, SpecifiedCase specified) {
        RowCase rowCase = specified.rowCase();
        return new Check(
                rowCase.operation(), rowCase.name(), rowCase.types(), () -> new RowChecks(session, specified).run());
    }

    /** The first part of it: the results of all rows at once. */
    static Check ofResults(Session session, SpecifiedCase specified) {
        RowCase rowCase = specified.rowCase();
        return new Check(
                rowCase.operation(),
                rowCase.name(),
                rowCase.types(),
                () -> new RowChecks(session, specified).results());
    }

    private float[][] results() {
        float[][] whole = rows(session.bench(Bench.Layout.DENSE), 0, rowCase.rows());
        agrees(whole);
        return whole;
    }

    private void run() {
        int n = rowCase.rows();
        float[][] whole = results();
        assertSame("rows apart in memory against dense rows", whole, rows(session.bench(Bench.Layout.STRIDED), 0, n));
        for (int size : rowCase.chunks()) {
            if (size < n) {
                assertSame("in chunks of " + size + " against " + n + " at once", whole, chunked(size));
            }
        }
        for (int threads : session.otherThreadCounts()) {
            float[][] found = rows(session.bench(threads, Bench.Layout.DENSE), 0, n);
            assertSame("with " + threads + " threads", whole, found);
        }
        rows(session.bench(Bench.Layout.DENSE), n, n); // no rows: nothing to do, nothing to throw
    }

    /** Bits of the specification are within the bounds of double precision, as it is itself. */
    private void agrees(float[][] whole) {
        switch (session.exactness(rowCase)) {
            case Exactness.Bits bits -> assertSame("specification", specified.specified(), whole);
            case Exactness.Within(double factor) -> {
                for (int r = 0; r < whole.length; r++) {
                    specified.expected().get(r).assertAgrees(whole[r], factor, what("row " + r));
                }
            }
        }
    }

    private float[][] chunked(int size) {
        int n = rowCase.rows();
        float[][] all = new float[n][];
        BiFunction<Integer, Integer, float[][]> part = (from, to) -> rows(session.bench(Bench.Layout.DENSE), from, to);
        for (int from = 0; from < n; from += size) {
            int to = Math.min(n, from + size);
            System.arraycopy(part.apply(from, to), 0, all, from, to - from);
        }
        return all;
    }

    private float[][] rows(Bench bench, int from, int to) {
        try (bench) {
            float[][] rows = rowCase.run(bench, from, to);
            bench.assertUntouched();
            if (rows.length != to - from) {
                throw new IllegalStateException(what("a case returned " + rows.length + " rows"));
            }
            return rows;
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(what("rows " + from + " to " + to + ": " + e), e);
        }
    }

    private void assertSame(String against, float[][] expected, float[][] found) {
        for (int r = 0; r < expected.length; r++) {
            int i = mismatch(expected[r], found[r]);
            if (i >= 0) {
                throw new AssertionError(what(against + ": row " + r + ", element " + i + ": expected "
                        + Float.toHexString(expected[r][i]) + " (" + expected[r][i] + "), found "
                        + Float.toHexString(found[r][i]) + " (" + found[r][i] + ")"));
            }
        }
    }

    /** First element whose bits differ, every NaN being the same; -1 if none. */
    static int mismatch(float[] a, float[] b) {
        if (a.length != b.length) {
            return Math.min(a.length, b.length);
        }
        if (Arrays.equals(a, b)) { // compares bits, all NaN alike
            return -1;
        }
        return Arrays.mismatch(a, b);
    }

    private String what(String rest) {
        return rowCase.operation().methodName() + " " + rowCase.name() + ": " + rest;
    }
}
