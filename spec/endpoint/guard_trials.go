// This file lists what else must not get past the guard: methods that nobody
// guards, what a client may claim about itself, bodies that a parser leaves
// alone, and requests that follow a right one.

package endpoint

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
	"unicode"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// otherMethods are those that a guard bound to POST, or to a list, leaves out.
// HEAD and OPTIONS are never judged: servers answer them of themselves.
var otherMethods = []string{"GET", "PUT", "PATCH", "DELETE", "PROPFIND", "SEARCH", "FOO", "post"}

// methodTrials are the endpoint's path by other methods, with a form and with the
// same in the query, and forms by methods other than POST, signed by their URL alone.
func (e *Endpoint) methodTrials() []trial {
	var all []trial
	form, query := e.form(calibrationParams), e.fitted(getShape).request(e.url, e.product)
	for _, method := range otherMethods {
		if method == e.shape.method {
			continue
		}
		byMethod := func(d *webhook.Delivery) { d.Method = method }
		all = append(all, e.pair(method, form, byMethod, e.nextTo)...)
		if method == "GET" || method == "DELETE" {
			all = append(all, e.pair(method+" without a body", query, byMethod, e.nextTo)...)
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		r := form
		r.Method = method // the form, with nothing of it signed
		d := webhook.Delivery{Case: caseOf(e.sign(r, e.token))}
		name := method + " with a form, signed for the URL alone"
		all = append(all, trial{name: name, request: d, control: e.nextTo(d)})
	}
	return all
}

// typeTrials are POST requests of other content types than a form's, and of none.
func (e *Endpoint) typeTrials() []trial {
	var all []trial
	for _, kind := range []struct{ contentType, body string }{
		{"application/json", `{"Body":"evil"}`}, {"", "Body=evil"}, {"", ""}, {"text/plain", "Body=evil"},
		{"text/plain; charset=utf-8", "Body=evil"},
		{"application/xml", "<Body>evil</Body>"},
	} {
		r := e.form("")
		r.Body, r.ContentType = []byte(kind.body), nil
		name := "no content type"
		if kind.contentType != "" {
			name, r.ContentType = kind.contentType, &kind.contentType
		}
		if kind.body == "" {
			name += ", and no body"
		}
		all = append(all, e.pair(name, r, nil, nil)...)
	}
	return all
}

// nextTo is the same request to a path whose last segment has another name.
func (e *Endpoint) nextTo(d webhook.Delivery) *webhook.Delivery {
	parts, _ := reference.SplitURL(d.Request.URL)
	path := e.address.Path
	if bare := strings.TrimRight(path, "/"); bare != path && bare != "" {
		path = bare + "x/"
	} else {
		path += "x"
	}
	d.Target = path + parts.Query
	return &d
}

// What a client may name as its own address, and what an application may trust there.
// The headers that fewer servers read name the first two alone.
var (
	addressHeaders = []string{
		"X-Forwarded-For", "X-Real-IP", "Client-Ip", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP",
		"X-Cluster-Client-Ip", "X-Originating-IP", "X-Remote-Addr",
	}
	rareAddressHeaders = []string{
		"X-Remote-IP", "X-Custom-IP-Authorization", "X-ProxyUser-Ip", "X-Forwarded", "X-Appengine-User-Ip",
		"Fastly-Client-IP", "Fly-Client-IP", "X-Azure-ClientIP", "X-Vercel-Forwarded-For", "X-Envoy-External-Address",
	}
	claimedAddresses = []string{"127.0.0.1", "10.0.0.1", "::1", "192.168.0.1", "172.16.0.1", "54.172.60.1"}
)

// addressTrials claim to come from this machine, a private network or Twilio.
func (e *Endpoint) addressTrials() []trial {
	var fields []webhook.Field
	for i, address := range claimedAddresses {
		headers := addressHeaders
		if i < 2 {
			headers = slices.Concat(addressHeaders, rareAddressHeaders)
		}
		for _, header := range headers {
			fields = append(fields, webhook.Field{Name: header, Value: address})
		}
		node := address
		if strings.Contains(node, ":") {
			node = `"[` + node + `]"`
		}
		fields = append(fields, webhook.Field{Name: "Forwarded", Value: "for=" + node})
	}
	return e.headerTrials(fields)
}

// headerTrials are the calibrated request with one more header each.
func (e *Endpoint) headerTrials(fields []webhook.Field) []trial {
	var all []trial
	r := e.shape.request(e.url, e.product)
	for _, field := range fields {
		all = append(all, e.pair(field.Name+": "+field.Value, r, withHeader(field), nil)...)
	}
	return all
}

// developmentHosts are names at which applications are called while they are being written:
// on this machine, and through a tunnel.
var developmentHosts = []string{
	"localhost", "127.0.0.1", "test", "example.test", "app.local", "app.localhost", "0a1b2c.ngrok.io", "0a1b2c.ngrok.app",
	"0a1b2c.ngrok.dev", "0a1b2c.ngrok-free.app", "0a1b2c.ngrok-free.dev", "0a1b2c.trycloudflare.com", "0a1b2c.loca.lt", "0a1b2c.serveo.net",
}

// hostTrials claim to be called at a host of development. Another host may be another
// application: the control names a third one.
func (e *Endpoint) hostTrials() []trial {
	var all []trial
	r := e.shape.request(e.url, e.product)
	own := e.url.Host + e.url.Port
	hosts := append(slices.Clone(developmentHosts), "localhost"+e.address.Port)
	if strings.ContainsFunc(e.url.Host, unicode.IsLetter) && !strings.HasPrefix(e.url.Host, "[") {
		hosts = append(hosts, strings.ToUpper(e.url.Host)+e.url.Port, e.url.Host+"."+e.url.Port) // which lead to the same application
	}
	for _, host := range hosts {
		if host == own {
			continue
		}
		for _, header := range []string{"Host", "X-Forwarded-Host"} {
			foreign := func(d webhook.Delivery) *webhook.Delivery {
				d.Header = []webhook.Field{{Name: header, Value: foreignHost}}
				return &d
			}
			all = append(all, e.pair(header+": "+host, r, withHeader(webhook.Field{Name: header, Value: host}),
				foreign)...)
		}
	}
	return all
}

// overrideTrials call a POST another method, in a header or in a field of its
// form or its query, which frameworks route by.
func (e *Endpoint) overrideTrials() []trial {
	var all []trial
	form := e.form(calibrationParams)
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "GET"} {
		for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
			field := webhook.Field{Name: header, Value: method}
			all = append(all, e.pair(header+": "+method, form, withHeader(field), e.nextTo)...)
		}
		all = append(all, e.pair("_method="+method, e.form(calibrationParams+"&_method="+method), nil, e.nextTo)...)
		all = append(all, e.pair("?_method="+method, e.withQuery(form, "_method="+method), nil, e.nextTo)...)
	}
	return all
}

