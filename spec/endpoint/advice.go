// This file is the one table of what frameworks and proxies get wrong, and of the
// lines that fix it. How the one that answered is recognized, and which lines
// are said, is in recognize.go.

package endpoint

// A weak ETag of a length and a SHA-1, as Express and Next make them.
const expressETag = `^W/"[0-9a-f]+-[A-Za-z0-9+/]{27}"$`

// Paths that are rewritten by a proxy which decodes, cleans and escapes them.
const decoded = "[^A-Za-z0-9/._~-]|//|/\\.\\.?(/|$)"

var frameworks = []framework{
	{name: "Express", signs: []sign{
		{"X-Powered-By", `^Express$`, byName},
		{"", `<pre>Cannot (GET|POST|PUT) /`, likeness},
		{"ETag", expressETag, likeness},
		{"Set-Cookie", `^connect\.sid=`, likeness},
	}, advice: advice{
		origin: "app.set('trust proxy', 1), then req.protocol and req.get('host'); with the SDK " +
			"webhook({protocol: 'https', host: '…'}), or its url",
		target: "take req.originalUrl: in a mounted router req.url lacks the prefix",
		body:   "keep the raw bytes: express.json({verify: (req, res, buf) => { req.rawBody = buf }})",
		form: "express.urlencoded({extended: false}) before the validator, and hand it req.body; in Express 5 that loses brackets " +
			"around names: keep req.rawBody by verify, and take the pairs of new URLSearchParams(req.rawBody.toString())",
		refusal: "return res.status(403).end() before next() is called",
		guard: "put the guard into the route, app.post('/sms', guard, handler), not before it with a comparison " +
			"of req.path",
		csrf: "mount the webhook's route before csurf, or leave it out",
		socket: "with ws verify in the server's 'upgrade' event and return after the refusal; express-ws answers 101 " +
			"before any middleware: only " +
			"verifyClient refuses, and its originalUrl ends in /.websocket",
	}},
	{name: "Nest", signs: []sign{{"", `^\{"message":"(Cannot [A-Z]+ /|Forbidden).*"statusCode":\d+\}$`, specific}}, advice: advice{
		origin:  "app.set('trust proxy', 1) on the NestExpressApplication",
		target:  "take req.originalUrl",
		body:    "NestFactory.create(AppModule, {rawBody: true}), then req.rawBody",
		form:    "hand the validator req.body, before a pipe or a DTO changes it",
		refusal: "let the guard return false, or throw a ForbiddenException",
		guard:   "put @UseGuards on the controller, in place of a middleware with forRoutes",
	}},
	{name: "Fastify", signs: []sign{
		{"", `^\{"statusCode":\d+,"(code|error)":`, likeness},
		{"", `"message":"Route [A-Z]+:/`, specific},
		{"Keep-Alive", `timeout=72`, likeness},
	}, advice: advice{
		origin: "Fastify({trustProxy: true}), then request.protocol and request.host",
		target: "take request.raw.url: request.url is rewritten by rewriteUrl",
		body: "addContentTypeParser('application/json', {parseAs: 'buffer'}, …), and parse after the check, in " +
			"preHandler (in onRequest there is no body)",
		form:    "@fastify/formbody before the preHandler, and hand over request.body",
		refusal: "return reply.code(403).send() from the hook; without return the handler runs",
		guard:   "put the preHandler into the route, not a hook that compares request.url",
		socket:  "with @fastify/websocket refuse in preValidation: the handler runs after the 101",
	}},
	{name: "Koa", signs: []sign{
		{"Set-Cookie", `^koa[.:]sess`, byName},
		{"X-Powered-By", `(?i)^koa`, byName},
		{"", `^Not Found$`, likeness},
		{"Keep-Alive", `timeout=5$`, faint},
	}, advice: advice{
		origin:  "app.proxy = true, then ctx.protocol and ctx.host",
		target:  "take ctx.originalUrl: ctx.url is changed by mounts",
		body:    "hash ctx.request.rawBody of the body parser, not JSON.stringify(ctx.request.body)",
		form:    "let the validator have the pairs of ctx.request.rawBody: the parser nests names",
		refusal: "ctx.throw(403), and no await next() before it",
		guard:   "put the guard into the route, router.post('/sms', guard, handler)",
	}},
	{name: "Hono", signs: []sign{
		{"", `^404 Not Found$`, likeness},
		{"Content-Type", `^text/plain; ?charset=UTF-8$`, faint},
		{"Keep-Alive", `timeout=5$`, faint},
	}, advice: advice{
		origin: "c.req.url has the server's own scheme and host: use the configured ones",
		target: "on Node take c.env.incoming.url, which is the raw target: c.req.url and c.req.raw.url may escape ' and \" of the " +
			"query",
		body:    "await c.req.text() once, and parse that text",
		form:    "new URLSearchParams of await c.req.text(); c.req.parseBody keeps one value for each name",
		refusal: "return c.text('Forbidden', 403) without next()",
		guard:   "put the middleware into the route, app.post('/sms', guard, handler)",
	}},
	{name: "Next", signs: []sign{
		{"X-Powered-By", `^Next\.js`, byName},
		{"Vary", `(?i)next-router-state-tree`, byName},
	}, advice: advice{
		origin: "request.url has the server's own host: put the configured origin before its path and query",
		target: "in pages/api take req.url, which is raw: request.url of a route handler escapes ' and \" of the query; trailingSlash " +
			"redirects /sms/",
		body: "await request.text() before anything parses it; in pages/api export const config = {api: " +
			"{bodyParser: false}}",
		form:    "new URLSearchParams(await request.text()), not request.formData()",
		refusal: "return new Response('Forbidden', {status: 403})",
		guard:   "verify in the route handler: matcher of a middleware is a pattern",
	}},
	{name: "AWS Lambda", signs: []sign{
		{"X-Amzn-Requestid", `.`, byName},
		{"Apigw-Requestid", `.`, byName},
		{"X-Amz-Apigw-Id", `.`, byName},
	}, advice: advice{
		origin:  "'https://' + event.requestContext.domainName, with the stage in the path",
		target:  "take rawPath and rawQueryString of the payload 2.0: queryStringParameters is parsed",
		body:    "decode event.body where event.isBase64Encoded is true",
		form:    "decode event.body where event.isBase64Encoded is true, then parse it as a form",
		refusal: "return {statusCode: 403}",
	}},
	{name: "Flask", signs: []sign{
		{"Server", `^Werkzeug/`, byName},
		{"Server", `(?i)^(gunicorn|waitress)`, faint},
		{"Set-Cookie", `^session=(eyJ|\.eJ)`, likeness},
		{"", `The CSRF (session )?tokens? (is|are|do|has)\b|The referrer header is missing`, likeness},
		{"", `(?s)^<!doctype html>\s*<html lang=en>\s*<title>\d{3} .*</title>\s*<h1>`, specific},
	}, advice: advice{
		origin: "app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1), and trusted_proxy if waitress serves it",
		target: "put request.scheme, '://', request.host and request.environ['RAW_URI'] (gunicorn, Werkzeug) " +
			"or ['REQUEST_URI'] (uWSGI, mod_wsgi) together in " +
			"place of request.url",
		body:    "request.get_data() before anything reads request.form or request.json",
		form:    "hand the validator request.form, of POST alone, not request.values",
		refusal: "abort(403), with @app.route above the decorator that checks",
		guard:   "put the check into a decorator of the view, not into before_request with a comparison of request.path",
		csrf:    "@csrf.exempt of Flask-WTF on the view",
		host:    "add the public host to TRUSTED_HOSTS",
	}},
	{name: "Django", dropsChunks: true, signs: []sign{
		{"Server", `^WSGIServer/`, byName},
		{"Server", `(?i)^(gunicorn|waitress)`, faint},
		{"Set-Cookie", `^(csrftoken|sessionid)=`, byName},
		{"Cross-Origin-Opener-Policy", `^same-origin$`, faint},
		{"Referrer-Policy", `^same-origin$`, likeness},
		{"", `<h1>Bad Request \(400\)</h1>|CSRF verification failed|DisallowedHost|SuspiciousOperation`, specific},
		{"", `(?s)^\s*<!doctype html>\s*<html lang="en">\s*<head>\s*<title>(Not Found|403 Forbidden)</title>`, specific},
	}, advice: advice{
		origin: "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https') and USE_X_FORWARDED_HOST = True " +
			"behind a proxy that sets both",
		target: "put scheme, host and request.META['RAW_URI'] together: build_absolute_uri() and get_full_path() " +
			"escape the path again",
		body: "request.body before anything reads request.POST",
		form: "hand the validator request.POST of POST alone, with all values (request.POST.lists()), not " +
			"dict(request.POST)",
		refusal: "return HttpResponseForbidden()",
		guard: "decorate the view (for a class view dispatch, so that each method is guarded), in place of a " +
			"middleware that compares request.path",
		csrf: "@csrf_exempt on the view; for a class view @method_decorator(csrf_exempt, name='dispatch')",
		host: "add the public host to ALLOWED_HOSTS",
	}},
	{name: "FastAPI", signs: []sign{
		{"Server", `^(uvicorn|hypercorn|daphne)`, byName},
		{"", `^\{"detail":`, specific},
	}, advice: advice{
		origin: "uvicorn --proxy-headers --forwarded-allow-ips=… , which believes X-Forwarded-Proto (not -Host)",
		target: "put scheme, Host, request.scope['raw_path'] and ['query_string'] together; behind a proxy that " +
			"strips a prefix, --root-path",
		body: "await request.body() in a dependency; where the route has Form(...) or File(...) parameters the stream is " +
			"consumed before that (\"Stream consumed\", a 500), and (await request.form()).multi_items() has the pairs",
		form: "check in Depends(…): Form(...) fields answer 422 after it, and to an empty Body as well (str = Form(\"\") takes one); " +
			"take all pairs, (await request.form()).multi_items(), not dict(form)",
		refusal: "raise HTTPException(403) in a dependency (Depends); return \"Forbidden\", 403 is a 200",
		guard: "put dependencies=[Depends(check)] on the route or the router, in place of a middleware that " +
			"compares request.url.path",
		host: "add the public host to TrustedHostMiddleware(allowed_hosts=[…])",
		socket: "await websocket.close(1008), or raise WebSocketException, before accept() is a 403; HTTPException " +
			"is a 500, and HTTP middleware never sees " +
			"a handshake",
	}},
	{name: "Tornado", signs: []sign{
		{"Server", `^TornadoServer/`, byName},
		{"", `<title>\d{3}: .*</title><body>\d{3}: `, likeness},
	}, advice: advice{
		origin:  "HTTPServer(app, xheaders=True) behind a proxy, then self.request.protocol",
		target:  "take self.request.uri",
		body:    "hash self.request.body",
		form:    "take self.request.body_arguments: get_argument strips, and has the query in it",
		refusal: "raise HTTPError(403) in prepare; set_status(403) goes on",
		csrf:    "let check_xsrf_cookie of the handler pass",
		socket:  "raise HTTPError(403) in prepare: open() runs after the 101",
	}},
	{name: "aiohttp", signs: []sign{
		{"Server", `aiohttp/`, byName},
		{"", `^\d{3}: [A-Z][A-Za-z ]+$`, likeness},
	}, advice: advice{
		origin:  "behind a proxy aiohttp_remotes.XForwardedStrict, or the configured scheme and host",
		target:  "take request.raw_path: request.url and query_string are decoded",
		body:    "await request.read()",
		form:    "parse await request.read() with keep_blank_values=True",
		refusal: "raise web.HTTPForbidden()",
		socket:  "raise web.HTTPForbidden() before ws.prepare(request)",
	}},
	{name: "Falcon", dropsChunks: true, signs: []sign{
		{"", `^\{"title": ?"`, specific},
	}, advice: advice{
		origin: "req.forwarded_prefix behind a proxy that sets X-Forwarded-Proto and -Host, or the configured scheme and host",
		target: "put req.scheme, '://', req.netloc and req.env['RAW_URI'] (gunicorn) or ['REQUEST_URI'] (uWSGI) together; in ASGI " +
			"req.scope['raw_path'] and ['query_string']",
		body:    "req.bounded_stream.read() (in ASGI await req.stream.read()) before anything reads req.media",
		form:    "parse the bytes of req.bounded_stream with parse_qsl(…, keep_blank_values=True); req.media and req.params lose some",
		refusal: "raise falcon.HTTPForbidden()",
		guard:   "put @falcon.before(check) on the resource, in place of a middleware that compares req.path",
	}},
	{name: "Bottle", signs: []sign{
		{"", `(?s)<title>Error: \d{3} .*</title>\s*<style type="text/css">`, specific},
	}, advice: advice{
		origin:  "the configured scheme and host: request.urlparts believes X-Forwarded-Host of anybody",
		target:  "put the scheme, '://', the host and request.environ['RAW_URI'] (gunicorn) or ['REQUEST_URI'] (uWSGI) together",
		body:    "request.body.read()",
		form:    "request.POST.decode(), with getall() of each name: request.forms are Latin-1, and request.params have the query in them",
		refusal: "abort(403)",
		guard:   "put the check on the route (apply=), in place of a hook that compares request.path",
	}},
	{name: "Spring", signs: []sign{
		{"", `^\{"timestamp":.*"status":\d+`, specific},
		{"", `Whitelabel Error Page`, specific},
		{"Cache-Control", `^no-cache, no-store, max-age=0, must-revalidate$`, likeness},
	}, advice: advice{
		origin: "server.forward-headers-strategy=native (or framework) behind a proxy that sets the headers",
		target: "getRequestURL() + '?' + getQueryString(); UriComponentsBuilder rewrites both",
		body: "read the stream in a filter with Ordered.HIGHEST_PRECEDENCE, wrapped so that it can be read " +
			"again, before any getParameter",
		form: "no @RequestBody for forms: it is rebuilt; parse the bytes of the wrapper, and leave " +
			"HiddenHttpMethodFilter off",
		refusal: "response.sendError(403) and return, without chain.doFilter",
		guard: "register the filter for /* or use a HandlerInterceptor with the handler's annotation, not a " +
			"comparison of getServletPath()",
		header: "request.getHeader(\"X-Twilio-Signature\"), or @RequestHeader(\"X-Twilio-Signature\")",
		csrf:   "http.csrf(c -> c.ignoringRequestMatchers(\"/sms\"))",
	}},
	{name: "servlets", signs: []sign{
		{"Server", `(?i)^(jetty|apache-coyote|tomcat)`, byName},
		{"", `HTTP Status \d{3} |Apache Tomcat`, byName},
		{"Set-Cookie", `^JSESSIONID=`, likeness},
	}, advice: advice{
		origin: "RemoteIpValve in Tomcat, ForwardedRequestCustomizer in Jetty",
		target: "getRequestURL() + '?' + getQueryString(): both are raw, getServletPath() is decoded",
		body:   "wrap the request and read its stream before any getParameter",
		form: "setCharacterEncoding(\"UTF-8\") before the first getParameter; getParameterMap() has the query " +
			"in it, so parse the bytes",
		refusal: "sendError(403) and return, without chain.doFilter",
		header:  "request.getHeader(\"X-Twilio-Signature\")",
		guard:   "map the filter to /*, or to the servlet by its name, and compare no path",
	}},
	{name: "Go", signs: []sign{
		{"", `^404 page not found\n?$`, likeness},
		{"", `^Cannot [A-Z]+ /[^<]*$`, likeness}, // fiber
		{"Server", `^fasthttp`, byName},
		{"", `^\{"message":"(Not Found|Forbidden)"\}\n$`, likeness},
		{"X-Content-Type-Options", `^nosniff$`, faint},
	}, advice: advice{
		origin:  "the scheme from the configuration, '://' and r.Host: r.URL has neither on a server",
		target:  "scheme + \"://\" + r.Host + r.RequestURI; r.URL.String() has no host, and StripPrefix changes it",
		body:    "io.ReadAll(r.Body), and r.Body = io.NopCloser(bytes.NewReader(body)) for what comes after",
		form:    "r.PostForm after ParseForm, of POST: r.Form has the query in it",
		refusal: "return after http.Error(w, …, 403); in gin c.AbortWithStatus(403)",
		guard:   "wrap the handler of the route, not the mux with a comparison of r.RequestURI or r.URL.Path",
		socket:  "refuse with http.Error before Upgrade, and return",
	}},
	{name: "ASP.NET Core", signs: []sign{
		{"Server", `^Kestrel`, byName},
		{"X-Powered-By", `^ASP\.NET`, byName},
		{"Set-Cookie", `^\.AspNetCore\.`, byName},
		{"", `"type":"https://tools\.ietf\.org/html/rfc9110`, likeness},
	}, advice: advice{
		origin:  "app.UseForwardedHeaders with ForwardedHeaders.XForwardedProto | XForwardedHost, and KnownProxies",
		target:  "take Features.Get<IHttpRequestFeature>().RawTarget: Request.Path is decoded",
		body:    "Request.EnableBuffering(), read the Body, and set its Position to 0",
		form:    "await Request.ReadFormAsync(), of POST alone",
		refusal: "return StatusCode(403) from the filter; in a middleware do not call next",
		guard: "put the filter on the action or the endpoint (AddEndpointFilter), not a middleware that compares " +
			"Request.Path",
		csrf: "[IgnoreAntiforgeryToken] on the action",
		host: "add the public host to AllowedHosts",
	}},
	{name: "Laravel", signs: []sign{
		{"Set-Cookie", `^(laravel_session|XSRF-TOKEN)=`, onTop},
		{"Set-Cookie", `^[A-Za-z0-9_-]+=eyJpdiI6`, onTop}, // {"iv":
		{"", `(?s)<title>(Page Expired|Forbidden|Unauthorized|Not Found|Server Error)</title>.*class="antialiased`, onTop},
		{"", `^\{"message": ?"(The route .* could not be found\.|CSRF token mismatch\.)"`, onTop},
		{"Cache-Control", `^no-cache, private$`, likeness},
	}, advice: advice{
		origin: "$middleware->trustProxies(at: '…') in bootstrap/app.php",
		target: "$request->getSchemeAndHttpHost() . $request->getRequestUri() in place of fullUrl()",
		body:   "$request->getContent()",
		form: "names and values of $request->getContent() in a POST: all(), input() and post() are trimmed and emptied by " +
			"TrimStrings and ConvertEmptyStringsToNull, all() has the query in it, and $_POST renames some",
		refusal: "abort(403) in a middleware, before $next($request)",
		header:  "$request->header('X-Twilio-Signature')",
		guard:   "put the middleware on the route",
		csrf:    "$middleware->validateCsrfTokens(except: ['sms'])",
		host:    "see trustHosts in bootstrap/app.php",
	}},
	{name: "Symfony", signs: []sign{
		{"X-Debug-Token", `.`, specific},
		{"", `Oops! An Error Occurred|Symfony\\`, specific},
		{"Cache-Control", `^no-cache, private$`, likeness},
	}, advice: advice{
		origin: "framework.trusted_proxies and trusted_headers",
		target: "getSchemeAndHttpHost() . getRequestUri(): getUri() sorts the query",
		body:   "$request->getContent()",
		form: "names and values of $request->getContent() in a POST: $request->request renames some and drops others, and " +
			"$request->query is in the URL already",
		refusal: "throw new AccessDeniedHttpException()",
		header:  "$request->headers->get('X-Twilio-Signature')",
		guard:   "verify in the controller or by its attribute, not in a listener that compares getPathInfo()",
		host:    "add the public host to framework.trusted_hosts",
	}},
	{name: "Slim", signs: []sign{
		{"", `Slim Application Error|<title>\d{3} [A-Z][A-Za-z ]+</title>.*<style>`, specific},
	}, advice: advice{
		origin:  "the configured scheme and host: getUri() has the server's own",
		target:  "take $request->getServerParams()['REQUEST_URI']: getUri() escapes again",
		body:    "(string) $request->getBody()",
		form:    "names and values of (string) $request->getBody() in a POST: getParsedBody() renames some and drops others",
		header:  "$request->getHeaderLine('X-Twilio-Signature')",
		refusal: "return new Response(403) without $handler->handle()",
	}},
	{name: "PHP", signs: []sign{
		{"X-Powered-By", `^PHP/`, byName},
		{"Set-Cookie", `^PHPSESSID=`, byName},
	}, advice: advice{
		origin: "the configured scheme and host, or HTTP_X_FORWARDED_PROTO of a proxy that sets it",
		target: "take $_SERVER['REQUEST_URI']: PHP_SELF, DOCUMENT_URI and QUERY_STRING are rewritten",
		body:   "file_get_contents('php://input')",
		form: "names and values of file_get_contents('php://input') in a POST: $_POST renames some and drops others; " +
			"never $_REQUEST",
		header:  "$_SERVER['HTTP_X_TWILIO_SIGNATURE']",
		refusal: "http_response_code(403); exit;",
	}},
	{name: "Rails", signs: []sign{
		{"X-Runtime", `^\d`, specific},
		{"", `Blocked hosts?:|ActionController::|Action Controller: Exception caught`, specific},
	}, advice: advice{
		origin:  "config.assume_ssl = true behind a proxy that ends TLS, and config.action_dispatch.trusted_proxies",
		target:  "request.base_url + request.original_fullpath",
		body:    "request.raw_post",
		form:    "request.POST for forms (with the SDK URI.decode_www_form(request.raw_post).uniq), else request.raw_post",
		refusal: "head :forbidden and return; in a before_action that is enough",
		header:  "request.headers['X-Twilio-Signature']",
		guard:   "a before_action of the controller; a pattern of the middleware must be anchored and allow (\\.\\w+)?",
		csrf:    "skip_before_action :verify_authenticity_token",
		host:    "config.hosts << 'the public host'",
	}},
	{name: "Sinatra and Rack", signs: []sign{
		{"Server", `^(WEBrick|Puma|puma|Unicorn|thin)`, likeness},
		{"", `^Host not permitted|Sinatra doesn.t know this ditty`, specific},
		{"", `^<h1>Not Found</h1>$`, likeness},
		{"X-Cascade", `^pass$`, likeness},
		{"X-Xss-Protection", `^1; mode=block$`, faint}, {"Set-Cookie", `^rack\.session=`, byName},
	}, advice: advice{
		origin: "request.base_url believes X-Forwarded-Proto of anybody; behind a proxy that sets none, use the " +
			"configured URL",
		target:  "take env['REQUEST_URI'], in Puma; WEBrick changes it",
		body:    "request.body.read, and rewind; Puma in place of WEBrick, whose input cannot be rewound",
		form:    "request.POST, not params",
		refusal: "halt 403 in a filter; status 403 goes on",
		header:  "env['HTTP_X_TWILIO_SIGNATURE']",
		guard: "use Rack::TwilioWebhookAuthentication, token, %r{\\A/sms}: without a path it guards nothing, and in " +
			"map('/sms') PATH_INFO is empty; before " +
			"Rack::MethodOverride, and inside what rewrites paths",
		csrf: "disable :protection, or except: :authenticity_token, for the route",
		host: "set :host_authorization, permitted_hosts: ['the public host']",
	}},
	{name: "Vite", proxy: true, signs: []sign{{"", `(?i)blocked request\. this host`, specific}}, advice: advice{
		host: "server.allowedHosts: ['the public host'], or let the tunnel lead to the application itself",
	}},
	{name: "Node's http-proxy", proxy: true, silent: true, signs: []sign{
		{"", `Error occurred while trying to proxy`, specific},
	}, rewritesPath: `//`, advice: advice{
		target: "http-proxy, http-proxy-middleware and what is built on them merge // of the path: pass req.originalUrl " +
			"on with another client, or configure no such path at Twilio",
		origin: "createProxyMiddleware({xfwd: true}), without changeOrigin",
		body:   "mount the proxy before express.json and express.urlencoded, or add fixRequestBody",
		form:   "mount the proxy before express.json and express.urlencoded, or add fixRequestBody",
		socket: "ws: true, and server.on('upgrade', proxy.upgrade)",
	}},
	{name: "nginx", proxy: true, ownHost: true, signs: []sign{
		{"Server", `(?i)^(nginx|openresty)`, byName},
		{"", `<center>(nginx|openresty)`, byName},
	}, rewritesPath: decoded, advice: advice{
		origin: "proxy_set_header Host $http_host and X-Forwarded-Proto $scheme (an inner one must map it: map " +
			"$http_x_forwarded_proto …); fastcgi_param HTTP_HOST $http_host",
		target: "proxy_pass http://127.0.0.1:3000 without a path or slash behind it: with one it decodes and " +
			"cleans the path, and merge_slashes off does not help",
		header: "proxy_pass_request_headers and fastcgi_pass_request_headers stay on, and nothing sets X-Twilio-Signature to \"\"",
		socket: "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\"",
		cache: "proxy_cache off for the webhook, or proxy_no_cache and proxy_cache_bypass " +
			"$http_x_twilio_signature: one of the two alone leaves the hole open",
		guard: "an exact location = /sms is no guard: the router behind it decodes more; guard the application",
	}},
	{name: "Apache", proxy: true, ownHost: true, signs: []sign{
		{"Server", `^Apache(/|$)`, byName},
		{"", `<address>Apache/|^<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2\.0//EN">`, byName},
	}, rewritesPath: decoded, advice: advice{
		origin: "ProxyPreserveHost On, and RequestHeader set X-Forwarded-Proto https",
		target: "ProxyPass /sms http://127.0.0.1:3000/sms nocanon, and AllowEncodedSlashes NoDecode",
		header: "no RequestHeader unset X-Twilio-Signature, and none that edits it",
		socket: "ProxyPass … upgrade=websocket",
		cache:  "CacheDisable /sms",
	}},
	{name: "HAProxy", proxy: true, signs: []sign{
		{"", `(?s)^<html><body><h1>\d{3} .*</h1>\s*(No server is|Your browser sent|Request forbidden|The server)`, byName},
		{"Via", `(?i)haproxy`, byName},
	}, advice: advice{
		origin: "http-request set-header X-Forwarded-Proto https if { ssl_fc }; no http-request set-header Host",
		target: "remove http-request set-path, replace-path and normalize-uri",
		cache:  "remove http-request cache-use from the backend of the webhook",
	}},
	{name: "Caddy", proxy: true, signs: []sign{
		{"Server", `^Caddy`, byName},
		{"Via", `(?i)caddy`, byName},
	}, rewritesPath: `[|"^{}\\]`, rewritesQuery: `[|"^{}\\]`, advice: advice{
		origin: "servers { trusted_proxies static … }: it replaces X-Forwarded-* of what it does not trust; no header_up Host, which " +
			"replaces the public one",
		target: "it escapes | \" ^ { } and \\ in the target; handle in place of handle_path, which strips the prefix",
	}},
	{name: "lighttpd", proxy: true, signs: []sign{{"Server", `^lighttpd`, byName}},
		rewritesPath: decoded, rewritesQuery: `[^A-Za-z0-9&=+._~-]`, advice: advice{
			origin: "proxy.forwarded = (\"proto\" => 1, \"host\" => 1); it writes Host in lower case",
			target: "server.http-parseopts = (\"url-normalize\" => \"disable\")",
			socket: "proxy.header = (\"upgrade\" => \"enable\")",
		}},
	{name: "Varnish", proxy: true, signs: []sign{
		{"X-Varnish", `.`, byName},
		{"Via", `(?i)varnish`, byName},
		{"", `Varnish cache server`, byName},
	}, advice: advice{
		origin: "set req.http.X-Forwarded-Proto in vcl_recv; it writes Host in lower case",
		socket: "return (pipe) where req.http.Upgrade is websocket",
		cache:  "return (pass) for the webhook in vcl_recv",
	}},
	{name: "squid", proxy: true, signs: []sign{
		{"Server", `^squid`, byName},
		{"Via", `(?i)squid`, byName},
		{"X-Squid-Error", `.`, byName},
	}, advice: advice{
		origin: "cache_peer … forceddomain must not be set; it writes Host in lower case",
		socket: "squid does not pass Upgrade on to a cache_peer unless http_upgrade_request_protocols allows it",
		cache:  "cache deny for the webhook; login=PASS so that Authorization is passed on",
	}},
}
