/**
 * Loads the C library and holds every call to it against the sizes of what it is given, and GPUs whatever their vendor; restricted calls
 * are made here alone.
 */
@org.jspecify.annotations.NullMarked
module dev.hearth.ffi {
    requires transitive dev.hearth;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.hearth.ffi to
            dev.hearth.cpu,
            dev.hearth.cuda,
            dev.hearth.rocm;
    exports dev.hearth.gpu to
            dev.hearth.cuda,
            dev.hearth.rocm;
}
