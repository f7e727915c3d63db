/** The hearth command line: runs, chats, scores, tokenises and looks into models. */
@org.jspecify.annotations.NullMarked
module dev.hearth.cli {
    requires dev.hearth;
    requires dev.hearth.cpu;
    requires dev.hearth.tinymodel;
    requires info.picocli;
    requires java.management;
    requires jdk.unsupported; // sun.misc.Signal
    requires static org.jspecify;

    opens dev.hearth.cli to
            info.picocli;
}
