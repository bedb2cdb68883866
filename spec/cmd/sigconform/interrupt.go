package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sigconform/adapters/process"
)

// This file ends the command when it is told to: by SIGINT, SIGTERM or SIGHUP.
// Most subcommands have nothing to tidy up, and the signal ends them at once, as
// it ends any program. Those that take a context start processes and report at
// the end: their context ends, they report what was tested so far, and what they
// started ends with them. They have a moment for that; a second signal ends it.

// reportTime is how long a command may go on after a signal. Tests give it longer:
// they run on busy machines.
var reportTime = 800 * time.Millisecond

// interruptions is what happens on a signal.
type interruptions struct {
	started  atomic.Bool
	finished chan struct{} // closed when the command has come to its end
	once     sync.Once
}

var interruption = interruptions{finished: make(chan struct{})}

// interruptible returns a context that ends with the first signal. It is called
// for subcommands that take one.
func interruptible() (context.Context, error) {
	if interruption.started.Swap(true) {
		return context.Background(), nil // it is over when that is asked for twice
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored: the command is to go on
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		first := <-signals
		cancel()
		select {
		case <-signals:
		case <-time.After(reportTime):
		case <-interruption.finished:
			return
		}
		endNow(first)
	}()
	return ctx, nil
}

// over notes that the command has come to its end.
func (i *interruptions) over() { i.once.Do(func() { close(i.finished) }) }

// endNow ends this process, and all that it started, with the status of a program
// that a signal ended.
func endNow(by os.Signal) {
	process.EndAll()
	status := 128
	if number, ok := by.(syscall.Signal); ok {
		status += int(number)
	}
	os.Exit(status)
}
