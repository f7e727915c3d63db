package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernels that this processor runs and that gave known answers. Immutable; for any thread. */
public final class CpuLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(CpuLibrary.class);

    private final List<CpuKernels> usable;

    private CpuLibrary(List<CpuKernels> usable) {
        this.usable = List.copyOf(usable);
    }

    /** Tries every instruction set of the library, which must be loaded; one that errs is dropped with a warning. */
    static CpuLibrary probe() {
        var sets = new ArrayList<CpuKernels>();
        for (Isa isa : Isa.values()) {
            MemorySegment table = hearth_cpu_h.hearth_cpu_for(isa.id());
            if (table.address() != 0) {
                sets.add(new CpuKernels(isa, table));
            }
        }
        KnownAnswers.firstWrong(sets).forEach((kernels, answer) -> {
            LOG.warn("{} is not used: {} gives wrong answers on this processor", kernels.isa(), answer);
            sets.remove(kernels);
        });
        return new CpuLibrary(sets);
    }

    /** The kernels of every usable instruction set, the most capable last; never empty once loaded. */
    public List<CpuKernels> usable() {
        return usable;
    }

    /** The kernels of the most capable instruction set. */
    public CpuKernels best() {
        return usable.getLast();
    }

    /** The instruction sets, as logs show them. */
    @Override
    public String toString() {
        return usable.stream().map(CpuKernels::isa).toList().toString();
    }
}
