// Command browser takes pictures of pages that spikec report made, in a headless Chromium; its tests open them there, and
// click and type as a reader does. It is a module of its own, so that nobody who uses spikec gets a browser's client with it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium returns the path of a Chromium; "" where none is installed.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless_shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is an open page, and what it said and asked for.
type tab struct {
	context.Context
	close    context.CancelFunc
	mu       sync.Mutex
	said     []string // errors and warnings on the console, and exceptions
	requests []string // all but data within the page
}

// open opens the page at a path in a window of a size, as one who likes dark colours or does not.
func open(parent context.Context, path string, width, height int64, dark bool) (*tab, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.NoSandbox, chromedp.Flag("force-color-profile", "srgb"))
	allocator, stop := chromedp.NewExecAllocator(parent, options...)
	// What a newer browser tells that the client does not know yet is no error.
	quiet := func(string, ...any) {}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	t := &tab{Context: ctx, close: func() { cancel(); stop() }}
	chromedp.ListenTarget(ctx, t.listen)
	theme := "light"
	if dark {
		theme = "dark"
	}
	err = chromedp.Run(ctx, network.Enable(), runtime.Enable(),
		emulation.SetDeviceMetricsOverride(width, height, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
		chromedp.Navigate("file://"+filepath.ToSlash(abs)), chromedp.WaitReady("footer"))
	if err != nil {
		t.close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// listen keeps what the page says and asks for.
func (t *tab) listen(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.said = append(t.said, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value))
		}
		t.said = append(t.said, strings.Join(words, " "))
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			t.requests = append(t.requests, e.Request.URL)
		}
	}
}

// js evaluates an expression of the page.
func js[T any](t *tab, expression string) (T, error) {
	var v T
	err := chromedp.Run(t, chromedp.Evaluate(expression, &v))
	return v, err
}

// shot writes a picture of what the window shows from the element with an ID on, or from the top.
func (t *tab) shot(file, id string) error {
	var picture []byte
	if id != "" {
		if _, err := js[bool](t, fmt.Sprintf("document.getElementById(%q).scrollIntoView() === undefined", id)); err != nil {
			return err
		}
	}
	if err := chromedp.Run(t, chromedp.CaptureScreenshot(&picture)); err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}

// run is the command: browser PAGE.html OUT.png WIDTHxHEIGHT light|dark [ID].
func run(args []string, stderr io.Writer) int {
	var width, height int64
	bad := len(args) < 4 || len(args) > 5
	if !bad {
		_, err := fmt.Sscanf(args[2], "%dx%d", &width, &height)
		bad = err != nil || args[3] != "light" && args[3] != "dark"
	}
	switch {
	case bad:
		fmt.Fprintln(stderr, "usage: browser PAGE.html OUT.png WIDTHxHEIGHT light|dark [ID of the first element that is seen]")
		return 2
	case chromium() == "":
		fmt.Fprintln(stderr, "browser: no Chromium is installed")
		return 1
	}
	t, err := open(context.Background(), args[0], width, height, args[3] == "dark")
	if err == nil {
		defer t.close()
		err = t.shot(args[1], strings.Join(args[4:], ""))
	}
	if err != nil {
		fmt.Fprintln(stderr, "browser:", err)
		return 1
	}
	return 0
}

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }
