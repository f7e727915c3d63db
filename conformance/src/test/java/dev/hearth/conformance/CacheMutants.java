package dev.hearth.conformance;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Mutants of operations on pages. */
final class CacheMutants {
    private CacheMutants() {}

    static List<Mutant> all() {
        return List.of(
                store("keys and values swapped", (kv, keys, values, batch, from, to, right) -> {
                    if (values != null && values.width() == keys.width()) {
                        right.store(kv, values, keys, batch, from, to);
                    } else {
                        right.store(kv, keys, values, batch, from, to);
                    }
                }),
                store(
                        "layer ignored",
                        (kv, keys, values, batch, from, to, right) -> right.store(
                                new KvView(kv.pool(), kv.layout(), 0, kv.pageTable()), keys, values, batch, from, to)),
                store(
                        "binary16 cut off",
                        (kv, keys, values, batch, from, to, right) -> right.store(
                                kv,
                                kv.layout().type() == CacheType.F16 ? masked(keys, ~0x1fff) : keys,
                                values,
                                batch,
                                from,
                                to)),
                store(
                        "bfloat16 cut off",
                        (kv, keys, values, batch, from, to, right) -> right.store(
                                kv,
                                kv.layout().type() == CacheType.BF16 ? masked(keys, 0xffff0000) : keys,
                                values,
                                batch,
                                from,
                                to)),
                store(
                        "page before",
                        (kv, keys, values, batch, from, to, right) ->
                                right.store(shifted(kv), keys, values, batch, from, to)),
                spec("scale missing", (s, position) -> of(s, 1, s.softcap(), s.window())),
                spec("softcap skipped", (s, position) -> of(s, s.scale(), 0, s.window())),
                spec(
                        "window one too wide",
                        (s, position) -> of(
                                s,
                                s.scale(),
                                s.softcap(),
                                s.window() == AttentionSpec.NO_WINDOW ? s.window() : s.window() + 1)),
                spec(
                        "window one too narrow",
                        (s, position) -> of(s, s.scale(), s.softcap(), Math.max(1, s.window() - 1))),
                spec(
                        "last segment alone",
                        (s, position) -> of(s, s.scale(), s.softcap(), Math.min(s.window(), position % 256 + 1))),
                spec(
                        "a window for a chunk",
                        (s, position) ->
                                s.withChunk(AttentionSpec.NO_WINDOW).withWindow(Math.min(s.window(), s.chunk()))),
                spec("sinks ignored", (s, position) -> s.withSinks(null)),
                spec("slopes ignored", (s, position) -> s.withSlopes(null)),
                spec("distances ignored", (s, position) -> s.withRelative(null)),
                relative("distances turned round", r -> terms(r, d -> r.row(-d), r.reach(), r.keys(), r.queries())),
                relative(
                        "distances beyond the reach as none",
                        r -> terms(r, r::row, r.reach() + 1, r.keys(), r.queries())),
                relative(
                        "keys of distances alone",
                        r -> r.keys() == null ? null : terms(r, r::row, r.reach(), r.keys(), null)),
                relative(
                        "queries of distances alone",
                        r -> r.queries() == null ? null : terms(r, r::row, r.reach(), null, r.queries())),
                spec("later positions not seen", (s, position) -> s.withAhead(0)),
                spec("later positions seen by all", (s, position) -> s.withAhead(AttentionSpec.NO_WINDOW)),
                spec(
                        "later positions seen beyond the window",
                        (s, position) -> s.ahead() == 0 ? s : s.withAhead(AttentionSpec.NO_WINDOW)),
                spec(
                        "one later position too few",
                        (s, position) ->
                                s.ahead() == AttentionSpec.NO_WINDOW ? s : s.withAhead(Math.max(0, s.ahead() - 1))),
                spec(
                        "later positions of the own segment alone",
                        (s, position) -> s.withAhead(Math.min(s.ahead(), 255 - position % 256))),
                attend(
                        "ends ignored",
                        (out, q, kv, s, batch, from, to, right) ->
                                right.attend(out, q, kv, s, new Batch(batch.positions(), batch.sequences()), from, to)),
                attend("own position not seen", (out, q, kv, s, batch, from, to, right) -> {
                    Tensor before = Mutant.copy(batch.positions());
                    for (long t = 0; t < before.rows(); t++) {
                        before.setInt(t, 0, Math.max(0, before.getInt(t, 0) - 1));
                    }
                    right.attend(out, q, kv, s, new Batch(before, batch.sequences(), before), from, to);
                }),
                attend(
                        "page before",
                        (out, q, kv, s, batch, from, to, right) ->
                                right.attend(out, q, shifted(kv), s, batch, from, to)),
                attend(
                        "scales of keys ignored",
                        (out, q, kv, s, batch, from, to, right) ->
                                right.attend(out, q, withoutScales(kv, kv::keyScaleOffset), s, batch, from, to)),
                attend(
                        "scales of values ignored",
                        (out, q, kv, s, batch, from, to, right) ->
                                right.attend(out, q, withoutScales(kv, kv::valueScaleOffset), s, batch, from, to)),
                attend("sequence 0 for all", (out, q, kv, s, batch, from, to, right) -> {
                    Tensor zeros = Mutant.copy(batch.sequences());
                    zeros.segment().fill((byte) 0);
                    right.attend(out, q, kv, s, new Batch(batch.positions(), zeros, batch.ends()), from, to);
                }),
                attend("page before the window read", (out, q, kv, s, batch, from, to, right) -> {
                    for (long task = from; task < to; task++) {
                        long t = task % out.rows();
                        int first = s.firstVisible(batch.positions().getInt(t, 0))
                                / kv.layout().pageSize();
                        int page = kv.pageTable().getInt(batch.sequences().getInt(t, 0), Math.max(0, first - 1));
                        if (page < 0) {
                            throw new IndexOutOfBoundsException("page " + page);
                        }
                    }
                    right.attend(out, q, kv, s, batch, from, to);
                }),
                attend("key head h mod n for query head h", CacheMutants::interleaved),
                Mutant.inexact(Operation.ATTEND, "segments merged otherwise", new OtherMerge()));
    }

