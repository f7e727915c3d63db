package dev.hearth.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * Every check of one backend, opened once and shared by them; for tests that don't go through {@link OpsConformance}. One thread
 * at a time; {@link #close()} closes the backend.
 */
public final class Kit implements AutoCloseable {
    private final Session session;
    private final Cases cases;

    /** The checks of a backend. */
    public Kit(Subject subject) {
        this(subject, new Cases());
    }

    /** The same by cases that other kits may share. */
    public Kit(Subject subject, Cases cases) {
        session = new Session(subject);
        this.cases = cases;
    }

    /** The checks of an operation at chosen sizes. */
    public List<Check> checks(Operation operation) {
        List<Check> checks = new ArrayList<>();
        cases.of(operation).forEach(c -> checks.add(RowChecks.of(session, c)));
        checks.addAll(
                switch (operation) {
                    case EMBED -> QuantVectors.checks(session);
                    case LINEAR -> TogetherCheck.of(session);
                    case ATTEND -> PrefillCheck.of(session);
                    case GATHER -> ShiftCheck.of(session);
                    default -> List.of();
                });
        checks.replaceAll(session::orRefusal);
        checks.addAll(Misfits.of(session, operation));
        return checks;
    }

    /** The first part of those, which takes little of their time: results of all rows at once. */
    List<Check> resultChecks(Operation operation) {
        return cases.of(operation).stream()
                .map(c -> RowChecks.ofResults(session, c))
                .toList();
    }

    /** A check of an operation at sizes and values drawn from a seed, which its name has. */
    public Check random(Operation operation, long seed) {
        Check drawn = RowChecks.of(session, cases.random(operation, seed));
        String name = "seed " + seed + ": " + drawn.name();
        return session.orRefusal(new Check(operation, name, drawn.types(), drawn.body()));
    }

    @Override
    public void close() {
        session.close();
    }
}
