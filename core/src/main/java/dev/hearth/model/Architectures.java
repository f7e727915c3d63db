package dev.hearth.model;

import dev.hearth.embedding.Pooling;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Dense;
import dev.hearth.model.arch.Apertus;
import dev.hearth.model.arch.Arcee;
import dev.hearth.model.arch.Bamba;
import dev.hearth.model.arch.Bert;
import dev.hearth.model.arch.BitNet;
import dev.hearth.model.arch.Bloom;
import dev.hearth.model.arch.Cohere2;
import dev.hearth.model.arch.CommandR;
import dev.hearth.model.arch.DebertaV2;
import dev.hearth.model.arch.DeepSeek;
import dev.hearth.model.arch.DistilBert;
import dev.hearth.model.arch.Electra;
import dev.hearth.model.arch.Ernie45;
import dev.hearth.model.arch.Exaone4;
import dev.hearth.model.arch.Falcon;
import dev.hearth.model.arch.FalconH1;
import dev.hearth.model.arch.Gemma;
import dev.hearth.model.arch.Gemma2;
import dev.hearth.model.arch.Gemma3;
import dev.hearth.model.arch.Gemma3n;
import dev.hearth.model.arch.Gemma4;
import dev.hearth.model.arch.Glm;
import dev.hearth.model.arch.Glm4;
import dev.hearth.model.arch.Glm4Moe;
import dev.hearth.model.arch.Gpt2;
import dev.hearth.model.arch.GptNeox;
import dev.hearth.model.arch.GptOss;
import dev.hearth.model.arch.Granite;
import dev.hearth.model.arch.GraniteHybrid;
import dev.hearth.model.arch.HunyuanDense;
import dev.hearth.model.arch.Jamba;
import dev.hearth.model.arch.Lfm2;
import dev.hearth.model.arch.Llama;
import dev.hearth.model.arch.Llama4;
import dev.hearth.model.arch.Mamba;
import dev.hearth.model.arch.Mamba2;
import dev.hearth.model.arch.MinimaxM2;
import dev.hearth.model.arch.Mistral;
import dev.hearth.model.arch.Mixtral;
import dev.hearth.model.arch.ModernBert;
import dev.hearth.model.arch.Mpt;
import dev.hearth.model.arch.Nemotron;
import dev.hearth.model.arch.NemotronH;
import dev.hearth.model.arch.NomicBert;
import dev.hearth.model.arch.Olmo;
import dev.hearth.model.arch.Olmo2;
import dev.hearth.model.arch.Olmoe;
import dev.hearth.model.arch.Phi;
import dev.hearth.model.arch.Phi3;
import dev.hearth.model.arch.Qwen2;
import dev.hearth.model.arch.Qwen2Moe;
import dev.hearth.model.arch.Qwen3;
import dev.hearth.model.arch.Qwen3Moe;
import dev.hearth.model.arch.Qwen3Next;
import dev.hearth.model.arch.Roberta;
import dev.hearth.model.arch.Rwkv;
import dev.hearth.model.arch.SeedOss;
import dev.hearth.model.arch.SmolLm3;
import dev.hearth.model.arch.StableLm;
import dev.hearth.model.arch.Starcoder2;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Every family that can be loaded, with the names that files give it. The README's table comes from here. */
public final class Architectures {
    /**
     * A family.
     *
     * @param name GGUF's name, or one of its kind where GGUF has none
     * @param modelTypes values of {@code model_type} in config.json
     * @param ggufNames values of {@code general.architecture}
     */
    public record Family(String name, List<String> modelTypes, List<String> ggufNames, Architecture architecture) {}

