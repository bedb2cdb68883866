package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/vectors"
)

// worthRunning reports whether the commands of a vector are worth a process:
// all that hold odd bytes, runs or other computations, and some of the rest.
func worthRunning(i int, v *vectors.Vector) bool {
	r := v.Request.Reference()
	odd := !isPlain(v.StringToSign() + v.Key() + string(r.Body) + r.URL)
	quoting := strings.ContainsAny(v.StringToSign()+v.Key()+string(r.Body)+r.URL, `'"\%$`+"`!")
	return i%20 == 0 || odd || quoting && i%4 == 0 || v.Signed != nil && v.Signed.MAC != ""
}

// TestBytesCommand: a shell that runs the command writes the bytes.
func TestBytesCommand(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, text := range []string{
		"", "-n", "--", "a'b", `\n\\`, "%s%%", "$(x) `y` !z", "\x00", "a\n\n", string(every), "ñ😀",
		strings.Repeat("x", 70000) + "'" + strings.Repeat("%41", 300), strings.Repeat("€", 300),
		strings.Repeat("-", 300), strings.Repeat("a b", 300),
	} {
		for _, shell := range []string{"sh", "bash"} {
			out, err := exec.Command(shell, "-c", bytesCommand(text)).Output()
			if err != nil || string(out) != text {
				t.Errorf("%s -c %.200q writes %.200q (%v), not %.200q", shell, bytesCommand(text), out, err, text)
			}
		}
	}
}

// TestSignatureCommand: pasted into a shell, the command gives the MAC that the
// vector's signature was made of.
func TestSignatureCommand(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("there is no openssl")
	}
	var script strings.Builder
	var asked []*vectors.Vector
	for i, v := range vectors.Builtin().Vectors() {
		if v.Signed != nil && !v.Signed.TokenUndisclosed && worthRunning(i, v) {
			asked = append(asked, v)
			fmt.Fprintf(&script, "echo \"$(%s)\"\n", signatureCommand(v))
		}
	}
	shell := exec.Command("sh")
	shell.Stdin = strings.NewReader(script.String())
	out, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(asked) {
		t.Fatalf("%d commands wrote %d lines", len(asked), len(lines))
	}
	for i, v := range asked {
		plain := *v
		signed := *v.Signed
		signed.Encoding, plain.Signed = "", &signed
		if want, err := plain.ComputeSignature(); err != nil || lines[i] != want {
			t.Errorf("%s: the command gives %s, not %s (%v):\n%.300s", v.ID, lines[i], want, err, signatureCommand(v))
		}
	}
	t.Logf("%d commands", len(asked))
}

// TestRequestCommand: pasted into a shell, the command sends the request as the
// vector has it, byte for byte.
func TestRequestCommand(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	received := make(chan rawRequest, 1)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			request, err := readRaw(connection)
			if err != nil {
				t.Error(err)
			}
			io.WriteString(connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			connection.Close()
			received <- request
		}
	}()
	asked := 0
	for i, v := range vectors.Builtin().Vectors() {
		if !v.Askable() || !worthRunning(i, v) {
			continue
		}
		command, impossible := requestCommand(v)
		if impossible != "" {
			continue
		}
		asked++
		shell := exec.Command("sh")
		shell.Stdin = strings.NewReader("ENDPOINT=http://" + listener.Addr().String() + "\n" + command)
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s\n%.600s", v.ID, err, out, command)
		}
		if problem := (<-received).differs(v); problem != "" {
			t.Errorf("%s: %s\n%.600s", v.ID, problem, command)
		}
	}
	t.Logf("%d commands", asked)
}

// rawRequest is an HTTP request as it came, not parsed further than it has to be.
type rawRequest struct {
	method, target string
	headers        map[string][]string // by name in small letters
	body           string
}

func readRaw(from io.Reader) (rawRequest, error) {
	r := rawRequest{headers: map[string][]string{}}
	reader := bufio.NewReader(from)
	for first := true; ; first = false {
		line, err := reader.ReadString('\n')
		if err != nil {
			return r, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if first {
			r.method, line, _ = strings.Cut(line, " ")
			r.target, _, _ = strings.Cut(line, " HTTP/")
			continue
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(name)
		r.headers[name] = append(r.headers[name], strings.TrimPrefix(value, " "))
	}
	length := 0
	if values := r.headers["content-length"]; values != nil {
		var err error
		if length, err = strconv.Atoi(values[0]); err != nil {
			return r, err
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(reader, body)
	r.body = string(body)
	return r, err
}

// differs says what of the vector's request did not arrive; "" if all did.
func (r rawRequest) differs(v *vectors.Vector) string {
	want := v.Request.Reference()
	parts, _ := reference.SplitURL(want.URL)
	path := parts.Path
	if path == "" {
		path = "/" // there is no other way to ask for it
	}
	header := func(value *string) string {
		if value == nil {
			return "[]"
		}
		return fmt.Sprintf("%q", []string{strings.Trim(*value, " ")})
	}
	got := func(name string) string {
		if r.headers[name] == nil {
			return "[]"
		}
		return fmt.Sprintf("%q", []string{strings.Trim(strings.Join(r.headers[name], "|"), " ")})
	}
	host := parts.Host + parts.Port
	for _, check := range []struct{ what, got, want string }{
		{"method", r.method, want.Method},
		{"target", r.target, path + parts.Query},
		{"body", r.body, string(want.Body)},
		{"Content-Type", got("content-type"), header(want.ContentType)},
		{"X-Twilio-Signature", got("x-twilio-signature"), header(want.Signature)},
		{"Host", got("host"), header(&host)},
	} {
		if check.got != check.want {
			return fmt.Sprintf("the %s is %.300q, not %.300q", check.what, check.got, check.want)
		}
	}
	return ""
}
