package dev.hearth.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What sentence-transformers' files say, and what is made of broken ones. */
class SentenceModulesTest {
    private static final String TRANSFORMER = module("", "models.Transformer");
    private static final String POOLING = module("1_Pooling", "models.Pooling");
    private static final String DENSE = module("2_Dense", "models.Dense");
    private static final String NORMALIZE = module("9_Normalize", "models.Normalize");

    @TempDir
    private Path folder = Path.of("");

    private static String module(String path, String type) {
        return "{'path':'" + path + "','type':'sentence_transformers." + type + "'}";
    }

    private void write(String file, String json) {
        try {
            Path to = folder.resolve(file);
            Files.createDirectories(to.getParent());
            Files.writeString(to, json.replace('\'', '"'));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private EmbeddingConfig read(String... modules) {
        write("modules.json", "[" + String.join(",", modules) + "]");
        return SentenceModules.read(ModelFolder.open(folder)).orElseThrow();
    }

    private void assertRefused(String message, String... modules) {
        assertThatThrownBy(() -> read(modules))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(message);
    }

    @BeforeEach
    void files() {
        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens':true}");
        write("2_Dense/config.json", "{'in_features':4,'out_features':6,'activation_function':'torch.nn.Identity'}");
    }

    @Test
    void nothing_isSaidWithoutModules() {
        assertThat(SentenceModules.read(ModelFolder.open(folder))).isEmpty();
    }

    @Test
    void everything_isRead() {
        write("sentence_bert_config.json", "{'max_seq_length':12,'do_lower_case':true}");
        write("config_sentence_transformers.json", "{'prompts':{'q':'Q: '},'default_prompt_name':'q'}");
        write(
                "1_Pooling/config.json",
                "{'pooling_mode_mean_tokens':true,'pooling_mode_cls_token':true,'include_prompt':false}");
        EmbeddingConfig config = read(TRANSFORMER, POOLING, DENSE, module("", "models.Dropout"), NORMALIZE);
        assertThat(config.poolings()).containsExactly(Pooling.CLS, Pooling.MEAN);
        assertThat(config.promptUse()).isEqualTo(EmbeddingConfig.PromptUse.SEEN);
        assertThat(config.denses().getFirst().outputs()).isEqualTo(6);
        assertThat(config.denses().getFirst().function()).isEqualTo(DenseModule.Function.IDENTITY);
        assertThat(config.scaling()).isEqualTo(EmbeddingConfig.Scaling.UNIT);
        assertThat(config.maxTokens()).hasValue(12);
        assertThat(config.letters()).isEqualTo(EmbeddingConfig.Letters.LOWER);
        assertThat(config.prompts()).containsEntry("q", "Q: ");
        assertThat(config.defaultPrompt()).contains("q");
    }

    @Test
    void newerSpellings_areRead() {
        write("1_Pooling/config.json", "{'pooling_mode':['max','lasttoken']}");
        assertThat(read(module("", "base.modules.transformer.Transformer"), POOLING)
                        .poolings())
                .containsExactly(Pooling.MAX, Pooling.LAST);
        write("1_Pooling/config.json", "{'pooling_mode':'weightedmean'}");
        assertThat(read(TRANSFORMER, POOLING).poolings()).containsExactly(Pooling.WEIGHTED_MEAN);
    }

    @ParameterizedTest
    @CsvSource({"../x", "/etc", "a/../../x", "1_Pooling/../.."})
    void pathsOutsideTheFolder_areRefused(String path) {
        assertRefused("expected a folder within the model's", TRANSFORMER, module(path, "models.Pooling"));
    }

    @Test
    void modulesThatDoNotFit_areRefused() {
        assertRefused("expected a Pooling module, found none", TRANSFORMER);
        assertRefused("expected Transformer first", POOLING);
        assertRefused("expected Transformer first", TRANSFORMER, TRANSFORMER);
        assertRefused("Normalize, if any, last", TRANSFORMER, POOLING, NORMALIZE, DENSE);
        assertRefused("expected Dense after Pooling", TRANSFORMER, DENSE, POOLING);
        assertRefused("found none or two", TRANSFORMER, POOLING, POOLING);
        assertRefused("found sentence_transformers.models.LSTM", TRANSFORMER, module("3", "models.LSTM"), POOLING);
        assertRefused("1 to 32 modules");
        assertRefused("expected a file, found none", TRANSFORMER, module("4_Pooling", "models.Pooling"));
        write("2_Dense/config.json", "{'in_features':-4,'out_features':6}");
        assertRefused("expected 1 to 2^20, found -4", TRANSFORMER, POOLING, DENSE);
        write("2_Dense/config.json", "{'in_features':4,'out_features':6,'activation_function':'torch.nn.Softmax'}");
        assertRefused("expected Identity, Tanh, ReLU, GELU or SiLU", TRANSFORMER, POOLING, DENSE);
        write("1_Pooling/config.json", "{'pooling_mode':'sum'}");
        assertRefused("pooling_mode", TRANSFORMER, POOLING);
        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens':true}");
        write("config_sentence_transformers.json", "{'prompts':{},'default_prompt_name':'q'}");
        assertRefused("default_prompt_name", TRANSFORMER, POOLING);
    }

    @Test
    void changedBytes_areRefusedOrRead() {
        List<String> files = List.of("modules.json", "1_Pooling/config.json", "2_Dense/config.json");
        Random random = new Random(7);
        for (int i = 0; i < 600; i++) {
            files();
            read(TRANSFORMER, POOLING, DENSE, NORMALIZE);
            Path file = folder.resolve(files.get(i % files.size()));
            try {
                byte[] bytes = Files.readAllBytes(file);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                Files.write(file, bytes);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            try {
                SentenceModules.read(ModelFolder.open(folder));
            } catch (ModelFormatException e) {
                assertThat(e.getMessage()).contains(": ").hasSizeLessThan(2000);
            }
        }
    }
}
