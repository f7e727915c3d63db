/** Loads open-weight language models and generates, chats and scores in process; a backend supplies the arithmetic. */
@org.jspecify.annotations.NullMarked
module dev.hearth {
    requires org.slf4j;
    requires tools.jackson.core;
    requires static org.jspecify;

    exports dev.hearth.chat;
    exports dev.hearth.format;
    exports dev.hearth.tensor;
    exports dev.hearth.tokenizer;
}
