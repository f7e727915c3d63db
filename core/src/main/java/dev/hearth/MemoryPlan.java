package dev.hearth;

import dev.hearth.model.ModelConfig;
import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.state.StateCache;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How long a context and how large a cache an engine gets.
 *
 * @param contextLength most positions of a sequence
 * @param cacheBytes most bytes of keys, values and state of fixed size
 */
record MemoryPlan(int contextLength, long cacheBytes) {
    private static final int FULL_CONTEXTS = 8;
    private static final int KEPT_STATES = 4; // of fixed size, for each of these contexts

    /** What is asked for, or the reason why it doesn't fit. */
    static MemoryPlan of(
            ModelConfig config,
            List<StateSpec> states,
            CacheType type,
            OptionalInt context,
            OptionalLong cacheBytes,
            MemoryInfo memory) {
        int wanted = context.orElse(config.contextLength());
        long full = StateCache.bytes(states, type, wanted);
        long fixed = StateCache.slotBytes(states);
        long available = memory.freeBytes() / 2;
        long ample = full > available ? available : (full + KEPT_STATES * fixed) * FULL_CONTEXTS;
        long budget = cacheBytes.orElse(Math.min(available, ample));
        if (full <= budget) {
            return new MemoryPlan(wanted, budget);
        }
        long perPage = Math.max(1, StateCache.bytes(states, type, StateCache.PAGE_SIZE) - fixed);
        int fitting = (int) Math.min(wanted, Math.max(0, budget - fixed) / perPage * StateCache.PAGE_SIZE);
        if (context.isPresent() || fitting < 1) {
            throw new InsufficientMemoryException(
                    arithmetic(states, type, wanted, full, budget, cacheBytes, memory, fitting));
        }
        return new MemoryPlan(fitting, budget);
    }

    private static String arithmetic(
            List<StateSpec> states,
            CacheType type,
            int context,
            long full,
            long budget,
            OptionalLong asked,
            MemoryInfo memory,
            int fitting) {
        StringBuilder groups = new StringBuilder();
        for (StateSpec state : states) {
            if (state instanceof StateSpec.Kv s) {
                groups.append(groups.isEmpty() ? "" : " + ")
                        .append(s.layerCount())
                        .append(" layers x ")
                        .append(s.headCount())
                        .append(" heads x ")
                        .append(s.values() instanceof KvLayout.Values.Apart v ? s.headDim() + v.dim() : s.headDim());
            }
        }
        String source = asked.isPresent()
                ? "the cache is limited to " + mib(budget)
                : "half of the " + mib(memory.freeBytes()) + " of free memory is " + mib(budget);
        long fixed = StateCache.slotBytes(states);
        if (groups.isEmpty()) {
            return "the state of a sequence needs " + mib(fixed) + " whatever its length, but " + source + "; "
                    + (asked.isPresent() ? "ask for a larger cache" : "free memory");
        }
        return "a context of " + context + " positions needs " + mib(full) + " for keys and values (" + groups + " x "
                + type + " of " + type.bytes(1) + (type.scaleBytes() > 0 ? " byte and scales" : " bytes")
                + " a position"
                + (fixed > 0 ? ", and " + mib(fixed) + " whatever its length" : "") + "), but " + source
                + "; ask for a context of at most " + fitting
                + (asked.isPresent() ? ", or a larger cache" : ", or free memory");
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
