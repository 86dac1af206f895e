//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt sends SIGINT, and SIGTERM, to a build at work: exit code 130, said in one line, and nothing left.
func TestInterrupt(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			p := newPlace(t)
			p.copy("tiny.onnx")
			cmd := p.command("build", "tiny.onnx", "--target", "generic8", "--data", "mnist", "--steps", "1024", "--engine", "reference", "--jobs", "1", "--out", "a/b")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			said := waitForLine(stderr)
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			rest, _ := io.ReadAll(stderr)
			_ = cmd.Wait() // its exit code says more
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.HasSuffix(string(rest), "spikec: interrupted\n") {
				t.Errorf("exit code %d, want %d; standard error:\n%s\n%s", code, exitInterrupted, said, rest)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %s to end", took)
			}
			if left := p.names("."); !slices.Equal(left, []string{"tiny.onnx"}) {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestInterruptedSweep sends SIGINT to a sweep behind its first cell, which is kept, and wants the same files from one that
// goes on as from one that was not disturbed.
func TestInterruptedSweep(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	args := []string{"sweep", "tiny.onnx", "--target", "generic8", "--steps", "2,256", "--bits", "8,4", "--engine", "reference", "--data", "mnist", "--limit", "50"}
	cmd := p.command(append(args, "--out", "disturbed")...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for line := ""; !strings.Contains(line, "cell 1"); {
		if line = waitForLine(stderr); line == "" {
			t.Fatal("no cell was done")
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stderr)
	_ = cmd.Wait() // its exit code says more
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(string(rest), " of 4 cells are kept in disturbed; the same command goes on from there\n") {
		t.Fatalf("exit code %d, want %d; standard error:\n%s", code, exitInterrupted, rest)
	}
	if names := p.names("disturbed/cells"); len(names) == 0 || len(names) == 4 || len(p.names("disturbed")) != 1 {
		t.Errorf("left behind: %v, %v", p.names("disturbed"), names)
	}
	p.spikec(append(args, "--out", "disturbed")...).exits(0).prints("of 4 cells are from an earlier run")
	p.spikec(append(args, "--out", "whole")...).exits(0)
	for _, name := range []string{"results.json", "results.csv"} {
		if p.read("disturbed/"+name) != p.read("whole/"+name) {
			t.Errorf("%s differs from that of a sweep that was not disturbed", name)
		}
	}
}

// waitForLine returns the first line of progress: then the program is at work.
func waitForLine(r io.Reader) string {
	line, _ := bufio.NewReaderSize(r, 1).ReadString('\n')
	return line
}
