package main

import (
	"slices"
	"strings"
	"testing"

	"spikec/runtime/sample"
)

// TestReport makes the page of a build, which stays one that can be checked and replaced, and of what else has a page.
func TestReport(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	r := document[reported](t, p.spikec("report", "out", "--json").exits(0))
	page := p.read("out/report.html")
	if r.Schema != "spikec/page/v1" || r.Path != "out/report.html" || r.Bytes != len(page) || !strings.HasPrefix(page, "<!DOCTYPE html>") {
		t.Errorf("got %+v", r)
	}
	p.spikec("report", "out").exits(0).prints("out/report.html: ")
	if p.read("out/report.html") != page {
		t.Error("the second page differs from the first")
	}
	p.spikec("report", "out", "--out", "mine.html").exits(0).prints("mine.html: ")
	p.write("check.json", p.spikec("check", "out", "--json", "--quiet").exits(0).out)
	p.spikec("report", "check.json").exits(0).prints("check.json.html: ")
	if checked := p.read("check.json.html"); !strings.Contains(checked, "every output count and potential is what was recorded") {
		t.Error("the page of a check does not say that it held")
	}
	p.spikec("report", "out", "--out", "out/image.spk").exits(1).complains("SPK-OUT-002", "lies within")
	p.spikec("report", "check.json", "--out", "check.json").exits(1).complains("SPK-OUT-002", "is also what is read")
	p.spikec("report", "nowhere").exits(1).complains("SPK-PAGE-001", "there is no such folder or file")
	p.write("out/more", "")
	p.spikec("report", "out").exits(1).complains("SPK-FILE-003", "more")
}

// TestReportOfSweep makes the page of a sweep, which can go on in the same folder afterwards.
func TestReportOfSweep(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	args := strings.Fields("sweep tiny.onnx --target generic8 --steps 2,4 --bits 8 --data mnist --limit 20 --calibration-limit 50 --out out --quiet")
	p.spikec(args...).exits(0)
	p.spikec("report", "out").exits(0).prints("out/report.html: ")
	p.spikec(args...).exits(0).prints("2 of 2 cells are from an earlier run")
}

// TestReportOfOthers makes the pages of a conversion and of a simulation, which can be made again in the same folders, and runs the
// commands that these pages give.
func TestReportOfOthers(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	convert := strings.Fields("convert tiny.onnx --data mnist --limit 20 --calibration-limit 50 --steps 4 --out snn --quiet")
	p.spikec(convert...).exits(0)
	p.spikec("report", "snn").exits(0).prints("snn/report.html: ")
	if page := p.read("snn/report.html"); !strings.Contains(page, "spikec convert tiny.onnx --calibration-limit=50 --data=mnist --limit=20 --steps=4 --out DIR") {
		t.Error("the page of a conversion lacks its command line")
	}
	p.spikec(convert...).exits(0)
	if slices.Contains(p.names("snn"), "report.html") {
		t.Error("the page of the conversion before is still there")
	}
	simulate := strings.Fields("simulate --example lif --out sim --quiet")
	p.spikec(simulate...).exits(0)
	first := p.read("sim/result.json")
	p.spikec("report", "sim").exits(0).prints("sim/report.html: ")
	if page := p.read("sim/report.html"); !strings.Contains(page, "spikec simulate sim/description.yaml --out DIR") {
		t.Error("the page of a simulation does not say how to repeat it")
	}
	p.spikec("simulate", "sim/description.yaml", "--out", "again", "--quiet").exits(0)
	for _, name := range p.names("again") {
		if p.read("again/"+name) != p.read("sim/"+name) {
			t.Errorf("%s differs when the description is simulated again", name)
		}
	}
	p.spikec(simulate...).exits(0)
	if p.read("sim/result.json") != first || slices.Contains(p.names("sim"), "report.html") {
		t.Error("the simulation did not take the place of the one before")
	}
}

// TestRecordedCommand runs the command line that a build recorded, and wants the same bytes in every file.
func TestRecordedCommand(t *testing.T) {
	p := newPlace(t)
	p.copy("tiny.onnx")
	p.write("spikec.yaml", "percentile: 99.5\nreadout-delay: auto\n")
	p.spikec(strings.Fields("build tiny.onnx --target generic8 --data mnist --limit 20 --calibration-limit 50 --steps 6 --seed 3 --bits 6 --per-channel=false --input-range 0,1 --out one --jobs 1 --quiet --engine reference --disable=rate-refit --early-exit --readout count")...).exits(0)
	again := func(from, to string) {
		t.Helper()
		d := document[sample.Document](t, result{t: t, line: from, out: p.read(from + "/report.json")})
		if len(d.Command) < 5 || d.Command[0] != "spikec" || slices.ContainsFunc(d.Command, func(w string) bool {
			return strings.HasPrefix(w, "--out") || strings.HasPrefix(w, "--jobs") || strings.HasPrefix(w, "--engine")
		}) {
			t.Fatalf("recorded %q", d.Command)
		}
		q := &place{t: t, dir: t.TempDir()}
		for _, name := range []string{"tiny.onnx", "one/calibration.json"} {
			q.write(strings.TrimPrefix(name, "one/"), p.read(name))
		}
		q.spikec(append(slices.Clone(d.Command[1:]), "--out", to, "--engine", "reference", "--quiet")...).exits(0)
		for _, name := range p.names(from) {
			if p.read(from+"/"+name) != q.read(to+"/"+name) {
				t.Errorf("%s: %s differs from what %q made", from, name, d.Command)
			}
		}
	}
	again("one", "two")
	// What a calibration file brings must not be given once more.
	p.write("calibration.json", p.read("one/calibration.json"))
	p.write("spikec.yaml", "{}\n")
	p.spikec(strings.Fields("build tiny.onnx --target generic8 --data mnist --limit 20 --calibration-file calibration.json --calibration-limit 50 --seed 3 --out known --quiet --engine reference")...).exits(0)
	again("known", "known")
}
