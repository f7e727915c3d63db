package dev.hearth.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * Every check of one backend, opened once and shared by them; for tests that don't go through {@link OpsConformance}. One thread
 * at a time; {@link #close()} closes the backend.
 */
public final class Kit implements AutoCloseable {
    private final Session session;

    /** The checks of a backend. */
    public Kit(Subject subject) {
        session = new Session(subject);
    }

    /** The checks of an operation at chosen sizes. */
    public List<Check> checks(Operation operation) {
        List<Check> checks = new ArrayList<>(
                switch (operation) {
                    case EMBED, QUANTIZE, LINEAR, EXPERTS -> WeightChecks.of(session, operation);
                    case NORM, ADD, MULTIPLY, ROTATE, GATE, ROUTE, SOFTCAP, GATHER ->
                        PlainChecks.of(session, operation);
                    case LAYER_NORM, SCALE, ACTIVATE -> LayerNormChecks.of(session, operation);
                    case MAP, MIX, RESIZE -> RowFunctionChecks.of(session, operation);
                    case STORE, ATTEND -> CacheChecks.of(session, operation);
                    case CONVOLVE, SCAN, DELTA, WKV -> RecurrentChecks.of(session, operation);
                });
        checks.addAll(Misfits.of(session, operation));
        return checks;
    }

    /** A check of an operation at sizes and values drawn from a seed, which its name has. */
    public Check random(Operation operation, long seed) {
        RowCase drawn = RandomCases.of(operation, seed);
        return new Check(operation, "seed " + seed + ": " + drawn.name(), RowChecks.of(session, drawn)::run);
    }

    @Override
    public void close() {
        session.close();
    }
}
