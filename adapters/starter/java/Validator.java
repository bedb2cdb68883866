// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
// 1. Put your validator into validate(), between the two marks.
// 2. Run the vectors:  sigconform run -- java Validator.java
//    With your classes or the SDK:  sigconform run -- java -cp my-app.jar Validator.java
//
// Java 17 or later; nothing to install: it reads JSON itself.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Validator {
    /** Throw it where your function cannot be given such a request: the vector is skipped. */
    static class Unsupported extends RuntimeException {
        Unsupported(String why) { super(why); }
    }

    /** A request. What is null was absent, and absent is not empty. */
    record Request(String id, String authToken, String method,
                   String url,              // as it is configured at Twilio, with the query
                   String product,          // "voice", "messaging", or null: you are not told
                   String contentType, byte[] body,
                   List<List<String>> params, // the decoded form, as [name, value]; null where the request has no form
                   String signature,
                   String settings,         // X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
                   Map<String, String> sharedKeys) { // those that the application is configured with, id to secret
        /** The first value of each name, as request.getParameter gives it. */
        Map<String, String> form() {
            Map<String, String> form = new LinkedHashMap<>();
            for (List<String> param : params == null ? List.<List<String>>of() : params) form.putIfAbsent(param.get(0), param.get(1));
            return form;
        }
    }

    // ---- BEGIN your validator --------------------------------------------------------------------
    /** Returns true if the signature is right. What it throws counts as an error (a 500). */
    static boolean validate(Request request) throws Exception {
        // Your own function, called as your application calls it:
        //
        //   if (request.params() == null && request.body().length > 0) throw new Unsupported("the application takes forms only");
        //   return MyApp.isGenuine(request.authToken(), request.url(), request.form(), request.signature());
        //
        // The official SDK (com.twilio.sdk:twilio):
        //
        //   var sdk = new com.twilio.security.RequestValidator(request.authToken());
        //   if (request.params() != null || request.body().length == 0)
        //       return sdk.validate(request.url(), request.form(), request.signature());
        //   return sdk.validate(request.url(), new String(request.body(), StandardCharsets.UTF_8), request.signature());
        //
        // SharedKeys take a few lines more. The SDK (12.1) knows HMAC_SHA1 alone; HMAC_SHA256 is javax.crypto's Mac "HmacSHA256".
        //
        //   String named = request.settings();
        //   String secret = named == null ? request.authToken() : request.sharedKeys().get(idNamedIn(named));
        //   if (secret == null) return false; // an id that is not known
        throw new UnsupportedOperationException("put your validator into validate()");
    }

    /** What validate() reads of a form; write "body" if it decodes the body itself. */
    static final String USED = "params";
    // ---- END your validator ----------------------------------------------------------------------

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what your code prints is no answer
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            out.print(answer(requestOf(new Json(line).object())) + "\n");
            out.flush();
        }
    }

    static String answer(Request request) {
        String said;
        try {
            said = "\"valid\":" + validate(request) + (request.params() == null ? "" : ",\"used\":" + quote(USED));
        } catch (Unsupported why) {
            said = "\"unsupported\":" + quote(String.valueOf(why.getMessage()));
        } catch (Throwable thrown) {
            said = "\"error\":" + quote(thrown.toString());
        }
        return "{\"id\":" + quote(request.id()) + "," + said + "}";
    }

    @SuppressWarnings("unchecked")
    static Request requestOf(Map<String, Object> fields) {
        Object base64 = fields.get("bodyBase64");
        byte[] body = base64 == null ? ((String) fields.getOrDefault("body", "")).getBytes(StandardCharsets.UTF_8)
            : Base64.getDecoder().decode((String) base64);
        Map<String, String> keys = new LinkedHashMap<>();
        for (Map<String, String> key : (List<Map<String, String>>) fields.getOrDefault("sharedKeys", List.of())) {
            keys.put(key.get("id"), key.get("secret"));
        }
        return new Request((String) fields.get("id"), (String) fields.get("authToken"), (String) fields.get("method"),
            (String) fields.get("url"), (String) fields.get("product"), (String) fields.get("contentType"), body,
            (List<List<String>>) fields.get("params"), (String) fields.get("signature"),
            (String) fields.get("signatureSettings"), keys);
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c < ' ' || c == '"' || c == '\\' || c > '~') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    /** As much of JSON as the protocol needs. */
    static class Json {
        private final String text;
        private int at;

        Json(String text) { this.text = text; }

        Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            expect('{');
            while (!is('}')) {
                String name = string();
                expect(':');
                object.put(name, value());
                if (!is(',')) { expect('}'); break; }
            }
            return object;
        }

        private Object value() {
            if (peek() == '{') return object();
            if (peek() == '"') return string();
            if (is('[')) {
                List<Object> list = new ArrayList<>();
                while (!is(']')) {
                    list.add(value());
                    if (!is(',')) { expect(']'); break; }
                }
                return list;
            }
            int start = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
            String word = text.substring(start, at);
            return word.equals("null") ? null : word; // numbers and booleans come in fields that a later version may add
        }

        private String string() {
            expect('"');
            StringBuilder out = new StringBuilder();
            for (char c; (c = text.charAt(at++)) != '"'; ) {
                if (c != '\\') { out.append(c); continue; }
                c = text.charAt(at++);
                if (c == 'u') { out.append((char) Integer.parseInt(text.substring(at, at += 4), 16)); continue; }
                int escape = "bfnrt".indexOf(c);
                out.append(escape < 0 ? c : "\b\f\n\r\t".charAt(escape));
            }
            return out.toString();
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) at++;
            return text.charAt(at);
        }

        private boolean is(char c) {
            if (peek() != c) return false;
            at++;
            return true;
        }

        private void expect(char c) {
            if (!is(c)) throw new IllegalStateException("a " + c + " is missing in the request, at " + at);
        }
    }
}
