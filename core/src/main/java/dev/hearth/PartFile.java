package dev.hearth;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file under another name, which it loses when it is complete: nobody sees part of it. */
final class PartFile {
    private PartFile() {}

    /** What is written. */
    interface Content {
        /** Returns a count for the caller. */
        int writeTo(DataOutputStream out) throws IOException;
    }

    /** Writes in place of a file, which stays as it is if that fails; the content's count. */
    static int replace(Path file, Content content) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            int count;
            try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part)))) {
                count = content.writeTo(out);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return count;
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
