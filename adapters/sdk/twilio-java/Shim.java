import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.twilio.security.RequestValidator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Puts twilio-java behind the validator protocol, as a servlet calls it: a form is a map of
 * request.getParameter(name), the first value of each name; any other body is a String.
 */
class Shim {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever logs there
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode asked = JSON.readTree(line);
            Map<String, Object> answer = new HashMap<>();
            answer.put("id", asked.get("id"));
            answer.put("used", asked.has("params") ? "params" : "body");
            try {
                answer.put("valid", validate(asked));
            } catch (Exception thrown) {
                answer.put("error", thrown.toString());
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }

    private static boolean validate(JsonNode asked) throws IOException, URISyntaxException {
        RequestValidator validator = new RequestValidator(asked.get("authToken").textValue());
        String url = asked.get("url").textValue();
        String signature = asked.path("signature").textValue(); // null if absent, as request.getHeader
        String body = asked.has("bodyBase64")
            ? new String(asked.get("bodyBase64").binaryValue(), StandardCharsets.UTF_8)
            : asked.path("body").asText();
        boolean nothing = body.isEmpty() && !asked.has("contentType");
        if (asked.has("params") || isForm(asked.path("contentType").asText()) || nothing) {
            return validator.validate(url, postParameters(asked, body), signature);
        }
        return validator.validate(url, body, signature);
    }

    private static Map<String, String> postParameters(JsonNode asked, String body) {
        Map<String, String> parameters = new HashMap<>();
        if (asked.has("params")) {
            for (JsonNode param : asked.get("params")) {
                parameters.putIfAbsent(param.get(0).textValue(), param.get(1).textValue());
            }
        } else if (asked.get("method").textValue().equals("POST")) {
            for (String pair : body.split("&")) {
                String[] parts = pair.split("=", 2);
                String value = parts.length < 2 ? "" : parts[1];
                if (!pair.isEmpty()) {
                    parameters.putIfAbsent(decode(parts[0]), decode(value));
                }
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static boolean isForm(String contentType) {
        return contentType.split(";", 2)[0].strip().equalsIgnoreCase("application/x-www-form-urlencoded");
    }
}