// nextMiddleware is what the header x-middleware-subrequest must say for a Next
// application before 15.2.3 to skip its middleware: it is called by itself.
var nextMiddleware = []string{"middleware", "src/middleware", "pages/_middleware"}

// origin is the scheme and the host that Twilio is configured with.
func (e *Endpoint) origin() string { return e.url.Scheme + "://" + e.url.Host + e.url.Port }

// skipHeaders are those by which applications have been seen to let their own tests in,
// and skipValues what they say then. A comparison wants one value, a test for presence any.
var (
	skipHeaders = []string{
		"X-Skip-Signature", "X-Bypass-Signature", "X-Skip-Validation", "X-Skip-Auth", "X-Debug", "X-Debug-Mode", "X-Test", "X-Test-Mode",
		"X-Testing", "X-Dev", "X-Dev-Mode", "X-Development", "X-Local", "X-Internal", "X-Internal-Request", "X-Twilio-Test",
	}
	skipValues = []string{"true", "1"}
)

// negotiationTrials say what a client wants or what it is, for which some filters
// stand aside: another kind of answer, a prefetch, a health check, credentials of
// another kind, a request for debugging.
func (e *Endpoint) negotiationTrials() []trial {
	fields := []webhook.Field{
		{Name: "Accept", Value: "application/json"}, {Name: "Accept", Value: "text/html"},
		{Name: "X-Requested-With", Value: "XMLHttpRequest"}, {Name: "Origin", Value: "null"},
		{Name: "Origin", Value: e.origin()}, {Name: "Referer", Value: e.origin() + "/"}, {Name: "Sec-Fetch-Site", Value: "same-origin"},
		{Name: "Cookie", Value: "session=4f2a"},
		{Name: "User-Agent", Value: "curl/8.0"}, {Name: "User-Agent", Value: "ELB-HealthChecker/2.0"},
		{Name: "User-Agent", Value: "kube-probe/1.30"}, {Name: "User-Agent", Value: "GoogleHC/1.0"},
		{Name: "User-Agent", Value: "PostmanRuntime/7.39.0"}, {Name: "User-Agent", Value: "python-requests/2.31.0"},
		{Name: "Authorization", Value: "Bearer x"}, {Name: "Authorization", Value: "Basic Og=="},
		{Name: "X-Api-Key", Value: "x"}, {Name: "Upgrade", Value: "websocket"},
		{Name: "Purpose", Value: "prefetch"}, {Name: "Sec-Purpose", Value: "prefetch"},
		{Name: "Next-Router-Prefetch", Value: "1"}, {Name: "X-Middleware-Prefetch", Value: "1"},
		{Name: "X-Nextjs-Data", Value: "1"},
	}
	for _, header := range skipHeaders {
		for _, value := range skipValues {
			fields = append(fields, webhook.Field{Name: header, Value: value})
		}
	}
	for _, header := range []string{"X-Env", "X-Environment"} {
		for _, value := range []string{"test", "dev", "development"} {
			fields = append(fields, webhook.Field{Name: header, Value: value})
		}
	}
	for _, name := range nextMiddleware {
		value := strings.Repeat(name+":", 4) + name
		fields = append(fields, webhook.Field{Name: "X-Middleware-Subrequest", Value: value})
	}
	all := e.headerTrials(fields)
	plain := e.form(calibrationParams)
	all = append(all, e.pair("HTTP/1.0", plain, func(d *webhook.Delivery) { d.Version = "HTTP/1.0" }, nil)...)
	for _, more := range []string{"format=json", "debug=1", "debug=true", "test=1", "test=true"} {
		all = append(all, e.pair("?"+more, e.withQuery(plain, more), nil, nil)...)
		all = append(all, e.pair(more+" in the form", e.form(calibrationParams+"&"+more), nil, nil)...)
	}
	return all
}

