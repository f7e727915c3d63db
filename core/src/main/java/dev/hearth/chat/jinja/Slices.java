package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code object[start:stop:step]}. */
final class Slices {
    /** The one failure of a slice that is no TypeError in Python. */
    static final String ZERO_STEP = "slice step cannot be zero";

    private Slices() {}

    /** The slice of a string, list, tuple or range; a null part is left out. */
    static Value slice(
            Interpreter in, Value object, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
        return switch (object) {
            case Str s -> text(in, s, Bounds.of(s.length(), start, stop, step));
            case Seq s -> items(in, s, Bounds.of(s.size(), start, stop, step));
            case Range r -> {
                Bounds b = Bounds.of(r.size(), start, stop, step);
                long first = r.start() + b.start * r.step();
                yield new Range(first, r.start() + b.stop * r.step(), r.step() * b.step, b.count());
            }
            case Undefined u -> throw u.failure();
            case Dict d -> throw new Failure("unhashable type: 'slice'");
            default -> throw new Failure("'" + object.typeName() + "' object is not subscriptable");
        };
    }

    private static Str text(Interpreter in, Str s, Bounds b) {
        if (b.step == 1) {
            in.budget().chars(b.count());
            return s.part(s.offset((int) b.start), s.offset((int) Math.max(b.start, b.stop)));
        }
        var text = new Text(in.budget());
        int[] offsets = offsets(s);
        for (long k = 0, i = b.start; k < b.count(); k++, i += b.step) {
            text.add(s, offsets[(int) i], offsets[(int) i + 1]);
        }
        return text.toStr().like(s);
    }

    private static int[] offsets(Str s) {
        int[] offsets = new int[s.length() + 1];
        int at = 0;
        for (int i = 0; i < s.length(); i++) {
            offsets[i] = at;
            at += Character.charCount(s.text().codePointAt(at));
        }
        offsets[s.length()] = at;
        return offsets;
    }

    private static Seq items(Interpreter in, Seq s, Bounds b) {
        in.budget().elements(b.count());
        List<Value> items = new ArrayList<>(b.count());
        for (long k = 0, i = b.start; k < b.count(); k++, i += b.step) {
            items.add(s.items().get((int) i));
        }
        return new Seq(items, s.isList() ? Seq.Kind.LIST : Seq.Kind.TUPLE);
    }

    /** Bounds as {@code slice.indices} gives them. */
    private record Bounds(long start, long stop, long step) {
        static Bounds of(int length, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
            long by = step == null ? 1 : index(step);
            if (by == 0) {
                throw new Failure(ZERO_STEP);
            }
            long low = by < 0 ? -1 : 0;
            long high = by < 0 ? length - 1 : length;
            long from = start == null ? (by < 0 ? high : low) : clamp(index(start), length, low, high);
            long to = stop == null ? (by < 0 ? low : high) : clamp(index(stop), length, low, high);
            return new Bounds(from, to, by);
        }

        int count() {
            if (step > 0) {
                return start < stop ? (int) ((stop - start - 1) / step + 1) : 0;
            }
            return stop < start ? (int) ((start - stop - 1) / -step + 1) : 0;
        }

        private static long clamp(long index, int length, long low, long high) {
            return Math.clamp(index < 0 ? index + length : index, low, high);
        }

        private static long index(Value value) {
            if (value instanceof Value.Int || value instanceof Value.Bool) {
                BigInteger limit = BigInteger.valueOf(Integer.MAX_VALUE);
                return Ordering.integer(value).min(limit).max(limit.negate()).longValue();
            }
            throw new Failure("slice indices must be integers or None or have an __index__ method");
        }
    }
}
