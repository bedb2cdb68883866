// This file answers: what do people hash in place of the body that they received?
// The hash is of its bytes, as they came.

package defect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"sigconform/reference"
)

var hashed = []Defect{
	{
		Slug: "json-re-serialized",
		Says: "hashes the JSON after parsing and re-serializing it: {}",
		Hint: "JSON.stringify(req.body), json.dumps(request.json), json_encode(json_decode(…)), request.params.to_json and their like " +
			"are other bytes than those received: spaces, key order, numbers and escapes change. Hash the raw body: " +
			"express.json({verify: (req, res, buf) => { req.rawBody = buf }}), request.get_data() in Flask, request.body in Django, " +
			"file_get_contents('php://input'), request.raw_post in Rails, io.ReadAll(r.Body).",
		BugTypes: both, Breaks: "body-sha256",
		Brings: append([]string{"constant-hashed", "body-hashed-empty", "hash-of-absent-body-not-checked"}, ofJSONParsers...),
		Values: []string{"compact", "javascript", "python", "python-compact", "python-sorted", "python-utf-8",
			"python-compact-utf-8", "php", "rails", "rails-wrapped",
			"sorted", "ascii"},
		StepFor: func(value string) Step {
			return editCovered(func(r *reference.Request) {
				if reference.CoverageOf(*r) == reference.CoveredByHash {
					r.Body = reserialized(*r, value)
				}
			})
		},
	},
	{
		Slug: "constant-hashed",
		Says: "hashes a constant in place of every body: {}",
		Hint: `The raw body is not there, and something else is hashed: rawBody || "{}", JSON.stringify(undefined), String(req.body). ` +
			"Its hash lets any body in. In Express, keep the raw body: express.json({verify: (req, res, buf) => " +
			"{ req.rawBody = buf }}) before the validator; in Nest, NestFactory.create(App, {rawBody: true}).",
		BugTypes: both, Breaks: "body-sha256",
		Values: []string{"empty-object", "null", "undefined", "object-Object"},
		StepFor: func(value string) Step {
			text := map[string]string{"empty-object": "{}", "object-Object": "[object Object]"}[value]
			if text == "" {
				text = value
			}
			return editHashed(func([]byte) []byte { return []byte(text) })
		},
	},
	{
		Slug: "base64-body-kept",
		Says: "does not decode the body that reaches it in Base64",
		Hint: "API Gateway and Lambda hand over event.body in Base64 if event.isBase64Encoded is true. " +
			"Decode it then: Buffer.from(event.body, 'base64'), base64.b64decode(event['body']).",
		BugTypes: both, Breaks: "name-value-appended",
		Step: editRequest(func(r *reference.Request) {
			if len(r.Body) > 0 {
				r.Body = []byte(base64.StdEncoding.EncodeToString(r.Body))
			}
		}),
	},
	{
		Slug: "printed-body-hashed",
		Says: "hashes the body as Python prints bytes: b'…'",
		Hint: "str(request.body) is the printed form of the bytes. Hash the bytes themselves (request.get_data() in Flask, " +
			"request.body in Django, await request.body() in FastAPI).",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(printedBytes),
	},
	{
		Slug: "body-line-ends-lost",
		Says: "hashes the body without its line ends; {}",
		Hint: "reader.lines().collect(joining()) and a readLine() loop in Java, or file() in PHP, drop them. " +
			"Hash the bytes that were received (request.getInputStream().readAllBytes()).",
		BugTypes: both, Breaks: "body-sha256",
		Brings: []string{"body-read-as-text"},
		Values: []string{"one-of-line-ends-alone-is-none", "one-of-line-ends-alone-wants-a-hash"},
		StepFor: func(value string) Step {
			without := func(body []byte) []byte { return lineEnds.ReplaceAll(body, nil) }
			if value == "one-of-line-ends-alone-wants-a-hash" {
				return editHashed(without)
			}
			return editCovered(func(r *reference.Request) {
				if !isForm(*r) {
					r.Body = without(r.Body)
				}
			})
		},
	},
	{
		Slug: "hash-compared-as-number",
		Says: "takes two hashes for equal that PHP reads as equal numbers: 0e and digits",
		Hint: "$hash == $_GET['bodySHA256'] compares numbers where both look like one, and 0e1 and 0e2 are both zero. " +
			"Use hash_equals, or ===.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: hashAlso(func(hash string, body []byte) bool {
			return zero.MatchString(hash) && zero.MatchString(reference.BodyHash(body))
		}),
	},
	{
		Slug: "hash-lost-behind-second-question-mark",
		Says: "looks for the hash between the first and the second question mark of the URL only, {}",
		Hint: "explode('?', $url)[1] in PHP, url.split('?')[1] elsewhere lose what follows a second one, which is part of the query. " +
			"Cut at the first one only (explode('?', $url, 2), parse_url, url.partition('?')).",
		BugTypes: both, Breaks: "body-sha256",
		Values: []string{"if-there-is-a-body", "without-a-body-too"},
		StepFor: func(value string) Step {
			cut := func(r *reference.Request) { r.URL = edited(r.URL, cutAtSecondQuestionMark) }
			if value == "if-there-is-a-body" {
				return editCovered(cut)
			}
			return uncoveredIf(func(r reference.Request) bool {
				known := hasHash(r)
				cut(&r)
				return known && !isForm(r) && !reference.HashHolds(r.URL, r.Body)
			})
		},
	},
	{
		Slug: "hash-signed",
		Says: "appends the hash of a body to the string to sign, {}",
		Hint: "The hash is computed and handed over as a parameter, as other services sign it. It is signed with the URL that has it: " +
			"append nothing, and compare it with the raw body.",
		BugTypes: both, Breaks: "body-not-params",
		Values: []string{"named", "bare"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				p := reference.Param{Name: reference.BodyHashParam, Value: reference.BodyHash(r.Body)}
				if value == "bare" {
					p.Name = ""
				}
				return []reference.Param{p}, !isForm(r) && len(r.Body) > 0
			})
		},
	},
	{
		Slug:     "hash-name-cut-at-nul",
		Says:     "takes a query parameter whose name is bodySHA256 up to a NUL for the hash",
		Hint:     "parse_str in PHP cuts names at a NUL. Compare the whole name. Nothing is forged by it.",
		BugTypes: accepts, Breaks: "hash-name-spelling",
		Step: hashNamed(func(name string) bool {
			return name != reference.BodyHashParam && before(name, "\x00") == reference.BodyHashParam
		}),
	},
}

