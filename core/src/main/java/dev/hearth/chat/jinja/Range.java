package dev.hearth.chat.jinja;

/** A {@code range} of at most 100,000 numbers, the sandbox's bound; {@code size} of them, by {@code step} from {@code start}. */
public record Range(long start, long stop, long step, int size) implements Value {
    private static final int MAX_SIZE = 100_000;

    static Range of(long start, long stop, long step) {
        if (step == 0) {
            throw new Failure("range() arg 3 must not be zero");
        }
        boolean empty = step > 0 ? start >= stop : start <= stop;
        if (empty) {
            return new Range(start, stop, step, 0);
        }
        long last = step > 0 ? Math.subtractExact(stop, 1) : Math.addExact(stop, 1);
        long size = Math.subtractExact(last, start) / step + 1;
        if (size > MAX_SIZE) {
            throw new Failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX_SIZE + ").");
        }
        return new Range(start, stop, step, (int) size);
    }

    Value get(int index) {
        return Value.Int.of(start + index * step);
    }

    @Override
    public String typeName() {
        return "range";
    }
}
