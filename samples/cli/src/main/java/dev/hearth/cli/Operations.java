package dev.hearth.cli;

/**
 * Multiplications and additions, each counted.
 *
 * @param int8 of int8 numbers, summed in int32
 * @param bf16 of BF16 numbers, summed in F32
 * @param f32 of F32 numbers
 */
record Operations(double int8, double bf16, double f32) {
    static final Operations NONE = new Operations(0, 0, 0);

    double total() {
        return int8 + bf16 + f32;
    }

    Operations plus(Operations others) {
        return new Operations(int8 + others.int8, bf16 + others.bf16, f32 + others.f32);
    }

    Operations times(double factor) {
        return new Operations(int8 * factor, bf16 * factor, f32 * factor);
    }

    /** Of each kind the greater number. */
    Operations most(Operations others) {
        return new Operations(Math.max(int8, others.int8), Math.max(bf16, others.bf16), Math.max(f32, others.f32));
    }

    /** Seconds that they take at least, where so many a second are possible of each kind. */
    double seconds(Operations perSecond) {
        return int8 / perSecond.int8 + bf16 / perSecond.bf16 + f32 / perSecond.f32;
    }
}
