package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv("SIGCONFORM_TEST_COMMAND") != "" {
		reportTime = 20 * time.Second
		os.Exit(run(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){
		"sigconform": func() { os.Exit(run(os.Args[1:])) },
	})
}

// TestScripts runs the scripts under testdata. They read like a manual page:
// what is typed, the exit status, and what is seen. A script may say
//
//	exits 2 sigconform run --id typo
//
// for a command that must end with that status.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			scripted(env)
			return nil
		},
	})
}

// scripted is the environment of a script. What a script starts collects garbage as the
// tests do.
func scripted(env *testscript.Env) {
	env.Setenv("NO_COLOR", "1")
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value, is := os.LookupEnv(name); is {
			env.Setenv(name, value)
		}
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s ended with status %d, not %d", args[1], got, want)
	}
}
