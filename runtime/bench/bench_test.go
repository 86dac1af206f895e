package bench

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/emulator/anchor"
	"spikec/internal/described"
	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/internal/simd"
	"spikec/runtime/progress"
	"spikec/target/image"
)

// TestText pins the table: a row, one that was disturbed, and one of an engine that refuses.
func TestText(t *testing.T) {
	row := Row{Net: "anchor", Steps: 32, Engine: "reference", Threads: 1, ImagesPerSecond: 17.25, SOPsPerSecond: 85.27e6, CPU: "A processor", Instructions: "scalar",
		Clock: "thread CPU time", Images: 1, Repetitions: 5, Min: 57.9e-3, Median: 58.6e-3, Density: 0.0874, Hash: "e8e103224e7c0b1a"}
	busy := row
	busy.Engine, busy.Instructions, busy.ImagesPerSecond, busy.SOPsPerSecond, busy.Min, busy.Median, busy.Images = "fast", "avx2", 4020.4, 20.01e9, 248.7e-6, 300e-6, 1024
	r := &Result{About: "a network", Processors: 2, LoadAverage: 1.5, PeakMemory: 63e6, Images: 1024, Verified: 16,
		Diagnostics: diag.List{{ID: idJobs, Severity: diag.Warning, Subject: "--jobs 3", Message: "there are only 2 processors, which the goroutines share"}},
		Rows:        []Row{row, busy, Row{Net: "anchor", Steps: 32, Engine: "swift", Threads: 1}.refuse(errors.New("it cannot run core 1"))}}
	var b strings.Builder
	if err := Text(&b, r); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "text.txt", b.String())
}

// TestHash measures the fast engine on one goroutine and on two, and compares its answers with the golden hashes.
func TestHash(t *testing.T) {
	for _, steps := range []int{8, 16} {
		hash := anchor.Golden[32][steps]
		for jobs := 1; jobs <= 2; jobs++ {
			r, err := Run(context.Background(), Request{Engine: "fast", Steps: steps, Jobs: jobs, Limit: 32, Repeat: 2})
			if err != nil {
				t.Fatal(err)
			}
			if row := r.Rows[0]; len(r.Rows) != 1 || row.Hash != hash || row.Threads != jobs || row.Images != 32 || row.Repetitions != 2 {
				t.Errorf("T = %d: got %+v, want hash %s", steps, r.Rows, hash)
			}
		}
	}
}

// TestEveryEngine measures all engines: they take the same images, give the same answers, and count the same work.
func TestEveryEngine(t *testing.T) {
	r, err := Run(context.Background(), Request{Steps: 4, Limit: 2, Repeat: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != len(emulator.Names())-1 {
		t.Fatalf("got %d rows, want one an engine of %v but auto", len(r.Rows), emulator.Names())
	}
	for _, row := range r.Rows {
		if row.Refused != "" || row.Hash != r.Rows[0].Hash || row.Density != r.Rows[0].Density || row.SOPs != r.Rows[0].SOPs {
			t.Errorf("got %+v and %+v", r.Rows[0], row)
		}
		if !(row.Min > 0 && row.Median >= row.Min && row.SOPsPerSecond > row.ImagesPerSecond && row.Density > 0.01) {
			t.Errorf("these cannot be: %+v", row)
		}
	}
}

// TestAskedTooMuch: goroutines without an image do not run, images that are not there are not missed, and both are said.
func TestAskedTooMuch(t *testing.T) {
	jobs := runtime.GOMAXPROCS(0) + 1
	r, err := Run(context.Background(), Request{Steps: 2, Limit: 1, Jobs: jobs, Repeat: 1, Engine: "auto"})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != len(emulator.Names())-1 || len(r.Diagnostics) != 1 || r.Diagnostics[0].ID != idJobs {
		t.Errorf("got %+v", r)
	}
	for _, row := range r.Rows {
		want := simd.Best().String()
		if row.Engine == "reference" {
			want = "scalar"
		}
		if row.Threads != 1 || row.Clock != oneThread || row.Instructions != want {
			t.Errorf("got %+v, want one thread with instructions %s", row, want)
		}
	}
	found := remarks(Request{Limit: 3}, &network{pictures: make([][]uint8, 2)})
	if len(found) != 1 || found[0].String() != "info SPK-BENCH-004 --limit 3: only 2 images are there" {
		t.Errorf("got %v", found)
	}
}

// TestVGG9 checks that the network is within its chip, and that its layers fire about as often as it says.
func TestVGG9(t *testing.T) {
	net, err := makeVGG9(context.Background(), 16, 1, progress.None)
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := image.Check(net.img, net.profile); found.Err() != nil {
		t.Fatal(found)
	}
	e, err := emulator.New("fast", net.img, net.profile)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.NewSession().Run(net.pictures[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range r.Counters.Spikes[:len(net.img.Cores)-1] {
		c := &net.img.Cores[i]
		if density := float64(n) / float64(c.Neurons*net.img.Steps); density < 0.05 || density > 0.15 {
			t.Errorf("%s: density %.3f at threshold %v, want about %.2f", c.Population, density, c.Registers["thr"], vggDensity)
		}
	}
}

// TestRefusals checks that what cannot be measured is named.
func TestRefusals(t *testing.T) {
	_, err := Run(context.Background(), Request{Net: "nowhere"})
	var f *diag.Failure
	if !errors.As(err, &f) || f.List[0].ID != idNetwork || f.List[0].Subject != "--net nowhere" {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(ctx, Request{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !slices.IsSorted(Names()) {
		t.Errorf("names are not in order: %v", Names())
	}
}

// TestDocument compares the result with docs/formats.md, key by key.
func TestDocument(t *testing.T) {
	text := described.Read(t, "../../docs/formats.md")
	text.Known(diag.Diagnostic{})
	text.Holds(t, "## Measured speed", Result{})
}

// TestVerify checks that an engine with other answers is found out.
func TestVerify(t *testing.T) {
	net, err := makeAnchor(context.Background(), 4, 1, progress.None)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(context.Background(), net, Request{}.withDefaults().Progress)
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New("fast", net.img, net.profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.verify(e); err != nil {
		t.Error(err)
	}
	v.answers[0].Counts[0][3]++
	if err := v.verify(e); err == nil || !strings.Contains(err.Error(), "reference and fast differ, first on image 0: counts") {
		t.Errorf("got %v", err)
	}
}
