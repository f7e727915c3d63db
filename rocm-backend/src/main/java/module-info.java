/** AMD GPUs: HIP's driver interface through the Foreign Function and Memory API. */
@org.jspecify.annotations.NullMarked
module dev.hearth.rocm {
    requires transitive dev.hearth;
    requires dev.hearth.ffi;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.hearth.rocm;

    provides dev.hearth.spi.BackendProvider with
            dev.hearth.rocm.RocmBackendProvider;
}
