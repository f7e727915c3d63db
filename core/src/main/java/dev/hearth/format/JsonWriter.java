package dev.hearth.format;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes {@link Json} as compact text. */
public final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonWriter() {}

    /** One line, no spaces. NaN and infinities, which JSON lacks, are written as Python does. */
    public static String write(Json json) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(json, generator);
        }
        return out.toString();
    }

    private static void write(Json json, JsonGenerator out) {
        switch (json) {
            case Json.Obj object -> {
                out.writeStartObject();
                object.members().forEach((name, value) -> {
                    out.writeName(name);
                    write(value, out);
                });
                out.writeEndObject();
            }
            case Json.Arr array -> {
                out.writeStartArray();
                array.elements().forEach(value -> write(value, out));
                out.writeEndArray();
            }
            case Json.Str string -> out.writeString(string.value());
            case Json.Int integer -> out.writeNumber(integer.value());
            case Json.Real real -> {
                if (Double.isFinite(real.value())) {
                    out.writeNumber(real.value());
                } else {
                    out.writeRawValue(Double.toString(real.value()));
                }
            }
            case Json.Bool bool -> out.writeBoolean(bool.value());
            case Json.Null none -> out.writeNull();
        }
    }
}
