package dev.hearth.race;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Jlama with its native products: weights in its own type of 4 bits, which it encodes out of a folder of plain ones, and int8 activations. */
final class Jlama implements Side {
    private final AbstractModel model;
    private final KvBufferCache caches;

    private Jlama(AbstractModel model) {
        this.model = model;
        this.caches = new KvBufferCache(model);
    }

    /** {@code FOLDER THREADS} */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        AbstractModel model = ModelSupport.loadModel(
                encoded(Path.of(arguments[0])).toFile(),
                null,
                DType.F32,
                DType.I8,
                Optional.empty(),
                Optional.of(Integer.valueOf(arguments[1])));
        Side.answer(new Jlama(model), "Jlama 0.8.4, Q4", answers);
    }

    /** The folder beside this one with Jlama's types, made if need be. */
    private static Path encoded(Path folder) throws IOException {
        Path made = folder.resolveSibling(folder.getFileName() + "-jlama-Q4");
        if (!Files.exists(made)) {
            Path part = Files.createTempDirectory(folder.getParent(), "jlama");
            SafeTensorSupport.quantizeModel(folder, DType.Q4, new String[0], new String[0], Optional.of(part));
            Files.move(part, made);
        }
        return made;
    }

    @Override
    public boolean takes(RaceTest test) {
        return test.sequenceCount() == 1;
    }

    @Override
    public double seconds(RaceTest test) {
        int vocabularySize = model.getConfig().vocabularySize;
        int[] before = RaceTest.tokens(0, test.depth(), vocabularySize);
        int[] tokens = RaceTest.tokens(test.depth(), test.tokenCount(), vocabularySize);
        try (var cache = caches.getEphemeralKvBuffer();
                AbstractTensor logits = model.makeDenseTensor(vocabularySize)) {
            if (before.length > 0) {
                model.batchForward(before, 0, cache).close();
            }
            long start = System.nanoTime();
            if (test.prompt()) {
                choose(model.batchForward(tokens, test.depth(), cache), logits);
            } else {
                for (int i = 0; i < tokens.length; i++) {
                    choose(model.forward(tokens[i], test.depth() + i, cache, Optional.empty()), logits);
                }
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Logits of the last row, and the likeliest token, which is of no use here. */
    private void choose(AbstractTensor hidden, AbstractTensor logits) {
        try (hidden) {
            model.sample(hidden.slice(hidden.shape().first() - 1), 0, 0.5f, logits);
        }
    }
}
