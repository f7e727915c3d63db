package dev.hearth.conformance;

import dev.hearth.spi.host.HostKernels;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The specification with one defect. */
record Mutant(String name, Operation operation, Harm harm, HostKernels kernels) {
    /** What the defect does. */
    enum Harm {
        /** Wrong values: seen even by a backend that claims a tolerance. */
        VALUES,
        /** Other rounding, within the honest error: seen by one that claims every bit. */
        ROUNDING
    }

    static Mutant wrong(Operation operation, String name, HostKernels kernels) {
        return new Mutant(name, operation, Harm.VALUES, kernels);
    }

    static Mutant inexact(Operation operation, String name, HostKernels kernels) {
        return new Mutant(name, operation, Harm.ROUNDING, kernels);
    }

    /** A dense copy of an F32 or I32 tensor. */
    static Tensor copy(Tensor x) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(4, x.rows() * x.width() * 4), 64);
        Tensor copy = Tensor.of(memory, x.type(), x.rows(), x.width());
        for (long t = 0; t < x.rows(); t++) {
            for (long i = 0; i < x.width(); i++) {
                copy.setInt(t, i, x.getInt(t, i));
            }
        }
        return copy;
    }

    @Override
    public String toString() {
        return operation.methodName() + ": " + name;
    }
}