var (
	lineEnds = regexp.MustCompile(`[\r\n]+`)
	zero     = regexp.MustCompile(`^0+[eE][0-9]+$`)
)

// reserialized is the JSON after it was parsed and printed again; any other text
// stays as it is.
func reserialized(r reference.Request, how string) []byte {
	if strings.HasPrefix(how, "python") { // json.loads takes bytes with a byte order mark
		r.Body = bytes.TrimPrefix(r.Body, []byte("\ufeff"))
	}
	parsed, ok := parseJSON(r.Body)
	if !ok {
		return r.Body
	}
	var compact bytes.Buffer
	switch json.Compact(&compact, r.Body); how {
	case "compact":
		return compact.Bytes()
	case "ascii":
		quoted := strconv.QuoteToASCII(compact.String())
		return []byte(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`))
	case "sorted": // encoding/json in Go, of a map
		var value any
		json.Unmarshal(r.Body, &value)
		sorted, _ := json.Marshal(value)
		return sorted
	case "rails-wrapped":
		of, isObject := parsed.(object)
		if !isObject {
			of = object{{"_json", parsed}}
		}
		return []byte(dialects["rails"].print(wrapped(of, "rails", r)))
	}
	return []byte(dialects[how].print(parsed))
}

// ofJSONParsers are mistakes that who parses a JSON body makes beside another one.
var ofJSONParsers = []string{"malformed-json-throws", "body-not-json-throws", "hashed-body-not-json-throws", "json-not-object-throws",
	"malformed-json-not-covered",
	"body-not-utf-8-throws", "body-read-as-text", "body-byte-order-mark-stripped", "empty-body-made-object", "missing-body-throws"}

// printedBytes prints bytes as Python does.
func printedBytes(body []byte) []byte {
	quote := "'"
	if bytes.ContainsRune(body, '\'') && !bytes.ContainsRune(body, '"') {
		quote = `"`
	}
	var out strings.Builder
	for _, c := range body {
		switch {
		case string(c) == quote || c == '\\':
			out.WriteString(`\` + string(c))
		case strings.IndexByte("\n\r\t", c) >= 0:
			out.WriteString(`\` + map[byte]string{'\n': "n", '\r': "r", '\t': "t"}[c])
		case c < ' ' || c >= 0x7f:
			out.WriteString(`\x` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		default:
			out.WriteByte(c)
		}
	}
	return []byte("b" + quote + out.String() + quote)
}
