/** Loads open-weight language models and generates, chats and scores in process; a backend supplies the arithmetic. */
@org.jspecify.annotations.NullMarked
module dev.hearth {
    requires java.management;
    requires jdk.jfr;
    requires jdk.management;
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;

    exports dev.hearth;
    exports dev.hearth.adapter;
    exports dev.hearth.chat;
    exports dev.hearth.convert;
    exports dev.hearth.embedding;
    exports dev.hearth.format;
    exports dev.hearth.layer;
    exports dev.hearth.model;
    exports dev.hearth.model.arch;
    exports dev.hearth.quantize;
    exports dev.hearth.sample;
    exports dev.hearth.schedule;
    exports dev.hearth.spi;
    exports dev.hearth.spi.host;
    exports dev.hearth.spi.reference;
    exports dev.hearth.state;
    exports dev.hearth.tensor;
    exports dev.hearth.tokenizer;

    uses dev.hearth.spi.BackendProvider;
}
