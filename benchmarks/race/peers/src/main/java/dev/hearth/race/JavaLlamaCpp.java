package dev.hearth.race;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import java.io.IOException;
import java.io.PrintStream;

/**
 * de.kherud:llama, llama.cpp behind JNI. It takes text and gives text, so that choosing the likeliest token and making text of it are part of
 * its time. A letter is a token in the vocabulary of random models; a prompt is followed by the choice of one token.
 */
final class JavaLlamaCpp implements Side {
    private final LlamaModel model;

    private JavaLlamaCpp(LlamaModel model) {
        this.model = model;
    }

    /** {@code MODEL.gguf THREADS POSITIONS} */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        int threads = Integer.parseInt(arguments[1]);
        int positions = Integer.parseInt(arguments[2]);
        var parameters = new ModelParameters()
                .setModel(arguments[0])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize((positions + 255) / 256 * 256)
                .setBatchSize(512)
                .setUbatchSize(512)
                .enableFlashAttn()
                .disableLog();
        Side.answer(new JavaLlamaCpp(new LlamaModel(parameters)), "de.kherud:llama 4.2.0", answers);
    }

    @Override
    public boolean takes(RaceTest test) {
        return test.sequenceCount() == 1 && (!test.prompt() || test.depth() == 0);
    }

    /** From the first token on, where tokens come one by one. */
    @Override
    public double seconds(RaceTest test) {
        int promptCount = test.prompt() ? test.tokenCount() : Math.max(1, test.depth());
        int chosenCount = test.prompt() ? 1 : test.tokenCount() + 1;
        var parameters = new InferenceParameters(letters(promptCount))
                .setNPredict(chosenCount)
                .setCachePrompt(false)
                .setIgnoreEos(true)
                .setTopK(1);
        long start = System.nanoTime();
        LlamaIterator tokens = model.generate(parameters).iterator();
        tokens.next();
        if (!test.prompt()) {
            start = System.nanoTime();
            while (tokens.hasNext()) {
                tokens.next();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        while (tokens.hasNext()) {
            tokens.next();
        }
        return seconds;
    }

    /** Letters from a to p: no two of them are merged into a token. */
    private static String letters(int count) {
        StringBuilder text = new StringBuilder();
        for (int letter : RaceTest.tokens(0, count, 16)) {
            text.append((char) ('a' + letter));
        }
        return text.toString();
    }
}
