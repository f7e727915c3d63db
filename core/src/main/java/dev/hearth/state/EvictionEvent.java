package dev.hearth.state;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Kept prefixes go, since pages run short. */
@Name("dev.hearth.Eviction")
@Label("Eviction")
@Description("Pages of former sequences go, to make room")
@Category("Hearth")
@StackTrace(false)
final class EvictionEvent extends Event {
    @Label("Pages")
    @Description("Pages' worth of tokens that went")
    int pages;

    @Label("Kept Pages")
    @Description("Pages' worth of tokens that are still kept, in use or not")
    int keptPages;

    /** Records that so many went and so many are still kept, if anybody wants to know. */
    static void happened(int pages, int keptPages) {
        EvictionEvent event = new EvictionEvent();
        if (event.shouldCommit()) {
            event.pages = pages;
            event.keptPages = keptPages;
            event.commit();
        }
    }
}
