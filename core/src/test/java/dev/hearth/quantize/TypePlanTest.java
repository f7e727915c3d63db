package dev.hearth.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.GgufValues;
import dev.hearth.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each tensor gets the type that llama.cpp gives it, see make_type_plans.py. */
class TypePlanTest {
    private static final int FIRST_TYPE = 7; // columns before describe the tensor

    /** What llama.cpp makes of a model in one file type. */
    record Plan(String model, FileType type, ModelDraft.Facts facts, List<DraftTensor> tensors, List<String> expected) {
        ModelDraft draft() {
            return TypePlanTest.draft(facts, tensors);
        }

        @Override
        public String toString() {
            return model + " " + type;
        }
    }

    private static ModelDraft draft(ModelDraft.Facts facts, List<DraftTensor> tensors) {
        return new ModelDraft("test", facts, new GgufValues(), tensors, List.of(), () -> {});
    }

    private static List<String[]> rows() {
        try (InputStream in = Objects.requireNonNull(TypePlanTest.class.getResourceAsStream("types.tsv"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Plan> plans() {
        List<String[]> rows = rows();
        String[] header = rows.getFirst();
        List<Plan> plans = new ArrayList<>();
        for (String model : rows.stream().skip(1).map(r -> r[0]).distinct().toList()) {
            List<String[]> own = rows.stream().filter(r -> r[0].equals(model)).toList();
            String[] first = own.getFirst();
            var facts = new ModelDraft.Facts(
                    first[1], Integer.parseInt(first[2]), Integer.parseInt(first[3]), Integer.parseInt(first[4]));
            for (int i = FIRST_TYPE; i < header.length; i++) {
                int column = i;
                plans.add(new Plan(
                        model,
                        FileType.named(header[i]),
                        facts,
                        own.stream().map(r -> tensor(r[5], r[6])).toList(),
                        own.stream().map(r -> r[5] + " " + r[column]).toList()));
            }
        }
        return plans.stream();
    }

    private static DraftTensor tensor(String name, String shape) {
        long[] sizes =
                Arrays.stream(shape.split("x", -1)).mapToLong(Long::parseLong).toArray();
        return new DraftTensor(name, Shape.of(sizes), "F32", Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @MethodSource("plans")
    void plan_choosesAsLlamaCpp(Plan plan) {
        TypePlan types = new TypePlan(plan.type, plan.draft(), List.of());
        assertThat(plan.tensors.stream().map(t -> t.name() + " " + types.of(t)))
                .containsExactlyElementsOf(plan.expected);
    }

    private static final DraftTensor MATRIX = tensor("blk.0.attn_v.weight", "64x256");
    private static final DraftTensor NARROW = tensor("blk.0.ffn_up.weight", "64x96");
    private static final DraftTensor NORM = tensor("blk.0.attn_norm.weight", "256");

    private static TypePlan plan(String... overrides) {
        var facts = new ModelDraft.Facts("llama", 1, 1, 0);
        return new TypePlan(
                FileType.Q4_K_S,
                draft(facts, List.of(MATRIX, NARROW, NORM)),
                Arrays.stream(overrides).map(TypeOverride::parse).toList());
    }

    @Test
    void override_firstThatFindsAMatrixCounts() {
        TypePlan plan = plan("attn_v=q8_0", "weight=F16");
        assertThat(plan.of(MATRIX)).isEqualTo(BlockType.Q8_0);
        assertThat(plan.of(NARROW)).isEqualTo(BlockType.F16);
        assertThat(plan.of(NORM)).isEqualTo(BlockType.F32);
    }

    @Test
    void override_thatCannotBeHonouredIsRefused() {
        assertThatThrownBy(() -> plan("attn_norm=Q8_0"))
                .hasMessageContaining("expected a matrix whose name has attn_norm");
        assertThatThrownBy(() -> plan("ffn_up=Q6_K")).hasMessageContaining("multiple of 256");
        assertThatThrownBy(() -> plan("ffn_up")).hasMessageContaining("expected NAME=TYPE, found ffn_up");
        assertThatThrownBy(() -> plan("ffn_up=Q9")).hasMessageContaining("Q8_0").hasMessageContaining("found Q9");
        assertThatThrownBy(() -> plan("(=Q8_0")).hasMessageContaining("regular expression");
    }
}