// parserTrials make parsers throw. Where an exception counts as acceptance they
// get through.
func (e *Endpoint) parserTrials() []trial {
	var all []trial
	add := func(name string, r reference.Request) { all = append(all, e.pair(name, r, nil, nil)...) }
	bodies := []string{"a=1&a[]=2", "a=1&a[x]=1", "a[]=1&a[x]=1", "a=%zz", "a=%", "a=%FF", "%FF=1", "a=%00"}
	for _, body := range bodies {
		add(body, e.form(body))
	}
	add("5000 parameters", e.form(strings.Repeat("a=1&", 4999)+"a=1"))
	add("a name nested 200 deep", e.form("a"+strings.Repeat("[x]", 200)+"=1"))
	for _, query := range []string{"x=%zz", "x=%FF", "a=1&a[]=2", "a=1&a[x]=1"} {
		add("?"+query, e.withQuery(e.form(calibrationParams), query))
	}
	for _, body := range []string{"{", "[1,", "\xff"} {
		r := e.json(`{"Body":"Hello"}`, `{"Body":"Hello"}`)
		r.Body = []byte(body)
		add(fmt.Sprintf("JSON: %q", body), r)
	}
	return all
}

// multipartTrials send a form as multipart/form-data, which Twilio never does,
// signed by the URL alone: what reads the raw body of it finds nothing there.
func (e *Endpoint) multipartTrials() []trial {
	field := func(w *multipart.Writer) { w.WriteField("Body", "evil") }
	file := func(w *multipart.Writer) {
		part, _ := w.CreateFormFile("MediaUrl0", "a.txt")
		part.Write([]byte("evil"))
	}
	var all []trial
	for _, kind := range []struct {
		name  string
		write []func(*multipart.Writer)
	}{
		{"multipart/form-data with a field", []func(*multipart.Writer){field}},
		{"multipart/form-data with a file", []func(*multipart.Writer){file}},
		{"multipart/form-data with both", []func(*multipart.Writer){field, file}},
	} {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for _, write := range kind.write {
			write(w)
		}
		w.Close()
		r := e.form("")
		contentType := w.FormDataContentType()
		r.ContentType, r.Body = &contentType, body.Bytes()
		all = append(all, trial{name: kind.name, request: webhook.Delivery{Case: caseOf(e.signURL(r))}, byStatus: true})
	}
	return all
}

