package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// pages are made once, by the commands that a reader would type.
var pages map[string]string

func TestMain(m *testing.M) { os.Exit(all(m)) }

// all makes the pages and runs the tests.
func all(m *testing.M) int {
	if chromium() == "" {
		fmt.Println("skipped: no Chromium is installed, so pages cannot be opened")
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "spikec-browser-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	spikec := filepath.Join(dir, "spikec")
	model := filepath.Join(dir, "demo", "mnist_cnn_bnmax.onnx")
	for _, line := range [][]string{
		{"go", "build", "-C", "../..", "-o", spikec, "./cmd/spikec"},
		{spikec, "demo", "--limit", "200", "--target", "loihi1", "--out", filepath.Join(dir, "demo"), "--quiet"},
		{spikec, "report", filepath.Join(dir, "demo", "mnist_cnn_bnmax-loihi1"), "--out", filepath.Join(dir, "build.html")},
		{spikec, "sweep", model, "--target", "generic8", "--steps", "4,8", "--bits", "8,4", "--data", "mnist", "--limit", "50", "--calibration-limit", "100", "--out", filepath.Join(dir, "sweep"), "--quiet"},
		{spikec, "report", filepath.Join(dir, "sweep"), "--out", filepath.Join(dir, "sweep.html")},
		{spikec, "convert", model, "--data", "mnist", "--limit", "50", "--calibration-limit", "100", "--out", filepath.Join(dir, "convert"), "--quiet"},
		{spikec, "report", filepath.Join(dir, "convert"), "--out", filepath.Join(dir, "convert.html")},
		{spikec, "simulate", "--example", "izhikevich", "--out", filepath.Join(dir, "simulate"), "--quiet"},
		{spikec, "report", filepath.Join(dir, "simulate"), "--out", filepath.Join(dir, "simulate.html")},
	} {
		if out, err := exec.Command(line[0], line[1:]...).CombinedOutput(); err != nil {
			fmt.Printf("%s: %v\n%s", strings.Join(line, " "), err, out)
			return 1
		}
	}
	pages = map[string]string{}
	for _, name := range []string{"build", "sweep", "convert", "simulate"} {
		pages[name] = filepath.Join(dir, name+".html")
	}
	return m.Run()
}

// each runs a test on every page, in a window of a size.
func each(t *testing.T, width, height int64, dark bool, test func(t *testing.T, b *tab)) {
	if pages == nil {
		t.Skip("no Chromium is installed")
	}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			b, err := open(ctx, path, width, height, dark)
			if err != nil {
				t.Fatal(err)
			}
			defer b.close()
			test(t, b)
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.said) > 0 {
				t.Errorf("the page complains: %q", b.said)
			}
			if len(b.requests) != 1 || !strings.HasPrefix(b.requests[0], "file:") {
				t.Errorf("the page loads %q", b.requests)
			}
		})
	}
}

// want evaluates an expression that must be as wanted.
func want[T comparable](t *testing.T, b *tab, expression string, wanted T) {
	t.Helper()
	if got, err := js[T](b, expression); err != nil || got != wanted {
		t.Errorf("%s is %v, %v; want %v", expression, got, err, wanted)
	}
}

// TestLoads opens pages, and wants something to be seen of each plot and picture.
func TestLoads(t *testing.T) {
	each(t, 1200, 900, false, func(t *testing.T, b *tab) {
		want(t, b, `Array.from(document.images).every(i => i.naturalWidth > 1)`, true)
		want(t, b, `document.querySelectorAll("figure > svg, figure > img").length >= 3`, true)
		want(t, b, `Array.from(document.querySelectorAll("figure > img")).every(i => i.alt.length > 20 && i.getBoundingClientRect().height > 50)`, true)
		want(t, b, `Array.from(document.querySelectorAll("figure > svg")).every(s => s.getBoundingClientRect().height > 50 && s.querySelector("path"))`, true)
		want(t, b, `Array.from(document.querySelectorAll("figure > svg text")).every(x => x.getBoundingClientRect().width > 0)`, true)
	})
}

// TestSorts sorts a table with the keyboard alone.
func TestSorts(t *testing.T) {
	each(t, 1200, 900, false, func(t *testing.T, b *tab) {
		const head, column = `document.querySelectorAll("table")[0].tHead.rows[0].cells`, `Array.from(document.querySelectorAll("table")[0].tBodies[0].rows).map(r => r.cells[0].textContent)`
		before, err := js[[]string](b, column)
		if err != nil {
			t.Fatal(err)
		}
		focus := head + `[0].querySelector("button").focus() === undefined`
		want(t, b, focus, true)
		for _, c := range []struct {
			key, state string
			sign       int
		}{{kb.Enter, "ascending", 1}, {" ", "descending", -1}, {kb.Enter, "ascending", 1}} {
			if err := chromedp.Run(b, chromedp.KeyEvent(c.key)); err != nil {
				t.Fatal(err)
			}
			after, err := js[[]string](b, column)
			sorted := slices.IsSortedFunc(after, func(x, y string) int { return c.sign * strings.Compare(x, y) })
			if err != nil || !sorted || len(after) != len(before) {
				t.Errorf("%s: %q, %v", c.state, after, err)
			}
			want(t, b, head+`[0].getAttribute("aria-sort")`, c.state)
			want(t, b, `document.getElementById("said").textContent.includes("`+c.state+`")`, true)
			want(t, b, `document.activeElement === `+head+`[0].querySelector("button")`, true)
		}
		// Numbers are sorted as numbers: in the last column of numbers of every table, clicked, none is below the one before.
		want(t, b, `Array.from(document.querySelectorAll("table")).every(t => Array.from(t.tHead.rows[0].cells).every((h, k) => {
			h.querySelector("button").click();
			const v = Array.from(t.tBodies[0].rows).map(r => r.cells[k].dataset.v).filter(x => x !== undefined).map(Number);
			return v.some(isNaN) || v.every((x, i) => i === 0 || v[i-1] <= x);
		}))`, true)
	})
}

