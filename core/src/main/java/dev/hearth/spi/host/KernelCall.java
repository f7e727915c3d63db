package dev.hearth.spi.host;

import org.jspecify.annotations.Nullable;

/**
 * Calls a kernel, spread over threads: {@code run(rows, 1, HostKernels::add, inOut, x)} is {@code kernels.add(inOut, x, from, to)}
 * for every part of the rows. Arguments wait in one array, used again by the next call, where a lambda would be made at each call to
 * hold them. Used by one thread at a time.
 */
final class KernelCall {
    private static final int MOST_ARGUMENTS = 11;

    private final Parallel parallel;
    private final Parallel.Range range;
    private final @Nullable Object[] arguments = new @Nullable Object[MOST_ARGUMENTS];
    private Kernel kernel = (kernels, arguments, from, to) -> {};

    KernelCall(HostKernels kernels, Parallel parallel) {
        this.parallel = parallel;
        this.range = (from, to) -> kernel.call(kernels, arguments, from, to);
    }

    /** A method of {@link HostKernels} whose arguments before the range come out of an array. */
    interface Kernel {
        void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to);
    }

    /** Of one argument. */
    @FunctionalInterface
    interface One<A> extends Kernel {
        void run(HostKernels kernels, A a, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put it there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(kernels, (A) arguments[0], from, to);
        }
    }

    /** Of two arguments. */
    @FunctionalInterface
    interface Two<A, B> extends Kernel {
        void run(HostKernels kernels, A a, B b, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(kernels, (A) arguments[0], (B) arguments[1], from, to);
        }
    }

    /** Of three arguments. */
    @FunctionalInterface
    interface Three<A, B, C> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(kernels, (A) arguments[0], (B) arguments[1], (C) arguments[2], from, to);
        }
    }

    /** Of four arguments. */
    @FunctionalInterface
    interface Four<A, B, C, D> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(kernels, (A) arguments[0], (B) arguments[1], (C) arguments[2], (D) arguments[3], from, to);
        }
    }

    /** Of five arguments. */
    @FunctionalInterface
    interface Five<A, B, C, D, E> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    from,
                    to);
        }
    }

    /** Of six arguments. */
    @FunctionalInterface
    interface Six<A, B, C, D, E, F> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, F f, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    (F) arguments[5],
                    from,
                    to);
        }
    }

    /** Of seven arguments. */
    @FunctionalInterface
    interface Seven<A, B, C, D, E, F, G> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, F f, G g, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    (F) arguments[5],
                    (G) arguments[6],
                    from,
                    to);
        }
    }

    /** Of eight arguments. */
    @FunctionalInterface
    interface Eight<A, B, C, D, E, F, G, H> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, F f, G g, H h, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    (F) arguments[5],
                    (G) arguments[6],
                    (H) arguments[7],
                    from,
                    to);
        }
    }

    /** Of nine arguments. */
    @FunctionalInterface
    interface Nine<A, B, C, D, E, F, G, H, I> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, F f, G g, H h, I i, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    (F) arguments[5],
                    (G) arguments[6],
                    (H) arguments[7],
                    (I) arguments[8],
                    from,
                    to);
        }
    }

    /** Of eleven arguments. */
    @FunctionalInterface
    interface Eleven<A, B, C, D, E, F, G, H, I, J, K> extends Kernel {
        void run(HostKernels kernels, A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, long from, long to);

        @Override
        @SuppressWarnings("unchecked") // as the run below has put them there
        default void call(HostKernels kernels, @Nullable Object[] arguments, long from, long to) {
            run(
                    kernels,
                    (A) arguments[0],
                    (B) arguments[1],
                    (C) arguments[2],
                    (D) arguments[3],
                    (E) arguments[4],
                    (F) arguments[5],
                    (G) arguments[6],
                    (H) arguments[7],
                    (I) arguments[8],
                    (J) arguments[9],
                    (K) arguments[10],
                    from,
                    to);
        }
    }

    <A> void run(long count, long grain, One<A> kernel, @Nullable A a) {
        arguments[0] = a;
        run(count, grain, kernel);
    }

    <A, B> void run(long count, long grain, Two<A, B> kernel, @Nullable A a, @Nullable B b) {
        arguments[0] = a;
        arguments[1] = b;
        run(count, grain, kernel);
    }

    <A, B, C> void run(long count, long grain, Three<A, B, C> kernel, @Nullable A a, @Nullable B b, @Nullable C c) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        run(count, grain, kernel);
    }

    <A, B, C, D> void run(
            long count,
            long grain,
            Four<A, B, C, D> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        run(count, grain, kernel);
    }

    <A, B, C, D, E> void run(
            long count,
            long grain,
            Five<A, B, C, D, E> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        run(count, grain, kernel);
    }

    <A, B, C, D, E, F> void run(
            long count,
            long grain,
            Six<A, B, C, D, E, F> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e,
            @Nullable F f) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        arguments[5] = f;
        run(count, grain, kernel);
    }

    <A, B, C, D, E, F, G> void run(
            long count,
            long grain,
            Seven<A, B, C, D, E, F, G> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e,
            @Nullable F f,
            @Nullable G g) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        arguments[5] = f;
        arguments[6] = g;
        run(count, grain, kernel);
    }

    <A, B, C, D, E, F, G, H> void run(
            long count,
            long grain,
            Eight<A, B, C, D, E, F, G, H> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e,
            @Nullable F f,
            @Nullable G g,
            @Nullable H h) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        arguments[5] = f;
        arguments[6] = g;
        arguments[7] = h;
        run(count, grain, kernel);
    }

    <A, B, C, D, E, F, G, H, I> void run(
            long count,
            long grain,
            Nine<A, B, C, D, E, F, G, H, I> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e,
            @Nullable F f,
            @Nullable G g,
            @Nullable H h,
            @Nullable I i) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        arguments[5] = f;
        arguments[6] = g;
        arguments[7] = h;
        arguments[8] = i;
        run(count, grain, kernel);
    }

    <A, B, C, D, E, F, G, H, I, J, K> void run(
            long count,
            long grain,
            Eleven<A, B, C, D, E, F, G, H, I, J, K> kernel,
            @Nullable A a,
            @Nullable B b,
            @Nullable C c,
            @Nullable D d,
            @Nullable E e,
            @Nullable F f,
            @Nullable G g,
            @Nullable H h,
            @Nullable I i,
            @Nullable J j,
            @Nullable K k) {
        arguments[0] = a;
        arguments[1] = b;
        arguments[2] = c;
        arguments[3] = d;
        arguments[4] = e;
        arguments[5] = f;
        arguments[6] = g;
        arguments[7] = h;
        arguments[8] = i;
        arguments[9] = j;
        arguments[10] = k;
        run(count, grain, kernel);
    }

    private void run(long count, long grain, Kernel next) {
        kernel = next;
        parallel.run(count, grain, range);
    }
}
