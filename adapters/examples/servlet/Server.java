import com.twilio.security.RequestValidator;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;

/**
 * A webhook as a servlet in Jetty, behind a filter with the validator of Twilio's SDK as Twilio's
 * tutorial has it: what getParameterMap() has besides the names of the query is signed, whatever
 * the content type.
 */
class Server {
    public static void main(String[] args) throws Exception {
        ServletContextHandler handler = new ServletContextHandler("/");
        handler.addFilter(new Signed(), "/*", EnumSet.of(DispatcherType.REQUEST));
        handler.addServlet(new Sms(), "/sms");
        int port = Integer.parseInt(System.getenv("PORT"));
        org.eclipse.jetty.server.Server server =
            new org.eclipse.jetty.server.Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(handler);
        server.start();
        server.join();
    }

    static class Sms extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("text/xml");
            response.getWriter().print("<Response><Message>Hello</Message></Response>");
        }
    }

    static class Signed implements Filter {
        private final RequestValidator validator = new RequestValidator(System.getenv("TWILIO_AUTH_TOKEN"));

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
            HttpServletRequest http = (HttpServletRequest) request;
            String signature = http.getHeader("X-Twilio-Signature");
            if (validator.validate(urlOf(http), parametersOf(http), signature)) {
                chain.doFilter(request, response);
            } else {
                ((HttpServletResponse) response).sendError(HttpServletResponse.SC_FORBIDDEN);
            }
        }

        private static String urlOf(HttpServletRequest request) {
            String query = request.getQueryString();
            return request.getRequestURL() + (query == null || query.isEmpty() ? "" : "?" + query);
        }

        /** The first value of each parameter whose name is not in the query. */
        private static Map<String, String> parametersOf(HttpServletRequest request) {
            Set<String> inQuery = new HashSet<>();
            if (request.getQueryString() != null) {
                for (String pair : request.getQueryString().split("&")) {
                    inQuery.add(pair.split("=", 2)[0]);
                }
            }
            Map<String, String> parameters = new HashMap<>();
            request.getParameterMap().forEach((name, values) -> {
                if (!inQuery.contains(name)) {
                    parameters.put(name, values[0]);
                }
            });
            return parameters;
        }
    }
}
