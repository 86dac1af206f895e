package sweep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
	"spikec/target/chip"
)

// network is a small network for MNIST.
const network = "../../cmd/spikec/testdata/tiny.onnx"

// common is what all cells have in common, read once.
var common = sync.OnceValues(func() (build.Request, error) {
	model, noModel := build.ReadModel(network)
	data, calibration, noData := build.OpenData(context.Background(), "mnist", "", 60)
	if err := errors.Join(noModel, noData); err != nil {
		return build.Request{}, err
	}
	return build.Request{Model: model, Data: data, Calibration: calibration.Head(50), Tool: "test"}, nil
})

// request is a sweep of eight cells, of which generic4 cannot have two.
func request(t *testing.T) Request {
	t.Helper()
	b, err := common()
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Build: b, Out: filepath.Join(t.TempDir(), "a", "out")}
	for _, id := range []string{"generic8", "generic4"} {
		p, err := chip.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		r.Grid.Targets = append(r.Grid.Targets, p)
	}
	r.Grid.Rules, r.Grid.Steps, r.Grid.Bits = []string{"best"}, []int{4, 2}, []Width{{Bits: 8}, {Bits: 4, Limit: 25}}
	return r
}

// run runs a sweep that must succeed.
func run(t *testing.T, r Request) *Result {
	t.Helper()
	result, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// files reads the results of a folder, and counts its cells.
func files(t *testing.T, dir string) (results string, cells int) {
	t.Helper()
	for _, name := range []string{resultFile, tableFile} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		results += string(data)
	}
	return results, len(kept(t, dir))
}

