// Command depickle turns pickle checkpoints into validated SafeTensors without
// executing any of them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes. A crash of Go exits 2 too, so that it never reads as clean.
const (
	exitOK      = 0 // done; for scan: clean and complete
	exitRefused = 1 // refused by judgement
	exitFailed  = 2 // could not be done or decided
)

func main() {
	release := boundMemory()
	code := run(os.Args[1:])
	release()
	os.Exit(code)
}

// run is main without the exit, for tests of the command line.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), signals()...)
	defer stop()
	// A second signal ends the program at once, whatever it is waiting for.
	context.AfterFunc(ctx, stop)
	out := &checkedWriter{w: os.Stdout}
	a := &app{ctx: ctx, out: out, err: os.Stderr}
	root := a.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case out.err != nil:
		a.complain("cannot write the result: %v", out.err)
		a.worse(exitFailed)
	case err != nil:
		a.complainOfUsage(err)
		return exitFailed
	}
	return a.exit
}

// signals are those that end a conversion without leaving a file behind. One
// that the caller ignores, as nohup does SIGHUP, stays ignored.
func signals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}
