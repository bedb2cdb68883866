// This file answers: which parameters do people lose, add or merge? A parameter
// that is not signed can be forged, unless the application does not see it either.

package defect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

var form = []Defect{
	{
		Slug: "form-not-signed",
		Says: "signs the URL alone, without the parameters of the form",
		Hint: "The body was not parsed when the signature was checked (the validator runs before the body " +
			"parser), or the method is not compared with POST but with post. Whoever has one signed URL can send " +
			"any form.",
		BugTypes: both, Breaks: "body-covered",
		Step: editParams(func([]reference.Param) []reference.Param { return nil }),
	},
	{
		Slug: "form-not-signed-with-charset",
		Says: "does not sign the parameters if the content type has a charset",
		Hint: "The content type is compared as a whole. Compare the media type: what stands before the first " +
			"semicolon.",
		BugTypes: both, Breaks: "name-value-appended",
		Brings: []string{"form-not-signed-in-other-case"},
		Step:   formOnlyIf(func(r reference.Request) bool { return !strings.Contains(*r.ContentType, ";") }),
	},
	{
		Slug:     "form-not-signed-in-other-case",
		Says:     "does not sign the parameters if the media type is not in lower case",
		Hint:     "Media types are compared without regard to case.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: formOnlyIf(func(r reference.Request) bool {
			given := before(*r.ContentType, ";")
			return given == strings.ToLower(given)
		}),
	},
	{
		Slug: "form-type-compared-whole",
		Says: "takes a form for none unless the content type is application/x-www-form-urlencoded and nothing else",
		Hint: "The header is compared as a whole. Twilio may add a charset, and the case does not matter: " +
			"compare the media type, what stands before the first semicolon.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Step: editRequest(func(r *reference.Request) {
			if isForm(*r) && *r.ContentType != formType {
				none := "application/octet-stream"
				r.ContentType = &none
			}
		}),
	},
	{
		Slug: "form-type-found-by-text",
		Says: "takes for a form whatever content type {} that of forms",
		Hint: "The header is searched for a text. Compare the media type: what stands before the first semicolon, " +
			"trimmed, in any case.",
		BugTypes: both, Breaks: "content-type-spelling",
		Values: []string{"begins-with", "contains"},
		StepFor: func(value string) Step {
			found := strings.HasPrefix
			if value == "contains" {
				found = strings.Contains
			}
			return editRequest(func(r *reference.Request) {
				if r.ContentType != nil && !r.IsForm() && found(strings.ToLower(*r.ContentType), formType) {
					form := formType
					r.ContentType = &form
				}
			})
		},
	},
	{
		Slug: "empty-values-dropped",
		Says: "leaves out parameters whose value is empty",
		Hint: "parse_qs in Python drops them unless keep_blank_values is set, and so does every filter for " +
			"truth. Twilio sends many (ToState=&ToCity=) and signs their names.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(hasNoValue),
	},
	{
		Slug: "first-value-only",
		Says: "signs the first value of a repeated name only",
		Hint: "r.Form.Get in Go and getParameter in Java return it (both SDKs take such a map). Hand over " +
			"every value; an application that reads another value than was signed is deceived.",
		BugTypes: both, Breaks: "body-covered",
		Brings: []string{"malformed-pairs-dropped"},
		Step:   editParams(func(params []reference.Param) []reference.Param { return onePerName(params, false) }),
	},
	{
		Slug: "last-value-only",
		Says: "signs the last value of a repeated name only",
		Hint: "$_POST in PHP and Rack's params keep it, a dictionary overwrites. Parse the raw body and keep " +
			"every value.",
		BugTypes: both, Breaks: "body-covered",
		Brings: []string{"leading-question-mark-lost"},
		Step:   editParams(func(params []reference.Param) []reference.Param { return onePerName(params, true) }),
	},
	{
		Slug:     "bare-names-dropped",
		Says:     "leaves out parameters without an equals sign",
		Hint:     "Pairs that do not split in two are skipped. A name alone is a parameter with an empty value.",
		BugTypes: both, Breaks: "all-params",
		Step: editForm(func(body string) string {
			pairs := strings.Split(body, "&")
			return strings.Join(slices.DeleteFunc(pairs, func(pair string) bool { return !strings.Contains(pair, "=") }), "&")
		}),
	},
	{
		Slug: "known-names-only",
		Says: "signs only the parameters that it knows by name: those of {}",
		Hint: "A fixed list of names, a typed model or strong parameters. Twilio adds parameters without notice, and all that " +
			"are received are signed: hand over the form as it was received.",
		BugTypes: both, Breaks: "all-params", Joined: true,
		Values: []string{"the-docs", "a-message", "a-call", "body-and-from"},
		StepFor: func(value string) Step {
			return dropParams(func(p reference.Param) bool { return !slices.Contains(knownNames[value], p.Name) })
		},
	},
	{
		Slug: "capitalized-names-only",
		Says: "signs only the parameters whose name begins with a capital",
		Hint: "Twilio's own names do, and the others are taken for the application's. Parameters that were put " +
			"into the URL or a flow have any name, and all that are received are signed.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(func(p reference.Param) bool { return p.Name == "" || p.Name[0] < 'A' || p.Name[0] > 'Z' }),
	},
	{
		Slug: "capitalized-names-of-letters-and-digits-only",
		Says: "signs only the parameters whose name begins with a capital and has letters and digits alone",
		Hint: "A pattern such as ^[A-Z][A-Za-z0-9]*$ stands for Twilio's own names. Parameters that were put into the URL or a flow have " +
			"any name, and all that are received are signed.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(func(p reference.Param) bool { return !capitalized.MatchString(p.Name) }),
	},
	{
		Slug: "framework-names-dropped",
		Says: "leaves out parameters with the names that frameworks use for themselves: controller, action, " +
			"format, utf8, …",
		Hint: "params.except(:controller, :action) in Rails and its like remove what Twilio may have sent as " +
			"well. Use request.request_parameters, or the raw body.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(func(p reference.Param) bool { return frameworkNames[p.Name] }),
	},
	{
		Slug: "framework-parameters-added",
		Says: "signs parameters that the framework added: controller, and the action {}",
		Hint: "params in Rails has the route's own parameters in it (params.permit!.to_h), as req.params and route values have elsewhere. " +
			"Use request.POST for forms, or URI.decode_www_form(request.raw_post).",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"create", "index", "receive", "create-of-sms", "index-of-sms", "receive-of-sms"},
		StepFor: func(value string) Step {
			action, controller, _ := strings.Cut(value, "-of-")
			return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				if !isForm(r) || controller != "" && len(params) == 0 {
					return params
				}
				return append(params, reference.Param{Name: "action", Value: action},
					reference.Param{Name: "controller", Value: cmp.Or(controller, lastSegment(r.URL))})
			})
		},
	},
	{
		Slug: "underscore-names-dropped",
		Says: "leaves out parameters whose name begins with an underscore",
		Hint: "They are taken for the framework's own (_method, _token, _ of jQuery). Everything that was " +
			"received is signed.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(func(p reference.Param) bool { return strings.HasPrefix(p.Name, "_") }),
	},
	{
		Slug: "inherited-names-dropped",
		Says: "loses the parameter {}, which is the name of something that objects inherit",
		Hint: "Parameters are kept in a plain JavaScript object: qs leaves out such names, and assigning to " +
			"__proto__ makes no property. Use a Map, Object.create(null), or the raw body.",
		BugTypes: both, Breaks: "all-params",
		Values: []string{"__proto__", "__proto__[…]", "constructor", "hasOwnProperty", "toString"},
		StepFor: func(value string) Step {
			name, inIt := strings.CutSuffix(value, "[…]")
			return editParams(func(params []reference.Param) []reference.Param {
				return slices.DeleteFunc(params, func(p reference.Param) bool {
					return p.Name == name || inIt && strings.HasPrefix(p.Name, name+"[")
				})
			})
		},
	},
	{
		Slug: "parameter-bodysha256-dropped",
		Says: "leaves out a form parameter called bodySHA256",
		Hint: "The hash is looked for and removed among all parameters. It is one in the query only; in a form " +
			"it is a parameter like any other.",
		BugTypes: both, Breaks: "body-sha256-query-only",
		Step: dropParams(func(p reference.Param) bool { return p.Name == reference.BodyHashParam }),
	},
	{
		Slug: "at-most-n-params",
		Says: "signs the first {} parameters only",
		Hint: "A limit of the parser cuts the rest off silently. What is beyond it is not signed and can be " +
			"forged: raise the limit, and reject what exceeds it.",
		BugTypes: both, Breaks: "all-params",
		Values: []string{"10", "20", "32", "50", "100"},
		Sized: sized(func(n int) (url, body string) {
			var params strings.Builder
			for i := range n {
				params.WriteString("&p" + strconv.Itoa(i) + "=")
			}
			return "https://example.com/myapp", strings.TrimPrefix(params.String(), "&")
		}),
		StepFor: func(value string) Step {
			return editParams(func(params []reference.Param) []reference.Param {
				return params[:min(count(value), len(params))]
			})
		},
	},
	{
		Slug: "at-most-1000-params",
		Says: "signs the first 1000 parameters only",
		Hint: "querystring and qs in Node and max_input_vars in PHP have this limit and cut the rest off " +
			"silently. Raise it, or reject what exceeds it.",
		BugTypes: both, Breaks: "more-than-1000-params",
		Step: editParams(func(params []reference.Param) []reference.Param { return params[:min(1000, len(params))] }),
	},
	{
		Slug:     "more-than-1000-params-throw",
		Says:     "throws on more than 1000 parameters",
		Hint:     "DATA_UPLOAD_MAX_NUMBER_FIELDS in Django and limits of other parsers. Answer 403 or 413, not 500.",
		BugTypes: throws, Breaks: "more-than-1000-params",
		Step: editParams(func(params []reference.Param) []reference.Param {
			if len(params) > 1000 {
				throw("too many fields: %d", len(params))
			}
			return params
		}),
	},
	{
		Slug: "query-merged",
		Says: "signs the parameters of the query together with those of the form",
		Hint: "params in Rails and Sinatra, $_REQUEST, request.values in Flask, r.Form in Go and " +
			"getParameterMap() in Java hold both. Use the form's alone: r.PostForm, request.form, $_POST.",
		BugTypes: both, Breaks: "name-value-appended",
		Brings: []string{"malformed-pairs-dropped"},
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if !isForm(r) {
				return params
			}
			return append(params, queryParams(r.URL)...)
		}),
	},
	{
		Slug: "query-merged-by-name",
		Says: "signs the parameters of query and form together, one for each name: that of the {}",
		Hint: "A dictionary is made of both: request.values in Flask, params in Sinatra, get_argument in Tornado, array_merge($_GET, $_POST). " +
			"The query is in the URL already: sign the form's parameters alone, all of them.",
		BugTypes: both, Breaks: "name-value-appended",
		Brings: append([]string{"control-characters-made-spaces", "query-not-utf-8-throws"}, ofServlets...), // get_argument in Tornado
		Values: []string{"form", "query"},
		StepFor: func(value string) Step {
			return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				if !isForm(r) {
					return params
				}
				return onePerName(append(queryParams(r.URL), params...), value == "form")
			})
		},
	},
	{
		Slug: "query-appended",
		Says: "appends the parameters of the query to the URL once more, with those of a form, whatever the method is",
		Hint: "The framework's parameters of both places are handed over. The query is in the URL already: sign the form's parameters " +
			"alone, and none on GET.",
		BugTypes: both, Breaks: "get-signs-url-only",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			return append(params, queryParams(r.URL)...)
		}),
	},
	{
		Slug: "query-appended-on-get",
		Says: "appends the parameters of the query to the URL once more on GET",
		Hint: "The framework's parameters are handed over whatever the method is. On GET they are in the URL " +
			"already: hand over none.",
		BugTypes: both, Breaks: "get-signs-url-only",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if r.Method != "GET" {
				return params
			}
			return append(params, queryParams(r.URL)...)
		}),
	},
	{
		Slug:     "query-made-params",
		Says:     "takes the query off the URL and appends its parameters in its place",
		Hint:     "GET is treated as if it were POST. The query is part of the URL and stays as it is.",
		BugTypes: both, Breaks: "get-signs-url-only",
		Step: queryMadeParams,
	},
	{
		Slug: "query-made-params-on-get",
		Says: "takes the query off the URL on GET and appends its parameters in its place, sorted",
		Hint: "The framework's parameters are signed whatever the method is, with a URL that has none " +
			"(request.url without query, req.path). On GET the URL is signed as it stands.",
		BugTypes: both, Breaks: "get-signs-url-only",
		Step: func(v *reference.Validator) { applyUnder("get", queryMadeParams, v) },
	},
	{
		Slug:     "form-appended-on-get",
		Says:     "signs the parameters of a form on GET as well",
		Hint:     "The method is not looked at. Twilio sends no body with GET.",
		BugTypes: both, Breaks: "body-on-get",
		Step: tryAgainAs(func(r *reference.Request) { r.Method = "POST" }, "GET"),
	},
	{
		Slug:     "form-appended-on-put",
		Says:     "signs the parameters of a form on PUT as well",
		Hint:     "The method is not looked at. Twilio sends GET and POST.",
		BugTypes: both, Breaks: "other-methods",
		Step: tryAgainAs(func(r *reference.Request) { r.Method = "POST" }, "PUT"),
	},
}

