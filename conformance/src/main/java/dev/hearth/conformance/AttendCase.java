package dev.hearth.conformance;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention over pages that the kit wrote. Vaswani and others 2017, arXiv:1706.03762, equation 1, over what a token may see. */
final class AttendCase implements RowCase {
    private static final int SEGMENT = 256;

    private final float[][] queries;
    private final Places places;
    private final Pages pages;
    private final AttentionSpec spec;
    private final float @Nullable [] sinks;
    private final float @Nullable [] slopes;
    private final @Nullable Relative relative;
    private final List<Integer> chunks;

    private AttendCase(
            float[][] queries,
            Places places,
            Pages pages,
            AttentionSpec spec,
            float @Nullable [] sinks,
            float @Nullable [] slopes,
            @Nullable Relative relative,
            List<Integer> chunks) {
        this.sinks = sinks;
        this.slopes = slopes;
        this.relative = relative;
        this.queries = queries;
        this.places = places;
        this.pages = pages;
        this.spec = spec;
        this.chunks = chunks;
    }

    /** Normal queries, keys and values. */
    static AttendCase random(KvLayout layout, AttentionSpec spec, Places places, List<Integer> chunks, Draw draw) {
        int layer = draw.below(layout.layerCount());
        Pages pages = new Pages(layout, layer, places, (own, end, p) -> sees(spec, own, end, p), draw);
        AttendCase c = new AttendCase(
                draw.rows(places.count(), spec.headCount() * layout.headDim(), 1),
                places,
                pages,
                spec,
                null,
                null,
                null,
                chunks);
        for (int s = 0; s < places.sequenceCount(); s++) {
            for (int position = 0; position < places.positionCount(); position++) {
                if (c.sees(s, position, 0, places.count())) {
                    for (int head = 0; pages.hasScales() && head < layout.headCount(); head++) {
                        pages.setScale(Pages.Kind.KEY, s, position, head, draw.between(0.01, 0.05));
                        pages.setScale(Pages.Kind.VALUE, s, position, head, draw.between(0.01, 0.05));
                    }
                    for (int i = 0; i < layout.headCount() * Math.max(layout.headDim(), layout.valueDim()); i++) {
                        c.set(Pages.Kind.KEY, s, position, i, layout.headDim(), draw.normal());
                        c.set(Pages.Kind.VALUE, s, position, i, layout.valueDim(), draw.normal());
                    }
                }
            }
        }
        return c;
    }

    private void set(Pages.Kind kind, int sequence, int position, int column, int dim, float value) {
        if (column < pages.layout().headCount() * dim) {
            pages.set(kind, sequence, position, column, value);
        }
    }

    /** The same with a sink for each head. */
    AttendCase withSinks(Draw draw) {
        return new AttendCase(
                queries, places, pages, spec, draw.normals(spec.headCount(), 2), slopes, relative, chunks);
    }

    /** The same with a slope for each head. */
    AttendCase withSlopes(Draw draw) {
        return new AttendCase(
                queries, places, pages, spec, sinks, draw.normals(spec.headCount(), 0.1), relative, chunks);
    }

    /** The same with vectors of distances. */
    AttendCase withRelative(Relative other) {
        return new AttendCase(queries, places, pages, spec, sinks, slopes, other, chunks);
    }

    private static int first(AttentionSpec spec, int own) {
        return (int) Math.max(Math.max(0, (long) own - spec.window() + 1), own - own % (long) spec.chunk());
    }

    Pages pages() {
        return pages;
    }

    @Override
    public Operation operation() {
        return Operation.ATTEND;
    }

    @Override
    public String name() {
        return queries.length + " rows to position " + (places.positionCount() - 1) + ", "
                + (places.common() > 0 ? places.common() + " in common, " : "") + spec
                + (slopes == null ? "" : " with slopes")
                + (relative == null ? "" : " with distances up to " + relative.rows().length / 2)
                + (sinks == null ? ", " : " with sinks, ")
                + pages.layout();
    }

    @Override
    public int rows() {
        return queries.length;
    }

    @Override
    public List<Integer> chunks() {
        return chunks;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = queries[0].length;
        Tensor out = bench.output(to - from, spec.headCount() * pages.layout().valueDim());
        KvView view = pages.view(bench, bench.buffer(pages.pool()), (s, page) -> readsPage(s, page, from, to));
        bench.ops()
                .attend(
                        out,
                        bench.input(Slices.of(queries, from, to), width),
                        view,
                        spec.withSinks(sinks == null ? null : bench.vector(sinks))
                                .withSlopes(slopes == null ? null : bench.vector(slopes))
                                .withRelative(relative == null ? null : relative.terms(bench)),
                        places.batch(bench, from, to));
        return bench.floats(out);
    }