// signURL signs a request by its URL alone, whatever its body.
func (e *Endpoint) signURL(r reference.Request) reference.Request {
	bare := r
	bare.Body, bare.ContentType = nil, nil
	signed := e.sign(bare, e.token)
	r.Signature, r.SignatureSettings, r.SharedKeys = signed.Signature, signed.SignatureSettings, signed.SharedKeys
	return r
}

// stateTrials follow a right request: a verdict that is kept opens the door to
// the next one.
func (e *Endpoint) stateTrials() []trial {
	const call = "AccountSid=" + calibrationAccount + "&CallSid=CA11111111111111111111111111111111&From=%2B15005550006&Body="
	right, evil := e.sign(e.form(call+"Hello"), e.token), e.form(call+"evil")
	if e.takesUnsigned {
		evil = e.sign(evil, wrongKey) // unsigned it would say nothing about what is kept
	}
	token := []webhook.Field{{Name: "I-Twilio-Idempotency-Token", Value: "f47ac10b-58cc-4372-a567-0e02b2c3d479"}}
	send := func(r reference.Request, header []webhook.Field) webhook.Delivery {
		return webhook.Delivery{Case: caseOf(r), Header: header}
	}
	replayed := evil
	replayed.Signature = right.Signature
	var all []trial
	if e.cookies != "" {
		all = append(all, trial{name: "the cookie that a right request was answered with, with another body",
			request: send(evil, []webhook.Field{{Name: "Cookie", Value: e.cookies}}), byStatus: true})
	}
	return append(all, []trial{
		{name: "an I-Twilio-Idempotency-Token that was used before, with another body",
			before: []webhook.Delivery{send(right, token)}, request: send(evil, token), byStatus: true},
		{name: "the CallSid of a call that was verified, with another body",
			before: []webhook.Delivery{send(right, nil)}, request: send(evil, nil), byStatus: true},
		{name: "the signature of an earlier request, with another body", before: []webhook.Delivery{send(right, nil)},
			request: send(replayed, nil), byStatus: true},
	}...)
}

// sizeTrials are bodies that a server frames or a parser sizes otherwise, signed
// by the URL alone.
func (e *Endpoint) sizeTrials() []trial {
	var all []trial
	for _, size := range []int{100 << 10, 5 << 19, mostFilled} {
		r := e.form(filled(size))
		all = append(all, trial{name: fmt.Sprintf("a form of %d KiB", size>>10),
			request: webhook.Delivery{Case: caseOf(e.signURL(r))}, byStatus: true})
	}
	named := e.withQuery(e.form("Body=evil"), "Body=good")
	return append(all, trial{name: "a form field whose name is in the query too",
		request: webhook.Delivery{Case: caseOf(e.signURL(named))}, byStatus: true})
}

// accountTrials name an account that nobody knows, and are signed with the keys
// that a lookup without a result yields.
func (e *Endpoint) accountTrials() []trial {
	body := strings.ReplaceAll(calibrationParams, calibrationAccount, "AC"+strings.Repeat("9", 32))
	var all []trial
	for _, key := range defect.AbsentTokens {
		name := fmt.Sprintf("signed with the key %q for an AccountSid that it does not know", key)
		all = append(all, trial{name: name, request: webhook.Delivery{Case: caseOf(e.sign(e.form(body), key))}, byStatus: true})
	}
	return all
}
