package vectors

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"sigconform/reference"
)

// This file answers: which rule applies where? The rules on ports and userinfo name
// a product and a scheme, and apply to every method and body: each combination is
// tested, because a mistake may affect only one of them. This file generates the
// family "combinations": 'sigconform vectors combinations' shows it as a table and,
// with --write, writes its file.
//
// The signed text is derived here from Twilio's Security page alone ("A few notes"),
// without package reference; lint and verify.py check it independently.

// combination is one cell of the table. Its vector has the id combinations/ROW-COLUMN.
type combination struct {
	scheme  string
	product reference.Product
	kind    string // get, form, json or empty: a POST without a body
	host    string
	port    string // no-port, own-port or default-port
	wrong   string // "" for a right signature, or other-port or other-key
	user    bool   // the URL has userinfo
}

// The names of what is combined, as they are in ids.
var (
	combinedSchemes  = []string{"https", "http"}
	combinedProducts = []reference.Product{reference.Voice, reference.Messaging, reference.ProductUnknown}
	combinedKinds    = []string{"get", "form", "json", "empty"}
	combinedPorts    = []string{"no-port", "own-port", "default-port"}
)

// The hosts, and the ports of each scheme.
const (
	combinedName = "example.com"
	combinedIPv6 = "[2001:db8::7]"
)

var portsOf = map[string]map[string]string{
	"https": {"no-port": "", "own-port": ":8443", "default-port": ":443", "other-port": ":9443"},
	"http":  {"no-port": "", "own-port": ":8080", "default-port": ":80", "other-port": ":8081"},
}

// CombinationRow is a row of the table of combinations: what its requests have in
// common, and the cells by the names of the columns.
type CombinationRow struct {
	Name  string
	Cells map[string]string // what is signed of the authority, or why there is no vector
}

// CombinationColumns are the names of the columns, in their order.
func CombinationColumns() []string {
	var names []string
	for _, suffix := range []string{"", "-userinfo"} {
		for _, port := range combinedPorts {
			names = append(names, port+suffix)
		}
	}
	return append(names, "other-port", "other-key")
}

// Combinations returns the family of the combinations, signed, and the table that
// it fills.
func Combinations() (*Family, []CombinationRow, error) {
	f := &Family{
		Name:  "combinations",
		Title: "The rules on ports and userinfo, for every product, scheme, method and kind of body",
		Notes: combinationNotes(),
	}
	var rows []CombinationRow
	row := map[string]int{}
	for _, c := range combinations() {
		name, column := c.row(), c.column()
		if _, known := row[name]; !known {
			row[name] = len(rows)
			rows = append(rows, CombinationRow{name, map[string]string{}})
		}
		cells := rows[row[name]].Cells
		if c.open() {
			cells[column] = "question port-by-product"
			continue
		}
		v := c.vector()
		if err := v.Sign(); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", v.ID, err)
		}
		v.Family = f
		f.Vectors = append(f.Vectors, v)
		cells[column] = c.signedAuthority()
		if c.wrong != "" {
			cells[column] = "rejected"
		}
	}
	return f, rows, nil
}

// combinations lists all cells, row by row: each combination of scheme, product,
// method, kind of body and kind of host (the colons of an IPv6 address look like a
// port's), with each port, with userinfo and without. For a host name, two
// forgeries follow.
func combinations() []combination {
	var all []combination
	for _, scheme := range combinedSchemes {
		for _, product := range combinedProducts {
			for _, host := range []string{combinedName, combinedIPv6} {
				for i, kind := range combinedKinds {
					right := combination{scheme: scheme, product: product, kind: kind, host: host}
					for _, right.user = range []bool{false, true} {
						for _, right.port = range combinedPorts {
							all = append(all, right)
						}
					}
					if host == combinedName {
						all = append(all,
							combination{scheme, product, kind, host, "own-port", "other-port", false},
							combination{scheme, product, kind, host, combinedPorts[i%len(combinedPorts)], "other-key", i%2 == 0})
					}
				}
			}
		}
	}
	return all
}

func (c combination) row() string {
	product := string(c.product)
	if product == "" {
		product = "unknown"
	}
	if c.host == combinedIPv6 {
		product += "-ipv6"
	}
	return c.scheme + "-" + product + "-" + c.kind
}

func (c combination) column() string {
	switch {
	case c.wrong != "":
		return c.wrong
	case c.user:
		return c.port + "-userinfo"
	}
	return c.port
}

// open reports whether the docs leave open what is signed: with a port over HTTPS
// and without the product both spellings are right (question port-by-product).
func (c combination) open() bool {
	return c.wrong == "" && c.scheme == "https" && c.product == reference.ProductUnknown && c.port != "no-port"
}

// signedAuthority is the authority that Twilio signs: without the userinfo
// (userinfo-dropped), without the port for voice over HTTPS
// (port-dropped-https-voice), with it otherwise (port-kept).
func (c combination) signedAuthority() string {
	port := portsOf[c.scheme][c.port]
	if c.scheme == "https" && c.product == reference.Voice {
		port = ""
	}
	return c.host + port
}

