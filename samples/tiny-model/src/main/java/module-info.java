/** Carries a small real language model as resources and puts it into a folder for whoever loads it. */
@org.jspecify.annotations.NullMarked
module dev.hearth.tinymodel {
    requires static org.jspecify;

    exports dev.hearth.tinymodel;
}
