package main

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"depickle/scan/policy"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"depickle": main})
}

// TestScript runs the command line as its users do: testdata/script has a
// script for each thing that it promises. $FIXTURES, $CONTAINERS and $SEVENZIP are the files that
// real PyTorch wrote, $TOOLS the Python tools, $ESC is the escape character.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bytes":      cmdBytes,
			"checkpoint": cmdCheckpoint,
			"exits":      cmdExits,
			"flip":       cmdFlip,
			"hardlink":   cmdHardlink,
			"interrupt":  cmdInterrupt,
			"smalldisk":  cmdSmallDisk,
		},
	})
}

func setup(e *testscript.Env) error {
	for name, dir := range map[string]string{"FIXTURES": "checkpoints", "CONTAINERS": "containers", "SEVENZIP": "sevenzip", "TOOLS": "tools"} {
		path, err := filepath.Abs(filepath.Join("..", "..", "testdata", dir))
		if err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil {
			return err
		}
		e.Setenv(name, path)
	}
	e.Setenv("ESC", "\x1b")
	e.Setenv("POLICY", policy.Digest())
	return nil
}

// condition adds [smalldisk]: whether this machine lets us mount one.
func condition(name string) (bool, error) {
	if name != "smalldisk" {
		return false, errors.New("unknown condition")
	}
	dir, err := os.MkdirTemp("", "depickle")
	if err != nil {
		return false, err
	}
	defer os.Remove(dir)
	if mount(dir, "64k") != nil {
		return false, nil
	}
	return true, unmount(dir)
}

func mount(dir, size string) error {
	return exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).Run()
}

func unmount(dir string) error { return exec.Command("umount", dir).Run() }

// usage: smalldisk DIR SIZE makes DIR a file system of that size.
func cmdSmallDisk(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "smalldisk DIR SIZE")
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	ts.Check(mount(dir, args[1]))
	ts.Defer(func() { ts.Check(unmount(dir)) })
}

func want(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

// usage: exits CODE PROGRAM ARG… runs a program, which must exit with CODE.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "exits CODE PROGRAM ARG…")
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		code = e.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit status %d, want %s", code, args[0])
	}
}

// usage: bytes FILE HEX… writes a file.
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "bytes FILE HEX…")
	var b []byte
	for _, part := range args[1:] {
		more, err := hex.DecodeString(part)
		ts.Check(err)
		b = append(b, more...)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// usage: flip FILE OFFSET changes a byte; a negative OFFSET is from the end.
func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "flip FILE OFFSET")
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	i, err := strconv.Atoi(args[1])
	ts.Check(err)
	if i < 0 {
		i += len(b)
	}
	b[i] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// usage: hardlink FILE NEW
func cmdHardlink(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "hardlink FILE NEW")
	ts.Check(os.Link(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
}

// usage: checkpoint FILE ELEMENTS [expanded] writes a torch file whose one
// tensor "w" has so many float32 zeros; expanded, all are one stored element.
func cmdCheckpoint(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "checkpoint FILE ELEMENTS [expanded]")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(writeCheckpoint(ts.MkAbs(args[0]), n, len(args) > 2))
}

// usage: interrupt INT|TERM GLOB PROGRAM ARG… runs a program, waits until a
// file of that name is there, sends the signal, and wants exit status 2.
func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "interrupt INT|TERM GLOB PROGRAM ARG…")
	sig := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}[args[0]]
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	defer cmd.Process.Kill()
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		found, err := filepath.Glob(ts.MkAbs(args[1]))
		ts.Check(err)
		if len(found) > 0 {
			break
		}
		if time.Since(start) > time.Minute {
			ts.Fatalf("no %s within a minute", args[1])
		}
	}
	ts.Check(cmd.Process.Signal(sig))
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed {
		ts.Fatalf("exit status %d after the signal, want %d", code, exitFailed)
	}
}
