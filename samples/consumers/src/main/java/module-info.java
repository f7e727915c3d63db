/** An application that embeds Hearth; the CPU backend is not named here, as the module system finds it by the service it provides. */
module consumer {
    requires dev.hearth;
    requires dev.hearth.tinymodel;
}
