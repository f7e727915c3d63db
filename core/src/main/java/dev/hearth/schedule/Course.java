package dev.hearth.schedule;

/** What has happened to a sequence, with times in nanoseconds by the loop's clock. The loop's thread, once it is submitted. */
final class Course {
    final RequestEvent event = new RequestEvent();
    final long submitted;
    long started;
    long firstToken;
    long lastToken;
    int promptTokens;
    int cachedTokens;
    int outputTokens;
    int preemptions;

    /** Of one that is submitted now. */
    Course(long now) {
        submitted = now;
        event.begin();
    }
}
