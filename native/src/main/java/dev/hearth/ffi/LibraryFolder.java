package dev.hearth.ffi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Puts a library's content where the operating system can load it. */
final class LibraryFolder {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private LibraryFolder() {}

    /**
     * Extracts to {@code folder/HASH/NAME} and leaves an intact file as it is. Many processes may do so at once: each
     * writes a file of its own, whole and on disk before it gets the name, and a rename leaves alone who has the old
     * one mapped.
     *
     * @return the file
     * @throws IOException if the folder cannot be written, or others may write to it
     */
    static Path shared(Path folder, LibraryImage image) throws IOException {
        Path own = folder.toAbsolutePath().resolve(image.sha256().substring(0, 32));
        Files.createDirectories(own, ownerOnly());
        refuseIfOthersMayWrite(own);
        Path file = own.resolve(image.platform().libraryName());
        if (!image.isContentOf(file)) {
            write(own, file, image);
        }
        return file;
    }

    /** Extracts to a new folder that is removed when this process ends. */
    static Path temporary(Path folder, LibraryImage image) throws IOException {
        Path own = Files.createTempDirectory(folder.toAbsolutePath(), "hearth-native-", ownerOnly());
        own.toFile().deleteOnExit();
        Path file = own.resolve(image.platform().libraryName());
        file.toFile().deleteOnExit(); // in reverse order: the file, then its folder
        write(own, file, image);
        return file;
    }

    private static void write(Path folder, Path file, LibraryImage image) throws IOException {
        byte[] content = image.content();
        Path unfinished = Files.createTempFile(folder, ".writing-", ".tmp", ownerOnly());
        try {
            try (var channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AccessDeniedException e) {
            if (!image.isContentOf(file)) { // Windows: another process has loaded the file, and so has written it
                throw e;
            }
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void refuseIfOthersMayWrite(Path folder) throws IOException {
        if (POSIX) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
            if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new IOException(folder + ": expected a folder that its owner alone may write, found "
                        + PosixFilePermissions.toString(permissions));
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
