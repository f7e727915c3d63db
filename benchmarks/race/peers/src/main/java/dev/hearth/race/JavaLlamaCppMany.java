package dev.hearth.race;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * de.kherud:llama with requests of a workload: lines {@code ID COUNT PROMPT} of standard input, of which any number run together, are answered by a
 * line {@code ID} for each token and by {@code ID end}, or {@code ID failed REASON}.
 */
final class JavaLlamaCppMany {
    private final LlamaModel model;
    private final PrintStream answers;

    private JavaLlamaCppMany(LlamaModel model, PrintStream answers) {
        this.model = model;
        this.answers = answers;
    }

    /** {@code MODEL.gguf THREADS SLOTS CONTEXT}, positions of a slot. Ends the JVM with standard input. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        int threads = Integer.parseInt(arguments[1]);
        int slots = Integer.parseInt(arguments[2]);
        var parameters = new ModelParameters()
                .setModel(arguments[0])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setParallel(slots)
                .enableContBatching()
                .setCtxSize(slots * Integer.parseInt(arguments[3]))
                .enableFlashAttn()
                .disableLog();
        var many = new JavaLlamaCppMany(new LlamaModel(parameters), answers);
        answers.println("de.kherud:llama 4.2.0");
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(" ", 3);
            Thread.ofPlatform().start(() -> many.answer(parts[0], Integer.parseInt(parts[1]), parts[2]));
        }
        Runtime.getRuntime().halt(0);
    }

    private void answer(String id, int count, String prompt) {
        var parameters = new InferenceParameters(prompt)
                .setNPredict(count)
                .setCachePrompt(true)
                .setIgnoreEos(true)
                .setTopK(1);
        try {
            for (LlamaOutput ignored : model.generate(parameters)) {
                answers.println(id);
            }
            answers.println(id + " end");
        } catch (RuntimeException e) { // one request's mishap is its own
            answers.println(id + " failed " + e);
        }
    }
}
