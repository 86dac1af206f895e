// Package figures is what the programs below it share: each measures the figures of one document, from real runs, and puts
// them between the markers of their sections (internal/section).
package figures

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"spikec/internal/section"
	"spikec/runtime/progress"
)

// Main runs a program of this folder for the module that it was started in, whose folder is root, until it is done or
// interrupted, and ends the process: with 1 after an error, which is printed behind the program's name.
func Main(name string, generate func(ctx context.Context, root string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	root, err := section.Root(ctx)
	if err == nil {
		err = generate(ctx, root)
	}
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Spikec builds the command of the module at root into a folder, as it is published (without cgo), and returns its path.
func Spikec(ctx context.Context, root, folder string) (string, error) {
	program := filepath.Join(folder, "spikec")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/spikec")
	build.Dir, build.Stderr, build.Env = root, os.Stderr, append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("building spikec: %w", err)
	}
	return program, nil
}

// Progress shows how far long work is, on standard error.
func Progress() progress.Reporter {
	return progress.For(os.Stderr, slog.New(slog.NewTextHandler(os.Stderr, nil)), false)
}
