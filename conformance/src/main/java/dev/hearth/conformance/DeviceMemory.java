package dev.hearth.conformance;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import java.lang.foreign.MemorySegment;

/**
 * Moves bytes between the kit and the memory of a device. {@link dev.hearth.spi.Device} has no such calls yet, so a backend
 * whose buffers are not {@link HostBuffer} supplies its own.
 */
public interface DeviceMemory {
    /** For devices whose buffers are host memory. */
    DeviceMemory HOST = new DeviceMemory() {
        @Override
        public void upload(Buffer to, MemorySegment bytes) {
            MemorySegment.copy(bytes, 0, ((HostBuffer) to).segment(), 0, bytes.byteSize());
        }

        @Override
        public void download(MemorySegment bytes, Buffer from) {
            MemorySegment.copy(((HostBuffer) from).segment(), 0, bytes, 0, bytes.byteSize());
        }
    };

    /** Fills the start of a buffer; done when it returns. */
    void upload(Buffer to, MemorySegment bytes);

    /** Fills {@code bytes} from the start of a buffer, once all that is enqueued is done. */
    void download(MemorySegment bytes, Buffer from);
}
