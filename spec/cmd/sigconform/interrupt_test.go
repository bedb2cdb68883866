//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignals: each of the three signals ends every command, whatever it waits
// for, and ends what the command started; what was tested so far is reported.
func TestSignals(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "vectors")
	if err := os.Mkdir(fifo, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(fifo, "a.json"), 0o666); err != nil {
		t.Skip(err)
	}
	// It answers the first request only, after it has said who it is.
	validator := `echo "pid $$" >&2; read -r line; id=${line#*:\"}; echo "{\"id\":\"${id%%\"*}\",\"valid\":true}"; sleep 60`
	for name, c := range map[string]struct {
		arguments []string
		reported  string // at the end, on standard output
	}{
		"run":          {[]string{"run", "--", "sh", "-c", "exec 2>pid; " + validator}, "it was interrupted"},
		"run deaf":     {[]string{"run", "--", "sh", "-c", "trap '' INT TERM HUP; exec 2>pid; " + validator}, "it was interrupted"},
		"fuzz":         {[]string{"fuzz", "--time", "1m", "--", "sh", "-c", "exec 2>pid; " + validator}, "it was interrupted after"},
		"a named pipe": {[]string{"run", "--vectors", fifo}, ""},
		"lint":         {[]string{"vectors", "lint", fifo}, ""},
		"validator":    {[]string{"validator"}, ""},
		"explain":      {[]string{"explain", "--request", "-"}, ""},
	} {
		for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			t.Run(name+" "+sent.String(), func(t *testing.T) {
				if signal.Ignored(sent) {
					t.Skip("skipped: the signal is ignored where the tests run, as by nohup")
				}
				t.Parallel()
				dir := t.TempDir()
				command := exec.Command(os.Args[0], c.arguments...)
				command.Dir = dir
				command.Env = append(os.Environ(), "SIGCONFORM_TEST_COMMAND=1", "TWILIO_AUTH_TOKEN=12345")
				var output bytes.Buffer
				command.Stdout, command.Stderr = &output, &output
				stdin, err := command.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer stdin.Close()
				if err := command.Start(); err != nil {
					t.Fatal(err)
				}
				pid := 0
				if c.arguments[len(c.arguments)-1] != fifo && c.arguments[0] != "validator" && c.arguments[0] != "explain" {
					pid = waitForPID(t, filepath.Join(dir, "pid"))
				} else {
					time.Sleep(500 * time.Millisecond)
				}
				_ = command.Process.Signal(sent)
				ended := make(chan error, 1)
				go func() { ended <- command.Wait() }()
				select {
				case err := <-ended:
					if err == nil {
						t.Errorf("it ended with status 0\n%s", output.String())
					}
				case <-time.After(30 * time.Second): // it takes a second where nothing else runs
					_ = command.Process.Kill()
					t.Fatal("it goes on")
				}
				if !strings.Contains(output.String(), c.reported) {
					t.Errorf("it does not say %q but\n%s", c.reported, output.String())
				}
				if pid != 0 && syscall.Kill(pid, 0) == nil {
					t.Errorf("the validator goes on, process %d", pid)
				}
			})
		}
	}
}

// waitForPID waits for the process id in a file.
func waitForPID(t *testing.T, file string) int {
	t.Helper()
	for range 600 {
		text, _ := os.ReadFile(file)
		line, err := bufio.NewReader(bytes.NewReader(text)).ReadString('\n')
		if err != io.EOF {
			pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "pid ")))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the validator does not start")
	return 0
}
