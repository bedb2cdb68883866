// Tests your validator with the vectors of sigconform, in your own test suite.
//
// 1. sigconform vectors export --out src/test/resources     # once, and again for newer vectors; commit the file
// 2. Put your validator into validate().
// 3. mvn test -Dtest=TwilioSignatureTest, or gradle test; it takes junit-jupiter and jackson-databind
//
// known-failures.txt in the same folder, if there is one, lists what is known to fail: an id and a reason on each line.
// until=2027-01-31 in the reason is the last day (UTC) on which that is excused.

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TwilioSignatureTest {
    // ---- BEGIN your validator --------------------------------------------------------------------
    /**
     * Returns true if the signature is right. vector has authToken, method, url and, where the request has them,
     * product, contentType, params ([[name, value], …]) and signature.
     */
    static boolean validate(JsonNode vector, byte[] body) throws Exception {
        throw new UnsupportedOperationException("put your validator into validate()");
    }
    // ---- END your validator ----------------------------------------------------------------------

    @TestFactory
    List<DynamicTest> vectors() throws IOException {
        JsonNode export = new ObjectMapper().readTree(resource("/vectors.json"));
        Map<String, String> known = new HashMap<>();
        InputStream list = resource("/known-failures.txt");
        if (list != null) {
            for (String line : new String(list.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.isBlank() && !line.startsWith("#")) known.put(line.strip().split("\\s+")[0], line.strip());
            }
        }
        List<DynamicTest> tests = new ArrayList<>();
        Set<String> unknown = new HashSet<>(known.keySet());
        for (JsonNode vector : export.get("vectors")) {
            String id = vector.get("id").textValue();
            unknown.remove(id);
            tests.add(DynamicTest.dynamicTest(id, () -> test(vector, known.get(id))));
        }
        int read = tests.size();
        tests.add(DynamicTest.dynamicTest("no vector is lost", () -> {
            assertEquals(1, export.get("format").intValue());
            assertTrue(read > 0);
            assertEquals(export.get("count").intValue(), read);
            assertEquals(Set.of(), unknown, "known-failures.txt names no vector");
            known.values().forEach(TwilioSignatureTest::until); // throws if it is no date
        }));
        return tests;
    }

    /** The last day on which an entry excuses anything; today if it has none. */
    private static LocalDate until(String entry) {
        for (String word : entry.split("\\s+")) {
            if (word.startsWith("until=")) return LocalDate.parse(word.substring("until=".length()));
        }
        return LocalDate.now(ZoneOffset.UTC);
    }

    private static void test(JsonNode vector, String known) throws IOException {
        boolean valid = vector.get("expected").textValue().equals("valid");
        String id = vector.get("id").textValue(), answer;
        boolean accepted = false;
        try {
            accepted = validate(vector, vector.get("bodyBase64").binaryValue());
            answer = accepted ? "it is accepted" : "it is rejected";
        } catch (Exception thrown) { // an error keeps a forged request out, and a genuine one
            answer = "it threw " + thrown;
        }
        if (known != null) {
            assertFalse(accepted == valid, id + " passes: take it out of known-failures.txt");
            assertFalse(until(known).isBefore(LocalDate.now(ZoneOffset.UTC)),
                "known until " + until(known) + ", which is over: fix it, or give it another date (" + known + ")");
        } else assertTrue(accepted == valid, id + ": " + vector.get("comment").textValue() + ": "
            + vector.get("expected").textValue() + ", but " + answer);
    }

    private static InputStream resource(String name) {
        return TwilioSignatureTest.class.getResourceAsStream(name);
    }
}
