package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/spec/endpoint"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type showCmd struct {
	ID       string `arg:"" help:"The vector to show, as in url-port/https-voice-dropped."`
	Markdown bool   `help:"Write Markdown, to be pasted into an issue."`
	Vectors  string `help:"Look in this folder instead of the built-in vectors." placeholder:"DIR"`
}

// Help is shown by 'sigconform show --help'.
func (c *showCmd) Help() string {
	return `  sigconform show url-port/ipv6-voice-dropped
  sigconform show form-values/after-nul --markdown | xclip
  sigconform show endpoint-header/twice-wrong

'sigconform list' lists the ids.`
}

// Run shows the vector.
func (c *showCmd) Run() error {
	corpus, err := corpusOf(c.Vectors)
	if err != nil {
		return usage(err)
	}
	all, sent, book := corpus.Vectors(), map[*vectors.Vector][]string{}, vectors.Rules()
	v, err := findVector(all, c.ID)
	if err != nil && c.Vectors == "" { // the checks of endpoints are large: they are made where they are wanted
		book = endpointBook()
		for _, check := range endpoint.Checks() {
			all, sent[check.Vector] = append(all, check.Vector), check.Sent
		}
		v, err = findVector(all, c.ID)
	}
	if err != nil {
		return usage(err)
	}
	again := filepath.Base(os.Args[0]) + " run --id " + v.ID
	if c.Vectors != "" {
		again += " --vectors " + shellQuote(c.Vectors)
	}
	if _, isCheck := sent[v]; isCheck {
		again += " --endpoint URL"
	} else {
		again += " -- ./my-validator"
	}
	show(&sheet{out: stdout, markdown: c.Markdown}, v, sent[v], book, again)
	return nil
}

// sheet is what is shown: headings, lines and code, for a terminal or as Markdown.
type sheet struct {
	out      io.Writer
	markdown bool
}

func (s *sheet) heading(text string) {
	if s.markdown {
		text = "### " + text + "\n"
	}
	fmt.Fprintf(s.out, "\n%s\n", text)
}

// lines prints texts of the suite's own: those for people, which are wrapped.
func (s *sheet) lines(lines ...string) {
	for _, line := range lines {
		if s.markdown {
			fmt.Fprintf(s.out, "%s\n\n", line)
		} else {
			fmt.Fprintf(s.out, "  %s\n", wrap(line, 2, 110))
		}
	}
}

// code prints what is not to be wrapped; the language is one that highlighters
// of Markdown know.
func (s *sheet) code(language, text string) {
	if s.markdown {
		fmt.Fprintf(s.out, "````%s\n%s\n````\n", language, text)
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(s.out, "    %s\n", line)
	}
}

// show prints everything about a vector; sent says how it is sent, where that is
// not as Twilio sends, and again is the command that sends it again.
func show(s *sheet, v *vectors.Vector, sent []string, book *vectors.Rulebook, again string) {
	title := v.ID + ": must be " + expectation(v.Result)
	if v.Result == vectors.Question {
		title = v.ID + ": a question, " + expects(v)
	}
	if s.markdown {
		title = "## " + title + "\n"
	}
	fmt.Fprintln(s.out, title)
	s.lines(v.Comment+".", fmt.Sprintf("%s:%d; %s%s", v.Family.File, v.Line, v.Source, since(v)))
	for _, thread := range v.Source.Threads {
		s.lines("Reported in " + vectors.ThreadURL(thread))
	}
	showWhy(s, v, book)
	showCaught(s, v)
	showRequest(s, v)
	if sent != nil {
		s.heading("How it is sent, where that is not as Twilio sends")
		s.lines(sent...)
	}
	showSigned(s, v)
	showRecompute(s, v)
	if sent == nil {
		showSend(s, v)
	}
	if v.Askable() {
		s.heading("Send it to your validator again")
		s.code("sh", again)
	}
}

// showWhy prints what demands the result, and what a validator suffers from
// that fails the vector.
func showWhy(s *sheet, v *vectors.Vector, book *vectors.Rulebook) {
	s.heading("Why")
	for _, slug := range v.Rules {
		rule := book.Rules[slug]
		s.lines(fmt.Sprintf("Rule %s: %s [%s]", slug, rule.Says, rule.Source))
	}
	if v.Result == vectors.Question {
		question := book.Questions[v.Question]
		s.lines(fmt.Sprintf("Question %s: %s", v.Question, question.Asks),
			fmt.Sprintf("Accepting this answers it with %s: %s.", v.Answer, question.Answers[v.Answer]))
		if question.Recommended != "" {
			s.lines(fmt.Sprintf("Recommended is %s. %s", question.Recommended, question.Why))
		}
	}
	for _, flag := range v.Flags {
		note := v.Family.Notes[flag]
		s.lines(fmt.Sprintf("Who fails it suffers from %s (%s): %s", flag, note.BugType, note.Effect))
		for _, link := range note.Links {
			s.lines(link)
		}
	}
	if v.Needs != "" {
		s.lines("It needs the URL as it is configured: an application cannot rebuild it from the request that it receives.")
	}
	if v.NoDefect != "" {
		s.lines("No known mistake has to be caught by it: " + v.NoDefect)
	}
}

