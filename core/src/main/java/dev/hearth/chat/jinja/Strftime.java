package dev.hearth.chat.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code datetime.strftime} in the C locale, with glibc's flags. The time has no zone. */
final class Strftime {
    private static final int COST = 1000; // what a directive weighs beside a character

    private Strftime() {}

    static String format(Budget budget, LocalDateTime time, String format) {
        budget.chars(format.length());
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int at = i + 1;
            while (at < format.length() && "-_0^#".indexOf(format.charAt(at)) >= 0) {
                at++;
            }
            String flags = format.substring(i + 1, at);
            String text = at < format.length() ? directive(time, format.charAt(at)) : null;
            if (text == null) {
                out.append(format, i, Math.min(at + 1, format.length()));
            } else {
                budget.chars(COST + text.length());
                out.append(flagged(text, flags));
            }
            i = at;
        }
        budget.chars(out.length());
        return out.toString();
    }

    private static String flagged(String text, String flags) {
        if (flags.isEmpty()) {
            return text;
        }
        String result = text;
        switch (flags.charAt(flags.length() - 1)) {
            case '-' -> result = text.replaceFirst("^[0 ]+(?=\\d)", "");
            case '_' -> {
                String bare = text.replaceFirst("^0+(?=\\d)", "");
                result = " ".repeat(text.length() - bare.length()) + bare;
            }
            case '0' -> result = text.replace(' ', '0');
            case '^' -> result = text.toUpperCase(Locale.ROOT);
            default ->
                result = text.chars().anyMatch(Character::isLowerCase)
                        ? text.toUpperCase(Locale.ROOT)
                        : text.toLowerCase(Locale.ROOT);
        }
        return result;
    }

    private static @Nullable String directive(LocalDateTime t, char directive) {
        String ofTime = time(t, directive);
        return ofTime == null ? date(t, directive) : ofTime;
    }

    private static @Nullable String time(LocalDateTime t, char directive) {
        int hour12 = (t.getHour() + 11) % 12 + 1;
        return switch (directive) {
            case 'c' -> format(t, "a b e H:M:S Y");
            case 'f' -> "%06d".formatted(t.getNano() / 1000);
            case 'H' -> two(t.getHour());
            case 'I' -> two(hour12);
            case 'k' -> "%2d".formatted(t.getHour());
            case 'l' -> "%2d".formatted(hour12);
            case 'M' -> two(t.getMinute());
            case 'n' -> "\n";
            case 'p' -> t.getHour() < 12 ? "AM" : "PM";
            case 'P' -> t.getHour() < 12 ? "am" : "pm";
            case 'r' -> format(t, "I:M:S p");
            case 'R' -> format(t, "H:M");
            case 's' -> Long.toString(ChronoUnit.SECONDS.between(LocalDateTime.of(1970, 1, 1, 0, 0), t));
            case 'S' -> two(t.getSecond());
            case 't' -> "\t";
            case 'T', 'X' -> format(t, "H:M:S");
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> null;
        };
    }

    private static @Nullable String date(LocalDateTime t, char directive) {
        int weekday = t.getDayOfWeek().getValue() % 7; // Sunday is 0
        return switch (directive) {
            case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> t.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'C' -> two(t.getYear() / 100);
            case 'd' -> two(t.getDayOfMonth());
            case 'D', 'x' -> format(t, "m/d/y");
            case 'e' -> "%2d".formatted(t.getDayOfMonth());
            case 'F' -> format(t, "Y-m-d");
            case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
            case 'j' -> "%03d".formatted(t.getDayOfYear());
            case 'm' -> two(t.getMonthValue());
            case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
            case 'U' -> two((t.getDayOfYear() + 6 - weekday) / 7);
            case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'w' -> Integer.toString(weekday);
            case 'W' -> two((t.getDayOfYear() + 6 - (weekday + 6) % 7) / 7);
            case 'y' -> two(t.getYear() % 100);
            case 'Y' -> Integer.toString(t.getYear());
            default -> null;
        };
    }

    /** Directives by their letters, other characters as they are. */
    private static String format(LocalDateTime t, String letters) {
        var out = new StringBuilder();
        letters.chars().forEach(c -> {
            String text = Character.isLetter(c) ? directive(t, (char) c) : null;
            out.append(text == null ? Character.toString(c) : text);
        });
        return out.toString();
    }

    private static String two(int value) {
        return value < 10 ? "0" + value : Integer.toString(value);
    }
}
