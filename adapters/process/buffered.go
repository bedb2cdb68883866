package process

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sigconform/adapters/protocol"
)

// This file recognises a program that keeps its answers until a buffer is full
// or its input ends: languages do so with a pipe unless they are told otherwise.
// When a program has read all that it was sent and writes nothing, its input is
// ended, which does no harm: it answers what it has, however slowly, and another
// process is started for the rest. If all answers come at once, the same requests
// are sent to a new process, which is given longer, and then to a third. If each
// answers only when its input ends, it keeps its answers: a program that is merely
// slow, on a busy machine, would have answered meanwhile.

const (
	mostTries  = 4 // how often the input is ended before we stop looking
	sureBursts = 3 // in a row: the program keeps its answers
)

// buffering is what is known of that.
type buffering struct {
	tries    int
	bursts   int  // in a row, in which all answers came when the input ended
	answered bool // before that it had answered with its input open
	// disordered: it answered a later request first. It waits for further ones then, and
	// flushing changes nothing.
	disordered bool
}

// stall is how long nothing comes before the input is ended, and prompt is how
// soon the answers then have to come.
func (a *asking) stall() (stall, prompt time.Duration) {
	patience := a.patience()
	switch {
	case a.buffering.bursts > 1:
		stall = min(10*time.Second, patience*8/10)
	case a.buffering.bursts > 0:
		stall = min(3*time.Second, patience*6/10)
	case a.child.answered > 0:
		stall = min(time.Second, patience*3/10)
	default:
		stall = min(2*time.Second, patience*3/10)
	}
	return stall, min(800*time.Millisecond, patience*4/10)
}

// lookAt is when to look whether the program keeps its answers, or else due.
func (a *asking) lookAt(now, due time.Time) time.Time {
	if a.child.closing || a.buffering.tries >= mostTries {
		return due
	}
	stall, _ := a.stall()
	look := a.since.Add(stall)
	if !look.After(now) { // it was still reading then
		look = now.Add(stall)
	}
	if look.After(due) {
		return due
	}
	return look
}

// endInput ends the program's input, unless it is still reading.
func (a *asking) endInput() {
	if a.child.taken() < a.child.sent {
		return
	}
	a.buffering.tries++
	a.buffering.answered = a.buffering.answered || a.child.answered > 0
	a.child.closing, a.child.closedAt, a.child.open = true, time.Now(), a.next
	a.child.closeInput()
}

// drained is called when all is answered that was sent before the input was
// ended. The error says that the program keeps its answers.
func (a *asking) drained(ctx context.Context) error {
	c := a.child
	_, prompt := a.stall()
	again := a.cases[c.open:a.next]
	c.finish(prompt)
	a.child = nil
	if time.Since(c.closedAt) > 2*prompt || c.promptly > prompt {
		a.buffering.bursts = 0
		return nil
	}
	if a.buffering.bursts++; a.buffering.bursts >= sureBursts {
		return errors.New(a.buffering.sentence(a.options.Command))
	}
	nested := &asking{Process: a.Process, cases: again, answered: func(int, protocol.Answer) {}}
	if err := nested.run(ctx); err != nil {
		return err
	}
	a.buffering.bursts = 0
	return nil
}

// undrained is called when the program ended without answering all that it was
// sent before its input was ended. It reports whether that was our doing, so that
// it counts for nothing.
func (a *asking) undrained() bool {
	a.buffering.tries = mostTries
	if !a.child.endsWithin(closedGrace) || !strings.HasSuffix(a.child.program.end(), normalEnd) {
		return false
	}
	a.child.finish(0)
	a.child = nil
	return true
}

// normalEnd is how a program ends that has come to its end.
const normalEnd = "exit status 0"

// sentence says what is wrong and how to fix it in the language of the program.
func (b buffering) sentence(command []string) string {
	if b.disordered {
		return "its answers come in another order than the requests: answer each request before the next one is read"
	}
	what := "it answers only when its input ends; read line by line, and flush after each line"
	if b.answered {
		what = "its answers come in blocks, and the last of them only when its input ends: flush after each line"
	}
	if fix := flushing[languageOf(command)]; fix != "" {
		return what + ":\n    " + fix
	}
	return what + " (Python: print(…, flush=True); Ruby: $stdout.sync = true; C: fflush(stdout); Go: writer.Flush())"
}

