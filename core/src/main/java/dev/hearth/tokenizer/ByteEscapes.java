package dev.hearth.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Tokens of RWKV's World vocabulary as GGUF files spell them: {@code \t}, {@code \n}, {@code \r}, {@code \xE4}, else UTF-8. */
final class ByteEscapes {
    private ByteEscapes() {}

    static byte[] bytesOf(String token) {
        byte[] utf8 = token.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(utf8.length);
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] != '\\' || i + 1 == utf8.length) {
                out.write(utf8[i]);
                continue;
            }
            byte kind = utf8[++i];
            int high = kind == 'x' && i + 2 < utf8.length ? Character.digit(utf8[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(utf8[i + 2], 16) : -1;
            if (low >= 0) {
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(
                        switch (kind) {
                            case 't' -> '\t';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> kind;
                        });
            }
        }
        return out.toByteArray();
    }
}
