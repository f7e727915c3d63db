package dev.hearth.gpu;

import dev.hearth.tensor.Buffer;

/** Memory of a GPU. */
record GpuBuffer(long address, long byteSize) implements Buffer {}
