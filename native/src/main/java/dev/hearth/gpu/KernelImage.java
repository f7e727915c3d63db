package dev.hearth.gpu;

import dev.hearth.spi.BackendUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The compiled kernels that a vendor's backend brings. */
public final class KernelImage {
    private KernelImage() {}

    /** The system property that names a file to take in place of the image in the jar: {@code hearth.cuda.image}. */
    public static String property(String backend) {
        return "hearth." + backend + ".image";
    }

    /**
     * The bytes of the image.
     *
     * @param backend as in {@code cuda}
     * @param beside a class of the package that has the image, kernels.bin
     * @throws BackendUnavailableException if there is none
     */
    public static byte[] load(String backend, Class<?> beside) {
        String file = System.getProperty(property(backend));
        try {
            if (file != null) {
                return Files.readAllBytes(Path.of(file));
            }
            try (InputStream in = beside.getResourceAsStream("kernels.bin")) {
                if (in == null) {
                    throw new BackendUnavailableException(backend
                            + ": not used: expected kernels in the jar, found none; build with native/gpu/build.py --"
                            + backend);
                }
                return in.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(backend + ": kernels cannot be read", e);
        }
    }
}