// kept lists the files of cells.
func kept(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, cellsFolder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// counter counts tasks, and calls stop when cell number at begins, if that is not 0.
type counter struct {
	cells, at int
	stop      func()
}

func (c *counter) Start(name string, total int) progress.Task {
	if c.cells++; c.cells == c.at {
		c.stop()
	}
	return progress.None.Start(name, total)
}

func (*counter) Close() {}

// TestCellsAreBuilds compares cells with builds of their own.
func TestCellsAreBuilds(t *testing.T) {
	t.Parallel()
	r := request(t)
	tasks := &counter{}
	r.Progress = tasks
	result := run(t, r)
	if tasks.cells != 8 || len(result.Cells) != 8 {
		t.Errorf("%d cells, %d results", tasks.cells, len(result.Cells))
	}
	i := 0
	for _, target := range r.Grid.Targets {
		for _, steps := range r.Grid.Steps {
			for _, w := range r.Grid.Bits {
				c := result.Cells[i]
				i++
				if c.Target != target.ID || c.Steps != steps || c.Bits != w.Bits || c.Rules != "best" {
					t.Fatalf("cell %d is %s", i-1, &c)
				}
				b := r.Build
				b.Profile, b.Options = target, build.Options{Rules: "best", Steps: steps, Bits: w.Bits}
				if w.Limit > 0 {
					b.Data = b.Data.Head(w.Limit)
				}
				l, err := build.Run(context.Background(), b)
				if c.Failed {
					var failure *diag.Failure
					if !errors.As(err, &failure) || c.Diagnostics.Err().Error() != err.Error() || target.ID != "generic4" || w.Bits != 8 {
						t.Errorf("%s: %v, a build says %v", &c, c.Diagnostics, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				same := reflect.DeepEqual(c.Stages, l.Stages) && c.CountsSHA256 == l.CountsSHA256 && *c.PerImage == l.PerImage &&
					c.Duration == l.Duration && c.Cores == l.Resources.Cores && reflect.DeepEqual(*c.Options, l.Options)
				if !same || c.Stage(ladder.Files).N != int64(b.Data.Len()) {
					t.Errorf("%s: got %+v, a build has %+v", &c, c, l)
				}
			}
		}
	}
}

// TestResume stops a sweep at several cells, one that fails among them, and wants the
// same bytes from one that goes on.
func TestResume(t *testing.T) {
	t.Parallel()
	r := request(t)
	run(t, r)
	want, cells := files(t, r.Out)
	if cells != 8 {
		t.Fatalf("%d cells are kept", cells)
	}
	for _, at := range []int{1, 3, 4, 7} {
		r.Out = filepath.Join(t.TempDir(), "out")
		ctx, stop := context.WithCancelCause(context.Background())
		cause := errors.New("stopped")
		r.Progress = &counter{at: at, stop: func() { stop(cause) }}
		result, err := Run(ctx, r)
		if !errors.Is(err, cause) || result != nil {
			t.Fatalf("stopped at cell %d: %v, %v", at, result, err)
		}
		done := len(kept(t, r.Out))
		var stopped *Stopped
		if !errors.As(err, &stopped) || stopped.Kept != done || stopped.Cells != 8 || !strings.Contains(err.Error(), fmt.Sprintf("%d of 8 cells are kept in %s", done, r.Out)) {
			t.Errorf("stopped at cell %d: %v", at, err)
		}
		if _, err := os.Stat(filepath.Join(r.Out, resultFile)); err == nil || done > at {
			t.Errorf("stopped at cell %d: %d cells are kept, results: %v", at, done, err)
		}
		again := &counter{}
		r.Progress = again
		if result = run(t, r); result.taken != done {
			t.Errorf("stopped at cell %d: %d cells were taken, %d are kept", at, result.taken, done)
		}
		if got, _ := files(t, r.Out); got != want {
			t.Errorf("stopped at cell %d: got\n%s\nwant\n%s", at, got, want)
		}
		if again.cells != 8-done {
			t.Errorf("stopped at cell %d: %d cells were kept, %d were computed again", at, done, again.cells)
		}
	}
}

// TestKeptCells holds that a larger grid takes what is kept, and that a file which is not whole is as good as none.
func TestKeptCells(t *testing.T) {
	t.Parallel()
	r := request(t)
	r.Grid.Targets = r.Grid.Targets[:1]
	run(t, r)
	want, _ := files(t, r.Out)
	names := kept(t, r.Out)
	whole, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{whole[:len(whole)/2], nil, []byte("{}"), bytes.Replace(whole, []byte(`"key": "`), []byte(`"key": "0`), 1)} {
		if err := os.WriteFile(names[0], text, 0o644); err != nil {
			t.Fatal(err)
		}
		tasks := &counter{}
		r.Progress = tasks
		run(t, r)
		if got, _ := files(t, r.Out); tasks.cells != 1 || got != want {
			t.Errorf("%q: %d cells were computed", text, tasks.cells)
		}
	}
	tasks := &counter{}
	r.Progress = tasks
	r.Grid.Steps, r.Build.Options.Jobs = []int{2, 3, 4}, 1
	if result := run(t, r); tasks.cells != 2 || len(result.Cells) != 6 {
		t.Errorf("%d of %d cells were computed", tasks.cells, len(result.Cells))
	}
}

// TestKey wants another key for everything that determines a cell.
func TestKey(t *testing.T) {
	seen := map[string]string{}
	add := func(what string, change func(s *sweep, g *group, w *Width)) {
		s := &sweep{Request: request(t), program: "program"}
		g, w := group{s.Grid.Targets[0], "best", 0, 4}, Width{8, 0}
		change(s, &g, &w)
		key, err := s.key(g, w)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s have the same key", what, other)
		}
		seen[key] = what
	}
	add("nothing", func(*sweep, *group, *Width) {})
	add("program", func(s *sweep, _ *group, _ *Width) { s.program = "other" })
	add("model", func(s *sweep, _ *group, _ *Width) { s.Build.Model.SHA256 = "other" })
	add("data", func(s *sweep, _ *group, _ *Width) { s.Build.Data = s.Build.Data.Head(50) })
	add("calibration", func(s *sweep, _ *group, _ *Width) { s.Build.Calibration = s.Build.Calibration.Head(40) })
	add("seed", func(s *sweep, _ *group, _ *Width) { s.Build.Seed++ })
	add("preprocessing", func(s *sweep, _ *group, _ *Width) { s.Build.Preprocessing.PixelScale = 1 })
	add("option", func(s *sweep, _ *group, _ *Width) { s.Build.Options.Readout = "count" })
	add("target", func(s *sweep, g *group, _ *Width) { g.target = s.Grid.Targets[1] })
	add("rules", func(_ *sweep, g *group, _ *Width) { g.rules = "strict" })
	add("percentile", func(_ *sweep, g *group, _ *Width) { g.percentile = 99 })
	add("steps", func(_ *sweep, g *group, _ *Width) { g.steps = 5 })
	add("bits", func(_ *sweep, _ *group, w *Width) { w.Bits = 7 })
	add("limit", func(_ *sweep, _ *group, w *Width) { w.Limit = 7 })
	s := &sweep{Request: request(t), program: "program"}
	s.Build.Options.Jobs, s.Build.Tool = 3, "other"
	if key, err := s.key(group{s.Grid.Targets[0], "best", 0, 4}, Width{8, 1000}); err != nil || seen[key] != "nothing" {
		t.Errorf("goroutines, a name of the program, or a limit that is none, change the key (%v)", err)
	}
}

// TestRefused wants everything that is wrong with all cells at once, and nothing written.
func TestRefused(t *testing.T) {
	r := request(t)
	r.Grid.Targets, r.Grid.Bits = r.Grid.Targets[1:], []Width{{Bits: 8}, {Bits: 99}}
	r.Build.Options.Readout, r.Grid.Rules = "loud", []string{"lax"}
	_, err := Run(context.Background(), r)
	var failure *diag.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"8 bits", "99 bits", `"loud"`, `"lax"`} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("does not say %q once:\n%v", want, err)
		}
	}
	if _, err := os.Stat(filepath.Dir(r.Out)); err == nil {
		t.Error("something was written")
	}
	r = request(t)
	for name, text := range map[string]string{"file": "", "dir/own.txt": "", "sweep/cells/x.json": "", "sweep/own.txt": ""} {
		path := filepath.Join(filepath.Dir(r.Out), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"file", "dir", "sweep", "file/below"} {
		r.Out = filepath.Join(filepath.Dir(r.Out), name)
		if _, err := Run(context.Background(), r); err == nil || !strings.Contains(err.Error(), idFolder) {
			t.Errorf("%s: got %v", name, err)
		}
		if name == "file/below" {
			break
		}
	}
}

// TestFailedConversion holds that what cannot be built is a result of its cells.
func TestFailedConversion(t *testing.T) {
	t.Parallel()
	r := request(t)
	r.Grid.Targets, r.Grid.Steps = r.Grid.Targets[:1], []int{4, 2}
	r.Build.Options.ReadoutDelay = 3 // below T = 4, not below T = 2
	result := run(t, r)
	for i, want := range []bool{false, false, true, true} {
		if c := &result.Cells[i]; c.Failed != want {
			t.Errorf("%s: failed is %v", c, c.Failed)
		}
	}
	if result.Err() != nil || result.ErrSaid() != nil {
		t.Error("two cells were built")
	}
	result.Cells = result.Cells[2:]
	if err := result.Err(); err == nil || strings.Count(err.Error(), "--readout-delay") != 1 {
		t.Errorf("got %v", err)
	}
	if err := result.ErrSaid(); err == nil || strings.Contains(err.Error(), "--readout-delay") || !strings.Contains(err.Error(), "none of the 2 cells") {
		t.Errorf("got %v", err)
	}
}

// TestJSON holds that what is written can be read strictly, and says the same.
func TestJSON(t *testing.T) {
	t.Parallel()
	r := request(t)
	want := run(t, r)
	data, err := os.ReadFile(filepath.Join(r.Out, resultFile))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var got Result
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	got.seconds = want.seconds
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