// TestKeyboard goes through a page with the tabulator, and wants to come by everything that can be used, with the place seen.
func TestKeyboard(t *testing.T) {
	each(t, 1200, 900, false, func(t *testing.T, b *tab) {
		n, err := js[int](b, `(window.todo = new Set(document.querySelectorAll("a[href], button, [tabindex='0']")), window.hidden = [], todo.size)`)
		if err != nil || n < 40 {
			t.Fatalf("%d elements can be used, %v", n, err)
		}
		for range n + 2 {
			if err := chromedp.Run(b, chromedp.KeyEvent(kb.Tab)); err != nil {
				t.Fatal(err)
			}
			if _, err := js[bool](b, `(e => { if (e !== document.body && getComputedStyle(e).outlineStyle === "none") hidden.push(e.outerHTML.slice(0, 80)); return todo.delete(e); })(document.activeElement)`); err != nil {
				t.Fatal(err)
			}
		}
		want(t, b, `Array.from(todo).map(e => e.outerHTML.slice(0, 80)).join("; ")`, "")
		want(t, b, `hidden.join("; ")`, "")
		want(t, b, `Array.from(document.querySelectorAll("a[href^='#']")).every(a => document.getElementById(a.hash.slice(1)))`, true)
	})
}

// TestNarrow wants nothing to be wider than a narrow window, or than a sheet of paper, but what scrolls by itself.
func TestNarrow(t *testing.T) {
	each(t, 320, 800, false, func(t *testing.T, b *tab) {
		want(t, b, `document.documentElement.scrollWidth`, 320)
		want(t, b, `Array.from(document.querySelectorAll("body *")).filter(e => !e.closest(".scroll > *, svg *, .unseen, .skip") && e.getBoundingClientRect().right > 321).map(e => e.outerHTML.slice(0, 80)).join("; ")`, "")
		var pdf []byte
		err := chromedp.Run(b, chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = page.PrintToPDF().WithPrintBackground(true).Do(ctx)
			return err
		}))
		if err != nil || len(pdf) < 10_000 {
			t.Errorf("a PDF of %d bytes, %v", len(pdf), err)
		}
	})
}

// contrast is the ratio of luminances by WCAG 2.1, of two variables of the style; what is seen through is on the page.
const contrast = `((a, b) => {
	const e = document.body.appendChild(document.createElement("i"));
	const l = v => { e.style.color = "var(--" + v + ")"; return getComputedStyle(e).color.match(/[\d.]+/g).slice(0, 3).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((s, c, k) => s + c * [0.2126, 0.7152, 0.0722][k], 0); };
	const x = l(a), y = l(b);
	e.remove();
	return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
})`

// TestContrast wants text that can be read in light and dark: 4.5 to 1, and 3 to 1 for the lines of plots (WCAG 2.1, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	seen := map[bool]string{}
	for _, dark := range []bool{false, true} {
		each(t, 1200, 900, dark, func(t *testing.T, b *tab) {
			for _, c := range []struct {
				text, ground string
				least        float64
			}{{"ink", "page", 7}, {"ink", "card", 7}, {"soft", "page", 4.5}, {"soft", "card", 4.5}, {"link", "page", 4.5}, {"warm", "page", 4.5}, {"bad", "page", 4.5}, {"bad", "card", 4.5}, {"p01", "page", 7},
				{"p01", "p10", 4.5}, {"p01", "p11", 4.5}, {"p01", "p12", 4.5}, {"p01", "p13", 4.5}, {"p17", "p14", 4.5}, {"p17", "p15", 4.5},
				{"p03", "page", 3}, {"p04", "page", 3}, {"p05", "page", 3}, {"p06", "page", 3}, {"p07", "page", 3}, {"p08", "page", 3}, {"p09", "page", 3}} {
				ratio, err := js[float64](b, fmt.Sprintf("%s(%q, %q)", contrast, c.text, c.ground))
				if err != nil || ratio < c.least {
					t.Errorf("dark %t: %s on %s has %.2f, want %g; %v", dark, c.text, c.ground, ratio, c.least, err)
				}
			}
			seen[dark], _ = js[string](b, `getComputedStyle(document.body).backgroundColor`)
		})
	}
	if pages != nil && seen[false] == seen[true] {
		t.Errorf("light and dark are both on %s", seen[true])
	}
}
