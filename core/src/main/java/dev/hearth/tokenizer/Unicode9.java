package dev.hearth.tokenizer;

import java.lang.Character.UnicodeScript;
import java.util.BitSet;
import java.util.Optional;

/**
 * Unicode 9, by which Hugging Face's tokenizers normalise and tell scripts (by way of the crates unicode-normalization-alignments
 * and unicode-script), where the JDK has a newer one.
 */
final class Unicode9 {
    /** What later versions brought, as hexadecimal ranges; among it code points that are still unassigned. */
    private static final BitSet LATER =
            parse("558 560 588 58B-58C 5C8-5C9 5EF 61D 7FD-7FF 860-89F 8B5 8BE-8D3 9FC-9FE A76 AFA-AFF "
                    + "B53-B55 C04 C3C C5C-C5D C77 C84 CDC-CDD CF3-D00 D04 D3B-D3C D81 E86 E89 E8C E8E-E93 E98 "
                    + "EA0 EA8-EA9 EAC EBA ECE 170D 1715-171F 180F 1878 1ABF-1AF0 1B4C-1B4F 1B7D-1B7F 1C89-1CBF "
                    + "1CF7 1CFA 1DF6-1DFA 208F 209D-209F 20BF-20C4 23FF 2427-2429 2B96-2B97 2BBA-2BBC 2BC9 "
                    + "2BD2-2BEB 2BF0-2BFF 2C2F 2C5F 2E45-2E63 2FFC-2FFF 312E-312F 31BB-31BF 31E4-31EF 32FF "
                    + "4DB6-4DBF 9FD6-9FFF A7AF A7B8-A7F6 A82C A8FE-A8FF AB66-AB6D FBC2-FBD2 FD40-FD4F FD90-FD91 "
                    + "FDC8-FDCF FDFE-FDFF 1019C 1032D-1032F 10570-105F3 10780-107BF 10940-10959 10A34-10A35 "
                    + "10A48 10D00-10D8F 10E80-10FF6 11070-11075 110C2-110CD 11144-11147 111CE-111CF 1123F-11241 "
                    + "1133B 11380-113E2 1145A 1145E-11461 116B8-116B9 116D0-116E3 1171A 11740-1183B 11900-11ABF "
                    + "11B00-11BF9 11D00-11FFF 1246F 12475-1247F 12550-12FF2 1342F-143FA 16100-16139 16A70-16AC9 "
                    + "16D40-16ED3 16F45-16F4F 16F7F-16F87 16FE1-16FF6 187ED-187FF 18AF3-1AFFE 1B002-1B2FB "
                    + "1CC00-1CFC3 1D127-1D128 1D1E9-1D1FF 1D250-1D2F3 1D372-1D378 1D6A6 1DB00-1DFFF 1E030-1E7FE "
                    + "1E94B 1EC71-1ED3D 1F10D-1F10F 1F12F 1F16C-1F16F 1F1AD-1F1AE 1F260-1F265 1F6D3-1F6DF "
                    + "1F6F7-1F6FC 1F774-1F77F 1F7D5-1F7FF 1F8B0-1F90F 1F91F 1F928-1F92F 1F931-1F932 1F93F "
                    + "1F94C-1F94F 1F95F-1F97F 1F992-1F9BF 1F9C1-1FBFA 2A6D7-2A6DF 2B735-2B73F 2B81E 2CEA2-2EE5D "
                    + "30000-3FC3F");

    private Unicode9() {}

    /** Whether the code point was unassigned: it then decomposes into nothing, composes with nothing and is no mark. */
    static boolean isLater(int c) {
        return c >= 0x558 && LATER.get(c);
    }

    /** Categories M. */
    static boolean isMark(int c) {
        // These two are letters now, the last was punctuation.
        return c == 0x1CF2 || c == 0x1CF3 || (CharClass.isMark(c) && c != 0x111C9 && !isLater(c));
    }

    /** The script of a character that has one. */
    static Optional<UnicodeScript> scriptOf(int c) {
        UnicodeScript script = switch (c) {
            case 0x589, 0x61C -> UnicodeScript.COMMON; // Armenian and Arabic now
            case 0x953, 0x954 -> UnicodeScript.DEVANAGARI; // these take their neighbour's now
            default -> UnicodeScript.of(c);
        };
        return script == UnicodeScript.UNKNOWN || isLater(c) ? Optional.empty() : Optional.of(script);
    }

    /** Code points from ranges such as {@code 5C8-5C9 5EF}. */
    static BitSet parse(String ranges) {
        BitSet set = new BitSet();
        for (String range : ranges.split(" ")) {
            String[] ends = range.split("-");
            set.set(Integer.parseInt(ends[0], 16), Integer.parseInt(ends[ends.length - 1], 16) + 1);
        }
        return set;
    }
}