    private static final List<Family> FAMILIES = List.of(
            new Family("llama", List.of("llama"), List.of("llama"), new Llama()),
            new Family("mistral", List.of("mistral"), List.of("mistral"), new Mistral()),
            new Family("qwen2", List.of("qwen2"), List.of("qwen2"), new Qwen2()),
            new Family("qwen3", List.of("qwen3"), List.of("qwen3"), new Qwen3()),
            new Family("qwen3moe", List.of("qwen3_moe"), List.of("qwen3moe"), new Qwen3Moe()),
            new Family("gpt-oss", List.of("gpt_oss"), List.of("gpt-oss"), new GptOss()),
            new Family("llama4", List.of("llama4_text", "llama4"), List.of("llama4"), new Llama4()),
            new Family(
                    "deepseek2",
                    List.of("deepseek_v2", "deepseek_v3", "kimi_k2"),
                    List.of("deepseek2"),
                    new DeepSeek()),
            new Family("mixtral", List.of("mixtral"), List.of(), new Mixtral()),
            new Family("qwen2moe", List.of("qwen2_moe"), List.of("qwen2moe"), new Qwen2Moe()),
            new Family("olmoe", List.of("olmoe"), List.of("olmoe"), new Olmoe()),
            new Family("minimax-m2", List.of("minimax_m2"), List.of("minimax-m2"), new MinimaxM2()),
            new Family("glm4moe", List.of("glm4_moe"), List.of("glm4moe"), new Glm4Moe()),
            new Family("dots1", List.of("dots1"), List.of("dots1"), new Glm4Moe()),
            new Family("gemma2", List.of("gemma2"), List.of("gemma2"), new Gemma2()),
            new Family("gemma3", List.of("gemma3_text", "gemma3"), List.of("gemma3", "gemma-embedding"), new Gemma3()),
            new Family("phi3", List.of("phi3"), List.of("phi3"), new Phi3()),
            new Family("smollm3", List.of("smollm3"), List.of("smollm3"), new SmolLm3()),
            new Family("gemma", List.of("gemma"), List.of("gemma"), new Gemma()),
            new Family("granite", List.of("granite"), List.of("granite"), new Granite()),
            new Family("olmo2", List.of("olmo2", "olmo3"), List.of("olmo2"), new Olmo2()),
            new Family("glm4", List.of("glm4"), List.of("glm4"), new Glm4()),
            new Family("chatglm", List.of("glm"), List.of("chatglm"), new Glm()),
            new Family("cohere2", List.of("cohere2"), List.of("cohere2"), new Cohere2()),
            new Family("command-r", List.of("cohere"), List.of("command-r"), new CommandR()),
            new Family("exaone4", List.of("exaone4"), List.of("exaone4"), new Exaone4()),
            new Family("ernie4_5", List.of("ernie4_5"), List.of("ernie4_5"), new Ernie45()),
            new Family("nemotron", List.of("nemotron"), List.of("nemotron"), new Nemotron()),
            new Family("phi2", List.of("phi"), List.of("phi2"), new Phi()),
            new Family("stablelm", List.of("stablelm"), List.of("stablelm"), new StableLm()),
            new Family("starcoder2", List.of("starcoder2"), List.of("starcoder2"), new Starcoder2()),
            new Family("falcon", List.of("falcon"), List.of("falcon"), new Falcon()),
            new Family("gpt2", List.of("gpt2"), List.of("gpt2"), new Gpt2()),
            new Family("gptneox", List.of("gpt_neox"), List.of("gptneox"), new GptNeox()),
            new Family("mpt", List.of("mpt"), List.of("mpt"), new Mpt()),
            new Family("bloom", List.of("bloom"), List.of("bloom"), new Bloom()),
            new Family("bitnet", List.of("bitnet"), List.of("bitnet", "bitnet-b1.58"), new BitNet()),
            new Family("apertus", List.of("apertus"), List.of("apertus"), new Apertus()),
            new Family("seed_oss", List.of("seed_oss"), List.of("seed_oss"), new SeedOss()),
            new Family("arcee", List.of("arcee"), List.of("arcee"), new Arcee()),
            new Family("olmo", List.of("olmo"), List.of("olmo"), new Olmo()),
            new Family("hunyuan-dense", List.of("hunyuan_v1_dense"), List.of("hunyuan-dense"), new HunyuanDense()),
            new Family("lfm2", List.of("lfm2"), List.of("lfm2"), new Lfm2()),
            new Family("lfm2moe", List.of("lfm2_moe"), List.of("lfm2moe"), new Lfm2()),
            new Family("mamba", List.of("mamba", "falcon_mamba"), List.of("mamba"), new Mamba()),
            new Family("mamba2", List.of("mamba2"), List.of("mamba2"), new Mamba2()),
            new Family("jamba", List.of("jamba"), List.of("jamba"), new Jamba()),
            new Family("bamba", List.of("bamba"), List.of(), new Bamba()),
            new Family("falcon-h1", List.of("falcon_h1"), List.of("falcon-h1"), new FalconH1()),
            new Family("granitehybrid", List.of("granitemoehybrid"), List.of("granitehybrid"), new GraniteHybrid()),
            new Family("nemotron_h", List.of("nemotron_h"), List.of("nemotron_h", "nemotron_h_moe"), new NemotronH()),
            new Family("qwen3next", List.of("qwen3_next"), List.of("qwen3next"), new Qwen3Next()),
            new Family("qwen35", List.of("qwen3_5_text", "qwen3_5"), List.of("qwen35"), new Qwen3Next()),
            new Family("qwen35moe", List.of("qwen3_5_moe_text", "qwen3_5_moe"), List.of("qwen35moe"), new Qwen3Next()),
            new Family("rwkv", List.of("rwkv"), List.of(), new Rwkv()),
            new Family("gemma3n", List.of("gemma3n_text", "gemma3n"), List.of("gemma3n"), new Gemma3n()),
            new Family("gemma4", List.of("gemma4_text", "gemma4"), List.of("gemma4"), new Gemma4()),
            new Family("bert", List.of("bert"), List.of("bert"), new Bert()),
            new Family("distilbert", List.of("distilbert"), List.of(), new DistilBert()),
            new Family("electra", List.of("electra"), List.of(), new Electra()),
            new Family("roberta", List.of("roberta", "xlm-roberta", "camembert"), List.of(), new Roberta()),
            new Family("deberta-v2", List.of("deberta-v2"), List.of(), new DebertaV2()),
            new Family("nomic-bert", List.of("nomic_bert"), List.of("nomic-bert"), new NomicBert()),
            new Family("modern-bert", List.of("modernbert"), List.of("modern-bert"), new ModernBert()));

