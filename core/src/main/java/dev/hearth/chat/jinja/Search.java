package dev.hearth.chat.jinja;

/** Finds strings in strings in linear time: a long needle goes by its failure table (Knuth, Morris and Pratt 1977). */
final class Search {
    private static final int SHORT = 32;

    private Search() {}

    /** First offset from {@code from} on, -1 if there is none. */
    static int indexOf(Budget budget, String text, String needle, int from) {
        if (needle.length() <= SHORT || text.length() - from < 8 * SHORT) {
            int found = text.indexOf(needle, from);
            budget.scan((found < 0 ? text.length() : found) - from);
            return found;
        }
        budget.scan(needle.length() + (long) text.length() - from);
        int[] failure = failures(needle);
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != needle.charAt(matched)) {
                matched = failure[matched - 1];
            }
            if (text.charAt(i) == needle.charAt(matched) && ++matched == needle.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    /** Last offset at which the needle ends at or before {@code to}, -1 if there is none. */
    static int lastIndexOf(Budget budget, String text, String needle, int to) {
        if (needle.length() > to) {
            return -1;
        }
        if (needle.length() <= SHORT) {
            int found = text.lastIndexOf(needle, to - needle.length());
            budget.scan(to - Math.max(found, 0));
            return found;
        }
        String reversed = new StringBuilder(text.substring(0, to)).reverse().toString();
        int found =
                indexOf(budget, reversed, new StringBuilder(needle).reverse().toString(), 0);
        return found < 0 ? -1 : to - found - needle.length();
    }

    private static int[] failures(String needle) {
        int[] failure = new int[needle.length()];
        int matched = 0;
        for (int i = 1; i < failure.length; i++) {
            while (matched > 0 && needle.charAt(i) != needle.charAt(matched)) {
                matched = failure[matched - 1];
            }
            if (needle.charAt(i) == needle.charAt(matched)) {
                matched++;
            }
            failure[i] = matched;
        }
        return failure;
    }
}
