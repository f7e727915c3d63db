package dev.hearth.cli;

import dev.hearth.BareModel;
import dev.hearth.EngineBuilder;
import dev.hearth.InsufficientMemoryException;
import dev.hearth.ModelMemory;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.ModelSource;
import java.util.Locale;

/** The memory that an engine with some options takes, or why that isn't known. */
sealed interface MemoryStatement {
    /** For people. */
    String line();

    /** An object of bytes, or null. */
    Json json();

    /** Maps the model and goes its way without computing; a model whose weights have to be made isn't loaded for it. */
    static MemoryStatement of(ModelSource source, EngineOptions options) {
        try {
            if (source.catalog().madeBytes() > 0) {
                return new Unknown(mib(source.catalog().madeBytes())
                        + " of weights are made as it loads; the rest is known once they are there");
            }
            try (BareModel model = options.load(EngineBuilder::loadBare)) {
                return new Known(model.memory(), model.backend());
            }
        } catch (ModelFormatException | InsufficientMemoryException e) {
            return new Unknown(String.valueOf(e.getMessage()));
        }
    }

    /** What it takes, on a backend. */
    record Known(ModelMemory memory, String backend) implements MemoryStatement {
        @Override
        public String line() {
            return mib(memory.totalBytes()) + " at most: weights " + mib(memory.mappedBytes()) + " mapped and "
                    + mib(memory.madeBytes()) + " made, cache " + mib(memory.cacheBytes()) + ", scratch "
                    + mib(memory.scratchBytes()) + ", on " + backend;
        }

        @Override
        public Json json() {
            return JsonOutput.object(
                    "mapped_bytes", new Json.Int(memory.mappedBytes()),
                    "made_bytes", new Json.Int(memory.madeBytes()),
                    "cache_bytes", new Json.Int(memory.cacheBytes()),
                    "scratch_bytes", new Json.Int(memory.scratchBytes()));
        }
    }

    /** It isn't known. */
    record Unknown(String line) implements MemoryStatement {
        @Override
        public Json json() {
            return Json.Null.NULL;
        }
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