    private static AttentionSpec of(AttentionSpec s, float scale, float softcap, int window) {
        return new AttentionSpec(
                s.headCount(), scale, softcap, window, s.ahead(), s.chunk(), s.sinks(), s.slopes(), s.relative());
    }

    private static Mutant relative(String name, Function<RelativeTerms, @Nullable RelativeTerms> wrong) {
        return spec(name, (s, position) -> s.relative() == null ? s : s.withRelative(wrong.apply(s.relative())));
    }

    /** Terms whose vectors go by another function of the distance; beyond the terms' own reach by that of 0. */
    private static RelativeTerms terms(
            RelativeTerms of, IntUnaryOperator row, int reach, @Nullable Weight keys, @Nullable Weight queries) {
        int[] rows = new int[2 * reach + 1];
        Arrays.setAll(rows, i -> row.applyAsInt(Math.abs(i - reach) > of.reach() ? 0 : i - reach));
        return new RelativeTerms(rows, keys, queries);
    }

    private interface Store {
        void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to, HostKernels right);
    }

    private static Mutant store(String name, Store store) {
        return Mutant.wrong(Operation.STORE, name, new ForwardingKernels() {
            @Override
            public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
                store.store(kv, keys, values, batch, from, to, right);
            }
        });
    }

    private interface Attend {
        void attend(
                Tensor out, Tensor q, KvView kv, AttentionSpec s, Batch batch, long from, long to, HostKernels right);
    }

    private static Mutant attend(String name, Attend attend) {
        return Mutant.wrong(Operation.ATTEND, name, new ForwardingKernels() {
            @Override
            public void attend(
                    Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
                attend.attend(out, queries, kv, spec, batch, from, to, right);
            }
        });
    }

    private interface Spec {
        AttentionSpec of(AttentionSpec spec, int position);
    }

    private static Mutant spec(String name, Spec wrong) {
        return attend(name, (out, q, kv, s, batch, from, to, right) -> {
            for (long task = from; task < to; task++) {
                int position = batch.positions().getInt(task % out.rows(), 0);
                right.attend(out, q, kv, wrong.of(s, position), batch, task, task + 1);
            }
        });
    }

    /** A view whose every page but the first is the one before. */
    private static KvView shifted(KvView kv) {
        Tensor table = Mutant.copy(kv.pageTable());
        for (long s = 0; s < table.rows(); s++) {
            for (long i = table.width() - 1; i > 0; i--) {
                if (table.getInt(s, i) >= 0 && table.getInt(s, i - 1) >= 0) {
                    table.setInt(s, i, table.getInt(s, i - 1));
                }
            }
        }
        return new KvView(kv.pool(), kv.layout(), kv.layer(), table);
    }

    private interface Scales {
        long offset(int page, int head);
    }

    /** A view of a copy whose scales there are 1. */
    private static KvView withoutScales(KvView kv, Scales scales) {
        KvLayout layout = kv.layout();
        if (layout.type() != CacheType.INT8) {
            return kv;
        }
        MemorySegment copy = Arena.ofAuto().allocate(kv.pool().byteSize());
        copy.copyFrom(((HostBuffer) kv.pool()).segment());
        for (int page = 0; page < kv.pageCount(); page++) {
            for (int i = 0; i < layout.headCount() * layout.pageSize(); i++) {
                copy.set(Tensor.FLOAT, scales.offset(page, i / layout.pageSize()) + 4L * (i % layout.pageSize()), 1);
            }
        }
        return new KvView(new HostBuffer(copy), layout, kv.layer(), kv.pageTable());
    }

    /** Values with those bits alone that are in the mask. */
    private static Tensor masked(Tensor x, int mask) {
        Tensor cut = Mutant.copy(x);
        for (long t = 0; t < x.rows(); t++) {
            for (long i = 0; i < x.width(); i++) {
                if (Math.abs(x.getFloat(t, i)) < 60000) {
                    cut.setInt(t, i, x.getInt(t, i) & mask);
                }
            }
        }
        return cut;
    }

    /** Reorders query heads so that the right kernel pairs them as the wrong one would, and the results back. */
    private static void interleaved(
            Tensor out, Tensor q, KvView kv, AttentionSpec s, Batch batch, long from, long to, HostKernels right) {
        Tensor mixed = Mutant.copy(q);
        Tensor result = Mutant.copy(out);
        int keyHeads = kv.layout().headCount();
        int group = s.headCount() / keyHeads;
        for (long task = from; task < to; task++) {
            long t = task % out.rows();
            int keyHead = (int) (task / out.rows());
            for (int g = 0; g < group; g++) {
                move(
                        mixed,
                        t,
                        keyHead * group + g,
                        q,
                        g * keyHeads + keyHead,
                        kv.layout().headDim());
            }
            right.attend(result, mixed, kv, s, batch, task, task + 1);
            for (int g = 0; g < group; g++) {
                move(
                        out,
                        t,
                        g * keyHeads + keyHead,
                        result,
                        keyHead * group + g,
                        kv.layout().valueDim());
            }
        }
    }

    private static void move(Tensor to, long t, int toHead, Tensor from, int fromHead, int dim) {
        for (int i = 0; i < dim; i++) {
            to.setFloat(t, (long) toHead * dim + i, from.getFloat(t, (long) fromHead * dim + i));
        }
    }

    /** An ulp beside the right result where there are segments to merge, as another order of merging makes. */
    private static final class OtherMerge extends ForwardingKernels {
        @Override
        public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec s, Batch batch, long from, long to) {
            right.attend(out, queries, kv, s, batch, from, to);
            long width = out.width() / kv.layout().headCount();
            for (long task = from; task < to; task++) {
                long t = task % out.rows();
                for (long i = task / out.rows() * width; i < (task / out.rows() + 1) * width; i++) {
                    float result = out.getFloat(t, i);
                    if (batch.positions().getInt(t, 0) >= 256 && Float.isFinite(result)) {
                        out.setFloat(t, i, Math.nextUp(result));
                    }
                }
            }
        }
    }
}