// flushing is the line that flushes, or makes every line be flushed.
var flushing = map[string]string{
	"python": "print(json.dumps(answer), flush=True)",
	"ruby":   "$stdout.sync = true    # before the first puts",
	"perl":   "$| = 1;    # before the first print",
	"php":    "fflush(STDOUT);    // after each fwrite; with output buffering also ob_flush()",
	"node":   "process.stdout.write(JSON.stringify(answer) + \"\\n\")    // in the handler of each line, not of the end of the input",
	"java":   "out.flush();    // after each println; or new PrintWriter(System.out, true)",
	"dotnet": "Console.Out.Flush();    // after each WriteLine; or AutoFlush = true",
	"lua":    "io.stdout:setvbuf(\"line\")",
	"go":     "writer.Flush()    // after each line; os.Stdout itself is not buffered",
	"awk":    "fflush()    # after each print",
	"sed":    "sed -u, or stdbuf -oL before the command",
	"native": "fflush(stdout);    /* C; C++: std::cout << std::flush; Rust: io::stdout().flush() */",
}

// languages are found by the beginning of a program's name or the ending of a
// file's.
var languages = []struct{ language, program, ending string }{
	{"python", "python", ".py"}, {"python", "pypy", ".pyw"}, {"python", "uv", ".py"},
	{"ruby", "ruby", ".rb"}, {"perl", "perl", ".pl"}, {"php", "php", ".php"},
	{"node", "node", ".js"}, {"node", "deno", ".ts"}, {"node", "bun", ".mjs"}, {"node", "npx", ".cjs"},
	{"java", "java", ".jar"}, {"java", "kotlin", ".kts"}, {"dotnet", "dotnet", ".dll"},
	{"lua", "lua", ".lua"}, {"awk", "awk", ".awk"}, {"awk", "gawk", ".awk"}, {"awk", "mawk", ".awk"},
	{"sed", "sed", ".sed"}, {"go", "go", ".go"},
}

// byProgram is the language that a program of that name runs; "" if there is none.
func byProgram(word string) string {
	name := filepath.Base(word)
	for _, l := range languages {
		if strings.HasPrefix(name, l.program) && strings.Trim(name[len(l.program):], "0123456789.") == "" {
			return l.language
		}
	}
	return ""
}

// byEnding is the language of a file of that name; "" if its ending does not say.
func byEnding(word string) string {
	for _, l := range languages {
		if strings.HasSuffix(word, l.ending) {
			return l.language
		}
	}
	return ""
}

// logging is what writes to the standard error.
var logging = map[string]string{
	"python": "print(…, file=sys.stderr)", "ruby": "warn(…)", "php": "fwrite(STDERR, …)", "node": "console.error(…)",
	"java": "System.err.println(…)", "dotnet": "Console.Error.WriteLine(…)", "go": "fmt.Fprintln(os.Stderr, …), or package log",
}

// languageOf says which language a command is written in, by its words, the
// first line of a script, or what is in a binary; "" if that cannot be seen.
func languageOf(command []string) string {
	for _, word := range strings.Fields(strings.Join(command, " ")) { // sh -c takes several in one
		if language := cmp.Or(byProgram(word), byEnding(word)); language != "" {
			return language
		}
	}
	for len(command) > 1 && (filepath.Base(command[0]) == "env" || strings.Contains(command[0], "=")) {
		command = command[1:]
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return ""
	}
	if _, err := buildinfo.ReadFile(path); err == nil {
		return "go"
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	start := make([]byte, 128)
	n, _ := file.Read(start)
	switch first, _, _ := strings.Cut(string(start[:n]), "\n"); {
	case strings.HasPrefix(first, "#!"):
		if words := strings.Fields(first[2:]); len(words) > 0 && len(command) == 1 && strings.HasSuffix(words[0], "env") {
			return languageOf(words[1:])
		} else if len(words) > 0 && words[0] != command[0] {
			return languageOf(words[:1])
		}
	case strings.HasPrefix(first, "\x7fELF"), strings.HasPrefix(first, "\xcf\xfa\xed\xfe"):
		return "native"
	}
	return ""
}