// vector returns the vector of the cell; what follows from it is for Sign.
func (c combination) vector() *Vector {
	method, rest, contentType, body := c.message()
	authority := c.host + portsOf[c.scheme][c.port]
	v := &Vector{
		ID:        "combinations/" + c.row() + "-" + c.column(),
		Source:    Source{Kind: "norm", Ref: "A few notes"},
		AuthToken: "12345",
		Request:   Request{Method: method, Product: c.product, ContentType: contentType, Body: Text(body)},
		Signed:    &Signed{URL: Text(c.scheme + "://" + c.signedAuthority() + rest)},
		Result:    Valid,
	}
	if c.user {
		authority, v.Needs = "user:secret@"+authority, "configured-url"
	}
	v.Request.URL = Text(c.scheme + "://" + authority + rest)
	c.expect(v, rest)
	return v
}

// expect says what is demanded, and why.
func (c combination) expect(v *Vector, rest string) {
	dropped := c.scheme == "https" && c.product == reference.Voice
	require := func(rule, flag string) {
		v.Rules = append(v.Rules, rule)
		if c.wrong == "" {
			v.Flags = append(v.Flags, flag)
		}
	}
	if c.user {
		require("userinfo-dropped", "UserinfoKept")
	}
	switch {
	case c.port == "no-port":
	case dropped:
		require("port-dropped-https-voice", "PortKept")
	default:
		require("port-kept", "PortDropped")
	}
	switch c.wrong {
	case "other-port":
		v.Result, v.Flags = Invalid, []string{"PortIgnored"}
		v.Signed.URL = Text(c.scheme + "://" + c.host + portsOf[c.scheme]["other-port"] + rest)
	case "other-key":
		v.Result, v.Flags, v.Rules = Invalid, []string{"Unchecked"}, append(v.Rules, "token-verbatim")
		v.Source.Ref = "Explore the algorithm yourself"
		key := Text("another")
		v.Signed.Token = &key
	default:
		if len(v.Flags) == 0 {
			require("url-verbatim", "UrlChanged")
		}
	}
	v.Comment = c.comment(dropped)
}

func (c combination) comment(dropped bool) string {
	product := map[reference.Product]string{reference.Voice: "Voice", reference.Messaging: "Messaging", "": "Product unknown"}[c.product]
	kind := map[string]string{"get": "GET", "form": "a form", "json": "JSON", "empty": "POST without a body"}[c.kind]
	with := []string{kind}
	if c.host == combinedIPv6 {
		with = append(with, "an IPv6 host")
	}
	switch c.port {
	case "own-port":
		with = append(with, "a port of its own")
	case "default-port":
		with = append(with, "the default port")
	}
	if c.user {
		with = append(with, "userinfo")
	}
	text := fmt.Sprintf("%s over %s, %s: ", product, strings.ToUpper(c.scheme), strings.Join(with, ", "))
	switch {
	case c.wrong == "other-port":
		return text + "signed for another port"
	case c.wrong == "other-key":
		return text + "signed with another key"
	case c.port != "no-port" && dropped:
		return text + "signed without the port"
	case c.port != "no-port":
		return text + "signed with the port"
	case c.user:
		return text + "signed without the userinfo"
	}
	return text + "signed as it stands"
}

// message returns what the combination does not decide: method, path and query,
// content type and body. Half of the URLs of POST requests have a query.
func (c combination) message() (method, rest string, contentType *string, body string) {
	rest, params := "/callback", "CallSid=CA1234567890ABCDE&CallStatus=completed"
	if c.product == reference.Messaging {
		params = "MessageSid=SM1234567890ABCDE&MessageStatus=delivered"
	}
	query := ""
	if c.user != (c.port == "own-port") {
		query = "order=17"
	}
	switch c.kind {
	case "get":
		return "GET", rest + "?" + strings.TrimPrefix(query+"&"+params, "&"), nil, ""
	case "json":
		body = `{"` + strings.NewReplacer("=", `":"`, "&", `","`).Replace(params) + `"}`
		sum := sha256.Sum256([]byte(body))
		query = strings.TrimPrefix(query+"&bodySHA256="+hex.EncodeToString(sum[:]), "&")
		contentType = new("application/json")
	case "form":
		contentType, body = new("application/x-www-form-urlencoded"), params
	}
	if query != "" {
		rest += "?" + query
	}
	return "POST", rest, contentType, body
}

// combinationNotes says what each flag means to an application.
func combinationNotes() map[string]Note {
	return map[string]Note{
		"PortDropped": {FalseReject, "The port is dropped where Twilio keeps it: requests of this kind to a server on a port of its own " +
			"are refused.", nil},
		"PortKept": {FalseReject, "The port is kept where Twilio drops it: calls of this kind to a server on a port of its own are " +
			"refused.", nil},
		"UserinfoKept": {FalseReject,
			"User and password are signed although Twilio drops them: requests of this kind to a password-protected URL are refused.", nil},
		"UrlChanged": {FalseReject, "The URL is not signed as it stands: requests of this kind are refused.", nil},
		"PortIgnored": {FalseAccept, "Any port is as good as another: a signature that was made for one service of a host opens all the " +
			"others.", nil},
		"Unchecked": {FalseAccept, "Requests of this kind are not checked: anybody can send one.", nil},
	}
}