    private boolean readsPage(int sequence, int page, int from, int to) {
        int size = pages.layout().pageSize();
        for (int slot = 0; slot < size; slot++) {
            if (sees(sequence, page * size + slot, from, to)) {
                return true;
            }
        }
        return false;
    }

    private boolean sees(int sequence, int position, int from, int to) {
        for (int t = from; t < to; t++) {
            if (places.sequences()[t] == sequence && sees(spec, places.positions()[t], places.ends()[t], position)) {
                return true;
            }
        }
        return false;
    }

    private static boolean sees(AttentionSpec spec, int own, int end, int position) {
        return position >= first(spec, own)
                && position <= Math.min(end, (long) own + spec.ahead())
                && position / spec.chunk() <= own / spec.chunk();
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(spec.headCount() * pages.layout().valueDim());
        for (int head = 0; head < spec.headCount(); head++) {
            expectHead(e, row, head);
        }
        return e;
    }

    private void expectHead(Expected e, int row, int head) {
        int dim = pages.layout().valueDim();
        int keyHead = head / (spec.headCount() / pages.layout().headCount());
        int own = places.positions()[row];
        int end = places.ends()[row];
        double[] scores = new double[end + 1];
        double scoreError = 0;
        double max = Double.NEGATIVE_INFINITY;
        double min = Double.POSITIVE_INFINITY;
        for (int position = 0; position <= end; position++) {
            if (sees(spec, own, end, position)) {
                scoreError = Math.max(scoreError, score(scores, row, head, keyHead, position));
                max = Math.max(max, scores[position]);
                min = Math.min(min, scores[position]);
            }
        }
        if (sinks != null) {
            max = Math.max(max, sinks[head]);
        }
        boolean wild = !(max - min < 1e4) || !(scoreError < 1); // infinities or NaN among them
        // every weight is a quotient of two exponentials with their errors; then 256 steps a segment, and the merges
        double relative = 2 * (scoreError + Math.min(max - min, 110) * Expected.U + 4 * Expected.U)
                + (SEGMENT + 41 + 12.0 * (end / SEGMENT + 1)) * Expected.U;
        for (int i = 0; i < dim; i++) {
            double sum = sinks == null ? 0 : Math.exp(sinks[head] - max);
            double weighted = 0;
            double magnitude = 0;
            double greatest = 0;
            for (int position = 0; position <= end; position++) {
                if (sees(spec, own, end, position)) {
                    double value = pages.get(Pages.Kind.VALUE, places.sequences()[row], position, keyHead * dim + i);
                    double p = Math.exp(scores[position] - max);
                    sum += p;
                    weighted += p * value;
                    magnitude += p * Math.abs(value);
                    greatest = Math.max(greatest, Math.max(Math.abs(value), pages.hasScales() ? 127 : 0));
                }
            }
            double bound = relative * magnitude / sum + (end + 1) * greatest * 0x1p-148 + end * Expected.TINY;
            boolean claimed = !wild && magnitude < 1e37;
            e.set(head * dim + i, claimed ? weighted / sum : 0, claimed ? bound : Double.POSITIVE_INFINITY);
        }
    }

    /** Sets one score and returns its error. */
    private double score(double[] scores, int row, int head, int keyHead, int position) {
        int dim = pages.layout().headDim();
        int distance = places.positions()[row] - position;
        float[] distantKey = relative == null ? null : relative.key(head, distance);
        float[] distantQuery = relative == null ? null : relative.query(head, distance);
        double sum = 0;
        double magnitude = 0;
        for (int i = 0; i < dim; i++) {
            double query = queries[row][head * dim + i];
            double key = pages.get(Pages.Kind.KEY, places.sequences()[row], position, keyHead * dim + i);
            double[] terms = {
                query * key,
                distantKey == null ? 0 : query * distantKey[i],
                distantQuery == null ? 0 : key * distantQuery[i]
            };
            for (double term : terms) {
                sum += term;
                magnitude += Math.abs(term);
            }
        }
        double score = sum * spec.scale();
        double error = Expected.sumError(dim, 4, magnitude) * Math.abs(spec.scale()) + Expected.U * Math.abs(score);
        if (spec.softcap() > 0) {
            error += PlainCase.Softcap.error(score, spec.softcap());
            score = PlainCase.Softcap.value(score, spec.softcap());
        }
        if (slopes != null) {
            score += (double) slopes[head] * (position - places.positions()[row]);
            error += Expected.U * Math.abs(score);
        }
        scores[position] = score;
        return error;
    }
}
