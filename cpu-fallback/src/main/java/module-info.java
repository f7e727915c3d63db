/** The CPU backend: worker threads, and operations in C, by the Vector API where its module is resolved, or by plain loops. */
@org.jspecify.annotations.NullMarked
module dev.hearth.cpu {
    requires transitive dev.hearth;
    requires dev.hearth.ffi;
    requires org.slf4j;
    requires static jdk.incubator.vector;
    requires static org.jspecify;

    exports dev.hearth.cpu;

    provides dev.hearth.spi.BackendProvider with
            dev.hearth.cpu.CpuBackendProvider;
}
