/** Loads open-weight language models and generates, chats and scores in process; a backend supplies the arithmetic. */
@org.jspecify.annotations.NullMarked
module dev.hearth {
    requires org.slf4j;
    requires tools.jackson.core;
    requires static org.jspecify;
    requires java.management;
    requires jdk.management;

    exports dev.hearth.format;
    exports dev.hearth.layer;
    exports dev.hearth.model;
    exports dev.hearth.model.arch;
    exports dev.hearth.sample;
    exports dev.hearth.spi;
    exports dev.hearth.spi.host;
    exports dev.hearth.spi.reference;
    exports dev.hearth.tensor;

    uses dev.hearth.spi.BackendProvider;
}
