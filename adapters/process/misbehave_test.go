//go:build unix

package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// TestMain makes the test binary a validator that misbehaves, if it is called
// so, in the way that its second argument names.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "misbehave" {
		misbehave(os.Args[2])
		os.Exit(0)
	}
	// Under the race detector a process sleeps for a second before it ends.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// misbehave answers valid to every request, but for what it does wrong; most
// ways go wrong at the case with the id "bad".
func misbehave(how string) {
	switch how {
	case "exit at once":
		fmt.Fprintln(os.Stderr, "no module named twilio")
		os.Exit(3)
	case "never answer":
		hang()
	case "flood":
		for {
			fmt.Println("all work and no play")
		}
	case "endless line":
		for {
			fmt.Print(strings.Repeat("x", 1<<16))
		}
	case "scan":
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if c, err := protocol.DecodeCase(lines.Bytes()); err == nil {
				fmt.Printf(`{"id":%q,"valid":true}`+"\n", c.ID)
			}
		}
		return
	case "oneshot nothing":
		return
	case "oneshot both":
		fmt.Println("accept")
		os.Exit(1)
	case "oneshot accept":
		fmt.Println("accept")
		return
	case "oneshot reject":
		fmt.Println("reject")
		os.Exit(1)
	case "oneshot exception":
		fmt.Fprintln(os.Stderr, "Traceback")
		os.Exit(1)
	case "oneshot unsupported":
		fmt.Println("no JSON")
		os.Exit(77)
	case "oneshot hang":
		hang()
	case "serve hang", "serve panic", "serve exit":
		serve(how)
		return
	}
	in := bufio.NewReader(os.Stdin)
	held, blocks := "", "" // answers that are kept back
	for n := 0; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			fmt.Print(held + blocks)
			return
		}
		c, err := protocol.DecodeCase(line)
		if err != nil {
			panic(err)
		}
		answer := fmt.Sprintf(`{"id":%q,"valid":true}`+"\n", c.ID)
		switch {
		case how == "answer at the end":
			held += answer
			continue
		case how == "log to stdout" && n%2 == 0:
			answer = "INFO checking " + c.ID + "\n" + answer
		case how == "dump to stdout" && n == 3:
			answer = strings.Repeat("  [\"p\"]=>\n", 20_000) + answer
		case how == "CRLF":
			answer = strings.TrimSpace(answer) + "\r\n"
		case how == "exit after each":
			fmt.Print(answer)
			os.Exit(0)
		case how == "die at every second" && n == 1, how == "die once" && n == window/2 && isFirst(), how == "kill the group" && n == 1:
			if how == "kill the group" {
				_ = syscall.Kill(0, syscall.SIGKILL)
			}
			os.Exit(4)
		case how == "slow", how == "a slow reader":
			time.Sleep(20 * time.Millisecond)
		case how == "block buffered":
			if blocks += answer; len(blocks) >= 4096 {
				fmt.Print(blocks[:4096])
				blocks = blocks[4096:]
			}
			continue
		case how == "BOM":
			answer = "\ufeff" + answer
		case how == "NUL":
			answer = strings.TrimSpace(answer) + "\x00\n"
		case how == "an array":
			answer = "[" + strings.TrimSpace(answer) + "]\n"
		case how == "two in a line" && n%2 == 0:
			held = strings.TrimSpace(answer)
			continue
		case how == "swap all" && held == "", how == "swap" && c.ID == "bad", how == "hang within a line" && c.ID == before:
			held = answer
			continue
		case how == "hang within a line" && c.ID == "bad":
			fmt.Print(held + answer[:len(answer)/2])
			hang()
		case held != "" && how == "two in a line":
			answer, held = held+answer, ""
		case held != "":
			answer, held = answer+held, ""
		case c.ID != "bad":
		case how == "hang":
			hang()
		case how == "hang deaf":
			ignoreSignals()
			hang()
		case how == "crash":
			fmt.Fprintln(os.Stderr, "cannot read property of undefined")
			os.Exit(9)
		case how == "killed":
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case how == "close stdout":
			os.Stdout.Close()
			hang()
		case how == "close stdin":
			os.Stdin.Close()
			hang()
		case how == "stop":
			// The thread that sends the signal may run on for a moment.
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			hang()
		case how == "log and hang":
			for range 600 {
				fmt.Println("INFO still there")
				time.Sleep(100 * time.Millisecond)
			}
		case how == "nothing":
			continue
		case how == "null":
			answer = "null\n"
		case how == "names twice":
			answer = `{"id":"bad","valid":true,"valid":false}` + "\n"
		case how == "traceback":
			answer = "Traceback (most recent call last):\nKeyError: 'x'\n"
		case how == "nonsense":
			answer = "ACCEPTED\n"
		case how == "no verdict":
			answer = `{"id":"bad"}` + "\n"
		case how == "both":
			answer = `{"id":"bad","valid":true,"error":"x"}` + "\n"
		case how == "not a boolean":
			answer = `{"id":"bad","valid":"true"}` + "\n"
		case how == "wrong id":
			answer = `{"id":"worse","valid":true}` + "\n"
		case how == "twice":
			answer += answer
		case how == "throw":
			answer = `{"id":"bad","error":"TypeError"}` + "\n"
		case how == "unsupported":
			answer = `{"id":"bad","unsupported":"no JSON"}` + "\n"
		case how == "long line":
			answer = `{"id":"bad","x":"` + strings.Repeat("x", protocol.MaxLine) + `"}` + "\n"
		case how == "flood stderr":
			for range 100 {
				fmt.Fprintln(os.Stderr, strings.Repeat("noise ", 10000))
			}
			fmt.Fprintln(os.Stderr, "the end")
		case how == "leave a child":
			leaveChild(&syscall.SysProcAttr{})
		case how == "leave a daemon":
			leaveChild(&syscall.SysProcAttr{Setsid: true})
		case how == "leave a nameless daemon":
			os.Clearenv()
			leaveChild(&syscall.SysProcAttr{Setsid: true})
		case how == "say the environment":
			answer = fmt.Sprintf(`{"id":"bad","error":%q}`+"\n", strings.Join(os.Environ(), " "))
		}
		fmt.Print(answer)
	}
}

// hang does nothing for longer than any test waits. It ends by itself where
// nobody can end it.
func hang() { time.Sleep(time.Minute) }

// isFirst reports whether this process is the first one that says so.
func isFirst() bool {
	file, err := os.OpenFile(os.Getenv("FIRST"), os.O_CREATE|os.O_EXCL, 0o600)
	file.Close()
	return err == nil
}

// leaveChild starts a process that holds the standard output open for ever.
func leaveChild(attributes *syscall.SysProcAttr) {
	cmd := exec.Command(os.Args[0], "misbehave", "never answer")
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, attributes
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// serve answers by protocol.Serve, which holds answers back while requests are
// waiting.
func serve(how string) {
	_ = protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer {
		if c.ID == "bad" {
			switch how {
			case "serve hang":
				hang()
			case "serve panic":
				panic("out of range")
			case "serve exit":
				os.Exit(9)
			}
		}
		return protocol.Answer{Verdict: reference.Accept}
	})
}
