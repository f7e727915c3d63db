package dev.hearth.ffi;

/** An instruction set with kernels of its own, the most capable last. All give the same bits. */
public enum Isa {
    /** Portable C. */
    PLAIN(0),
    /** x86-64 with AVX2, FMA and F16C (Haswell, Zen). */
    AVX2(1),
    /** AVX2 and AVX-VNNI (Alder Lake, Zen 5). */
    AVXVNNI(2),
    /** AVX-512 with VNNI (Cascade Lake, Zen 4). */
    AVX512(3),
    /** The same with AVX-512 BF16 (Cooper Lake, Sapphire Rapids, Zen 4). */
    AVX512BF16(4),
    /** NEON, which every aarch64 processor has. */
    NEON(8),
    /** aarch64 with products of four int8 at a time (Cortex-A76, Neoverse N1, Apple M1). */
    DOTPROD(9),
    /** aarch64 with products of int8 matrices too (Cortex-A710, Neoverse V1, Apple M2). */
    I8MM(10);

    private final int id;

    Isa(int id) {
        this.id = id;
    }

    /** Its number in hearth_cpu.h. */
    int id() {
        return id;
    }
}
