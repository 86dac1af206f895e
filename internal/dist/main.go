// Command dist makes what is published of a version: for every platform an archive with the program, its licence and its
// manual pages, a list of what is in the program (SPDX), and the SHA-256 of all of them. The same sources, Go and version
// give the same bytes.
//
//	go run ./internal/dist --version v1.2.3 --out dist
//
// SOURCE_DATE_EPOCH, the seconds since 1970 that files are dated with, is the time of the last commit by default.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// platforms are those that are published.
const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	version := flag.String("version", "", "version, such as v1.2.3 (default: git describe)")
	list := flag.String("platforms", platforms, "platforms, OS/ARCH with commas between them")
	out := flag.String("out", "dist", "folder to write into")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *version, strings.Split(*list, ","), *out); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// run makes a release of spikec.
func run(ctx context.Context, version string, platforms []string, out string) error {
	if version == "" {
		described, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output()
		if err != nil {
			return fmt.Errorf("git describe: %w; say --version", err)
		}
		version = strings.TrimSpace(string(described))
	}
	date, err := sourceDate(ctx)
	if err != nil {
		return err
	}
	pages, err := os.MkdirTemp("", "man")
	if err != nil {
		return err
	}
	defer os.RemoveAll(pages)
	if err := command(ctx, nil, "go", "run", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.version="+version, "./cmd/spikec", "man", "--to", filepath.Join(pages, "man1")); err != nil {
		return err
	}
	r := release{name: "spikec", pkg: "./cmd/spikec", version: version, date: date, out: out, licence: "Apache-2.0",
		files: map[string]string{"LICENSE": "LICENSE", "NOTICE": "NOTICE", "README.md": "README.md"}}
	found, err := filepath.Glob(filepath.Join(pages, "man1", "*.1"))
	if err != nil {
		return err
	}
	for _, page := range found {
		r.files["man1/"+filepath.Base(page)] = page
	}
	return r.make(ctx, platforms)
}

// sourceDate is the time that files are dated with.
func sourceDate(ctx context.Context) (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		shown, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("git log: %w; set SOURCE_DATE_EPOCH", err)
		}
		text = strings.TrimSpace(string(shown))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: want seconds since 1970, got %q", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// command runs a command with further variables of the environment; what it prints is in the error.
func command(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, text)
	}
	return nil
}
