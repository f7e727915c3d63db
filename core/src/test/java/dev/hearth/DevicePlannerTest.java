package dev.hearth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.ModelConfig;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.UnsupportedOnDeviceException;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which layers go to which device, by what is free there. A layer has 1 MiB of weights, as have the table of tokens and the head. */
class DevicePlannerTest {
    private static final long MIB = 1 << 20;
    private static final int LAYERS = 6;
    private static final int CONTEXT = 32; // of which a layer's keys and values take 1 KiB
    private static final Device PROCESSOR = new Sized("cpu", 1000 * MIB, false);
    private static final String LLAMA = """
            {"model_type": "llama", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 6, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "hidden_act": "silu"}""";
    private static final String GEMMA = """
            {"model_type": "gemma4_text", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 6, "num_attention_heads": 2,
             "num_key_value_heads": 2, "head_dim": 4, "global_head_dim": 4, "intermediate_size": 16, "sliding_window": 8,
             "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "hidden_activation": "gelu_pytorch_tanh",
             "hidden_size_per_layer_input": 0, "num_kv_shared_layers": 2,
             "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention",
                             "sliding_attention", "full_attention"]}""";

    /** A device with so much free memory that nothing is ever put on. */
    private record Sized(String name, long free, boolean copiesWeights) implements Device {
        static Sized gpu(int index, double mib) {
            return new Sized("gpu:" + index, (long) (mib * MIB), true);
        }

        @Override
        public MemoryInfo memory() {
            return new MemoryInfo(2 * free, free);
        }

        @Override
        public Weight load(WeightSource source) {
            throw new AssertionError();
        }

        @Override
        public Allocation allocate(long bytes) {
            throw new AssertionError();
        }

        @Override
        public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
            throw new AssertionError();
        }

        @Override
        public Ops ops() {
            throw new AssertionError();
        }