// showRequest prints the request as the validator is handed it.
func showRequest(s *sheet, v *vectors.Vector) {
	r := v.Request
	rows := [][2]string{{"auth token", quoted(string(v.AuthToken))}, {"method", r.Method}, {"url", quoted(string(r.URL))}}
	if r.Product != "" {
		rows = append(rows, [2]string{"product", string(r.Product)})
	}
	rows = append(rows, [2]string{"content type", header(r.ContentType)}, [2]string{"body", quoted(string(r.Reference().Body))},
		[2]string{"signature", header(r.Signature)})
	s.heading("Request")
	s.code("", table(rows))
}

// showSigned prints what the signature was made of, step by step.
func showSigned(s *sheet, v *vectors.Vector) {
	s.heading("Signed")
	if v.Signed == nil {
		s.lines("Nothing: there is no signature.")
		return
	}
	rows := [][2]string{{"url", quoted(string(v.Signed.URL))}}
	for _, p := range v.Signed.Pairs() {
		rows = append(rows, [2]string{"", quoted(p.Name) + " " + quoted(p.Value)})
		if len(rows) > 40 {
			rows = append(rows, [2]string{"", fmt.Sprintf("… (%d parameters in all)", len(v.Signed.Pairs()))})
			break
		}
	}
	if len(rows) > 1 {
		rows[1][0] = "parameters"
	}
	switch {
	case v.Signed.TokenUndisclosed:
		rows = append(rows, [2]string{"key", "not disclosed by who published it"})
	case v.Signed.Token != nil:
		rows = append(rows, [2]string{"key", quoted(v.Key()) + ", which is not the auth token"})
	}
	if v.Signed.MAC != "" {
		rows = append(rows, [2]string{"mac", v.Signed.MAC + ", which is not HMAC-SHA1"})
	}
	if v.Signed.Encoding != "" {
		rows = append(rows, [2]string{"encoding", v.Signed.Encoding + ", which is not plain Base64"})
	}
	s.code("", table(rows))
	text := v.StringToSign()
	s.heading(fmt.Sprintf("String to sign (%d bytes)", len(text)))
	s.code("", shown(text))
	if dump := oddLines(text); dump != "" {
		s.lines("The lines of its hexdump that contain more than printable ASCII:")
		s.code("", dump)
	}
}

// showRecompute prints the commands that compute the signature and the hash again.
func showRecompute(s *sheet, v *vectors.Vector) {
	if v.Signed != nil && !v.Signed.TokenUndisclosed {
		s.heading("Recompute the signature with openssl")
		s.code("sh", signatureCommand(v))
		if v.Signed.Encoding != "" {
			s.lines(fmt.Sprintf("This is the MAC in Base64; the header has it in another encoding (%s).", v.Signed.Encoding))
		}
	}
	if len(reference.BodyHashes(string(v.Request.URL))) > 0 {
		s.heading("Recompute the hash of the body")
		s.code("sh", bytesCommand(string(v.Request.Reference().Body))+" | openssl dgst -sha256 -r")
	}
}

// showSend prints the command that sends the request as Twilio sends it.
func showSend(s *sheet, v *vectors.Vector) {
	if !v.Askable() {
		return
	}
	s.heading("Send the request to your own endpoint with curl")
	parts, _ := reference.SplitURL(string(v.Request.URL))
	if send, impossible := requestCommand(v); impossible != "" {
		s.lines("It cannot be sent: " + impossible + ".")
	} else {
		s.lines(fmt.Sprintf("The application has to use the auth token %s and to believe that it was called at %s://%s: "+
			"by Host and X-Forwarded-Proto, or by its configuration. 2xx accepts, 403 rejects.",
			quoted(string(v.AuthToken)), parts.Scheme, parts.Host+parts.Port))
		s.code("sh", "ENDPOINT=http://localhost:8080\n"+send)
	}
}

// table aligns names and values.
func table(rows [][2]string) string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = fmt.Sprintf("%-*s  %s", width, row[0], row[1])
	}
	return strings.Join(lines, "\n")
}

// header shows the value of a header that may be absent.
func header(value *string) string {
	if value == nil {
		return "absent"
	}
	return quoted(*value)
}

// quoted shows text as it may be shown, long runs shortened; empty text as "".
func quoted(s string) string {
	if s == "" {
		return `""`
	}
	return shown(s)
}

// shown is a text with what cannot be printed escaped and long runs shortened.
func shown(s string) string {
	var out strings.Builder
	for _, run := range vectors.Text(s).Runs() {
		text := report.Clean(strings.ReplaceAll(run.Repeat, `\`, `\\`), 4000)
		if run.Times > 1 {
			text = fmt.Sprintf("⟨%s × %d⟩", text, run.Times)
		}
		out.WriteString(text)
	}
	return out.String()
}

// oddLines returns the lines of a hexdump, 16 bytes each, that hold what is not
// printable ASCII; twenty at most.
func oddLines(s string) string {
	var lines []string
	for offset := 0; offset < len(s); offset += 16 {
		line := s[offset:min(offset+16, len(s))]
		if isPlain(line) {
			continue
		}
		if len(lines) == 20 {
			lines = append(lines, "…")
			break
		}
		dump := strings.SplitN(hex.Dump([]byte(line)), "\n", 2)[0]
		lines = append(lines, fmt.Sprintf("%08x%s", offset, dump[8:]))
	}
	return strings.Join(slices.Clip(lines), "\n")
}