    private Architectures() {}

    /** All of them. */
    public static List<Family> all() {
        return FAMILIES;
    }

    /** The family that config.json calls so. @throws ModelFormatException that lists those known */
    public static Family ofModelType(String place, String modelType) {
        return FAMILIES.stream()
                .filter(f -> f.modelTypes().contains(modelType))
                .findFirst()
                .orElseThrow(() -> new ModelFormatException(place + ": model_type", unknown(modelType, modelTypes())));
    }

    /** The family that a GGUF file calls so. @throws ModelFormatException that lists those known */
    public static Family ofGguf(String place, String name) {
        return FAMILIES.stream()
                .filter(f -> f.ggufNames().contains(name))
                .findFirst()
                .orElseThrow(
                        () -> new ModelFormatException(place + ": general.architecture", unknown(name, ggufNames())));
    }

    /** The architecture of the family of this {@link Family#name()}. @throws IllegalArgumentException that lists those known */
    public static Architecture named(String name) {
        return family(name).architecture();
    }

    /** The family of this {@link Family#name()}. @throws IllegalArgumentException that lists those known */
    public static Family family(String name) {
        return FAMILIES.stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(unknown(name, ggufNames())));
    }

    /**
     * Builds the network of the family that the configuration names. A decoder whose tokens see later ones becomes an encoder.
     *
     * @throws ModelFormatException if a tensor is missing or has another shape than the configuration says
     */
    public static Network build(ModelConfig config, Weights weights) {
        Network network = named(config.architecture()).build(config, weights);
        if (!(network instanceof Decoder decoder)) {
            return network;
        }
        Decoder whole = weights.has("cls.output")
                ? decoder.withClassifier(
                        Classifier.of(Pooling.LAST, Dense.of(weights.labels("cls.output", config.hiddenSize()))))
                : decoder;
        return config.bothWays() ? Encoder.of(whole) : whole;
    }

    private static Set<String> modelTypes() {
        Set<String> names = new TreeSet<>();
        FAMILIES.forEach(f -> names.addAll(f.modelTypes()));
        return names;
    }

    private static Set<String> ggufNames() {
        Set<String> names = new TreeSet<>();
        FAMILIES.forEach(f -> names.addAll(f.ggufNames()));
        return names;
    }

    private static String unknown(String name, Set<String> known) {
        return "no such family of models is known: " + name + "; known are " + String.join(", ", known);
    }
}