        @Override
        public ScratchMeter scratchMeter(int positions) {
            throw new AssertionError();
        }
    }

    private record Catalog(List<TensorEntry> entries) implements TensorCatalog {
        /** A MiB for each name. */
        static Catalog of(List<String> names) {
            return new Catalog(names.stream()
                    .map(name -> new TensorEntry(name, "F32", Optional.of(DType.F32), Shape.of(1, MIB / 4), MIB))
                    .toList());
        }

        @Override
        public String place() {
            return "model";
        }

        @Override
        public Optional<TensorEntry> entry(String name) {
            return entries.stream().filter(e -> e.name().equals(name)).findFirst();
        }

        @Override
        public TensorInfo tensor(String name) {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }

    private static ModelConfig config(String json) {
        return HuggingFaceConfig.read(Fields.of("c", Json.parse("c", json.getBytes(StandardCharsets.UTF_8))));
    }

    private static List<String> names(boolean tied) {
        List<String> names = new ArrayList<>(List.of("token_embd.weight"));
        for (int i = 0; i < LAYERS; i++) {
            names.add("blk." + i + ".attn_q.weight");
        }
        if (!tied) {
            names.add("output.weight");
        }
        return names;
    }

    private static DevicePlanner planner(String json, OptionalLong cacheBytes) {
        return new DevicePlanner(
                config(json), Catalog.of(names(false)), CacheType.F16, OptionalInt.of(CONTEXT), cacheBytes);
    }

    private static DevicePlan split(String json, OptionalInt asked, Device... devices) {
        return planner(json, OptionalLong.empty()).split(PROCESSOR, List.of(devices), asked);
    }

    /** The device of each layer. */
    private static List<String> places(DevicePlan plan) {
        return plan.config().layers().stream()
                .map(layer -> plan.devices().get(layer.stage()).name())
                .toList();
    }

    @Test
    void whole_leavesWhatWeightsDontTake() {
        DevicePlan plan = planner(LLAMA, OptionalLong.empty()).whole(Sized.gpu(0, 10));
        assertThat(places(plan)).hasSize(LAYERS).containsOnly("gpu:0");
        assertThat(plan.memory().freeBytes()).isEqualTo(2 * MIB);
    }

    @Test
    void whole_thatDoesNotFitIsRefusedWithTheArithmetic() {
        assertThatExceptionOfType(InsufficientMemoryException.class)
                .isThrownBy(() -> planner(LLAMA, OptionalLong.empty()).whole(Sized.gpu(0, 7.5)))
                .withMessageContaining("8 MiB of weights go to gpu:0")
                .withMessageContaining("7 MiB are free");
    }

    @Test
    void whole_onTheProcessorTakesTheFilesOwnMemory() {
        Device small = new Sized("cpu", MIB, false);
        assertThat(planner(LLAMA, OptionalLong.empty()).whole(small).memory().freeBytes())
                .isEqualTo(MIB);
    }

    /** A sixteenth stays free, and twice the keys of a sequence. */
    @ParameterizedTest
    @CsvSource({"2.2, 1", "3.19, 1", "3.21, 2", "6.5, 5", "8.5, 5", "8.6, 6"})
    void split_putsTheLastLayersOnTheDevice(double mib, int layers) {
        List<String> places = places(split(LLAMA, OptionalInt.empty(), Sized.gpu(0, mib)));
        assertThat(places).containsExactlyElementsOf(places(layers));
    }

    private static List<String> places(int onGpu) {
        List<String> places = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            places.add(i < LAYERS - onGpu ? "cpu" : "gpu:0");
        }
        return places;
    }

    @Test
    void split_thatNeedsNoProcessorHasNone() {
        DevicePlan plan = split(LLAMA, OptionalInt.empty(), Sized.gpu(0, 5), Sized.gpu(1, 5));
        assertThat(plan.devices()).extracting(Device::name).containsExactly("gpu:0", "gpu:1");
        assertThat(places(plan)).containsExactly("gpu:0", "gpu:0", "gpu:0", "gpu:1", "gpu:1", "gpu:1");
    }

    @Test
    void split_takesAsFewDevicesAsWillDo() {
        DevicePlan plan = split(LLAMA, OptionalInt.of(2), Sized.gpu(0, 4), Sized.gpu(1, 100));
        assertThat(places(plan)).containsExactly("cpu", "cpu", "cpu", "cpu", "gpu:0", "gpu:0");
    }

    @Test
    void split_leavesOutADeviceThatHasRoomForNothing() {
        DevicePlan plan = split(LLAMA, OptionalInt.empty(), Sized.gpu(0, 4), Sized.gpu(1, 0.5));
        assertThat(plan.devices()).extracting(Device::name).containsExactly("cpu", "gpu:0");
    }

    @Test
    void split_countsATableOfTokensThatServesAsHead() {
        DevicePlanner tied = new DevicePlanner(
                config(LLAMA), Catalog.of(names(true)), CacheType.F16, OptionalInt.of(CONTEXT), OptionalLong.empty());
        DevicePlan plan = tied.split(PROCESSOR, List.of(Sized.gpu(0, 3.21)), OptionalInt.empty());
        assertThat(places(plan)).containsExactlyElementsOf(places(2));
    }

    @Test
    void split_countsTheCacheThatIsAskedFor() {
        DevicePlan plan = planner(LLAMA, OptionalLong.of(6 * MIB)) // 1 MiB a layer
                .split(PROCESSOR, List.of(Sized.gpu(0, 5.4)), OptionalInt.empty());
        assertThat(places(plan)).containsExactlyElementsOf(places(2));
    }

    @Test
    void split_givesTheLayersThatAreAskedFor() {
        for (int asked = 0; asked <= LAYERS; asked++) {
            DevicePlan plan = split(LLAMA, OptionalInt.of(asked), Sized.gpu(0, 100));
            assertThat(places(plan)).containsExactlyElementsOf(places(asked));
        }
    }

    @Test
    void split_refusesMoreLayersThanFit() {
        assertThatExceptionOfType(InsufficientMemoryException.class)
                .isThrownBy(() -> split(LLAMA, OptionalInt.of(3), Sized.gpu(0, 3.5)))
                .withMessageContaining("3 layers should go to the devices, 2 fit");
        assertThatExceptionOfType(InsufficientMemoryException.class)
                .isThrownBy(() -> split(LLAMA, OptionalInt.empty(), Sized.gpu(0, 1)))
                .withMessageContaining("the last layer should go to the devices, 0 fit");
    }

    /** As if it were one device: a layer's part on the fullest, for each of the six layers. */
    @Test
    void memory_isWhatCanBeSharedOutAsKeysAre() {
        DevicePlan plan = split(LLAMA, OptionalInt.of(3), Sized.gpu(0, 5)); // 1 MiB is left for three layers
        assertThat(plan.memory().freeBytes()).isEqualTo(2 * MIB);
    }

    /** The last two layers of gemma use the keys of layers 2 and 3. */
    @Test
    void sharedKeys_stayWithTheLayersThatUseThem() {
        assertThat(places(split(GEMMA, OptionalInt.empty(), Sized.gpu(0, 5.5))))
                .containsExactly("cpu", "cpu", "gpu:0", "gpu:0", "gpu:0", "gpu:0");
        assertThat(places(split(GEMMA, OptionalInt.empty(), Sized.gpu(0, 4), Sized.gpu(1, 5.5))))
                .containsExactly("gpu:0", "gpu:0", "gpu:1", "gpu:1", "gpu:1", "gpu:1");
        assertThatExceptionOfType(InsufficientMemoryException.class)
                .isThrownBy(() -> split(GEMMA, OptionalInt.empty(), Sized.gpu(0, 5)))
                .withMessageContaining("0 fit");
        for (int asked : List.of(1, 2, 3)) {
            assertThatExceptionOfType(UnsupportedOnDeviceException.class)
                    .isThrownBy(() -> split(GEMMA, OptionalInt.of(asked), Sized.gpu(0, 100)))
                    .withMessageContaining("ask for 4 or more");
        }
        assertThat(places(split(GEMMA, OptionalInt.of(4), Sized.gpu(0, 100))))
                .containsExactly("cpu", "cpu", "gpu:0", "gpu:0", "gpu:0", "gpu:0");
    }

    /** Whatever is free, layers stand in the order of devices, none of which has more than fits. */
    @Test
    void split_neverOverfillsADevice() {
        Random random = new Random(20261201);
        for (int i = 0; i < 500; i++) {
            double[] mib = {9 * random.nextDouble(), 9 * random.nextDouble(), 2.2 + 6 * random.nextDouble()};
            Device[] devices = {Sized.gpu(0, mib[0]), Sized.gpu(1, mib[1]), Sized.gpu(2, mib[2])};
            List<String> places = places(split(LLAMA, OptionalInt.empty(), devices));
            assertThat(places).as("%s", List.of(devices)).isSorted(); // cpu before gpu:0 before gpu:1
            for (int d = 0; d < devices.length; d++) {
                int layers = (int) places.stream().filter(("gpu:" + d)::equals).count();
                boolean input = places.getFirst().equals("gpu:" + d);
                boolean output = places.getLast().equals("gpu:" + d);
                double taken = layers * (1 + 2.0 / 1024) + (input ? 1 : 0) + (output ? 1 : 0);
                assertThat(layers == 0 ? 0 : taken)
                        .as("%s of %s", places, List.of(devices))
                        .isLessThanOrEqualTo(mib[d] * 15 / 16 + 1e-5);
            }
        }
    }
}