// knownNames are lists of names that people write down.
var knownNames = map[string][]string{
	"the-docs": {"CallSid", "Caller", "Digits", "From", "To", "Body", "AccountSid", "MessageSid", "CallStatus",
		"FromCity", "ToCity", "ToState"},
	"a-message": {"AccountSid", "ApiVersion", "Body", "From", "FromCity", "FromCountry", "FromState", "FromZip", "MessageSid",
		"MessageStatus", "MessagingServiceSid", "NumMedia", "NumSegments", "SmsMessageSid", "SmsSid", "SmsStatus",
		"To", "ToCity", "ToCountry", "ToState", "ToZip"},
	"a-call": {"AccountSid", "ApiVersion", "Called", "CalledCity", "CalledCountry", "CalledState", "CalledZip", "Caller",
		"CallerCity", "CallerCountry", "CallerName", "CallerState", "CallerZip", "CallSid", "CallStatus", "Digits", "Direction",
		"ForwardedFrom", "From", "FromCity", "FromCountry", "FromState", "FromZip", "ParentCallSid",
		"To", "ToCity", "ToCountry", "ToState", "ToZip"},
	"body-and-from": {"Body", "From"},
}

var frameworkNames = map[string]bool{
	"controller": true, "action": true, "format": true, "utf8": true, "authenticity_token": true, "_method": true,
}

// formOnlyIf signs the parameters of a form only if sign is true.
func formOnlyIf(sign func(r reference.Request) bool) Step {
	return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
		if isForm(r) && !sign(r) {
			return nil
		}
		return params
	})
}

// onePerName keeps the first or the last value of each name, where the name
// first stood.
func onePerName(params []reference.Param, last bool) []reference.Param {
	at := map[string]int{}
	var kept []reference.Param
	for _, p := range params {
		i, seen := at[p.Name]
		switch {
		case !seen:
			at[p.Name] = len(kept)
			kept = append(kept, p)
		case last:
			kept[i] = p
		}
	}
	return kept
}

// queryMadeParams takes the query off the URL and appends its parameters.
var queryMadeParams = editURL(func(p *reference.URLParts) {
	p.Query = reference.Join("", reference.OrderParams(queryParams(p.String())))
})

// queryParams returns the parameters of a URL's query, decoded.
func queryParams(url string) []reference.Param {
	p, ok := reference.SplitURL(url)
	if !ok || p.Query == "" {
		return nil
	}
	return reference.ParseForm([]byte(p.Query[1:]))
}

var capitalized = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
