package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/sweep"
)

// unmeasured is a section that was never made.
const unmeasured = "Not measured yet."

// TestDocument holds that docs/accuracy.md has a section for every network and no other, and that what is in it can be what
// this program wrote: whole tables, and intervals that follow from accuracies and numbers of images.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../accuracy.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile(`(?s)<!-- BEGIN (\S+) -->\n(.*?)\n<!-- END (\S+) -->`).FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
		if body := strings.TrimSpace(m[2]); body != unmeasured {
			for _, wrong := range check(body) {
				t.Errorf("%s: %s", m[1], wrong)
			}
		}
		if m[1] != m[3] {
			t.Errorf("section %s ends as %s", m[1], m[3])
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, names()) {
		t.Errorf("sections %v, want %v", found, names())
	}
}

var (
	head   = regexp.MustCompile(`^.+\. The ONNX network reaches (\d+\.\d\d % on \d+ images(, )?)+\. Calibrated with \d+ training images, seed \d+\. SHA-256 of the network [0-9a-f]{12}…, of the \d+ test images [0-9a-f]{12}…\. Measured by spikec \S+\.$`)
	sized  = regexp.MustCompile(`\d+ bits, n = (\d+)$`)
	share  = regexp.MustCompile(`^\d+\.\d\d$`)
	amount = regexp.MustCompile(`^\d+(\.\d+)?(e[+-]\d+)?$`)
	figure = regexp.MustCompile(`^\*\*(\d+\.\d\d)\*\* [+-]\d+\.\d\d \((\d+\.\d\d)\.\.(\d+\.\d\d)\)$`)
)

// check reports what no section can have.
func check(section string) (wrong []string) {
	lines := strings.Split(section, "\n")
	if !head.MatchString(lines[0]) {
		wrong = append(wrong, fmt.Sprintf("begins with %q", lines[0]))
	}
	tables := 0
	for i := 1; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "| T |") {
			continue
		}
		tables++
		titles := fields(lines[i])
		for k, t := range steps {
			row := i + 2 + k
			if row >= len(lines) || len(fields(lines[row])) != len(titles) || fields(lines[row])[0] != strconv.Itoa(t) {
				wrong = append(wrong, fmt.Sprintf("table %d has no whole row for T = %d", tables, t))
				continue
			}
			for c, text := range fields(lines[row])[1:] {
				if why := checkCell(titles[1+c], text); why != "" {
					wrong = append(wrong, fmt.Sprintf("T = %d, %s: %q %s", t, titles[1+c], text, why))
				}
			}
		}
	}
	if tables < len(rules) {
		wrong = append(wrong, fmt.Sprintf("%d tables, want one for each of the rules %v", tables, rules))
	}
	return wrong
}

// fields are the cells of a line of a table.
func fields(line string) []string {
	var list []string
	for _, f := range strings.Split(strings.Trim(line, "|"), "|") {
		list = append(list, strings.TrimSpace(f))
	}
	return list
}

// checkCell says why a text cannot stand in a column; "" where it can.
func checkCell(title, text string) string {
	size := sized.FindStringSubmatch(title)
	switch {
	case text == "–":
		return ""
	case strings.HasSuffix(title, "float spikes") && !share.MatchString(text), strings.HasPrefix(title, "M SOP") && !amount.MatchString(text):
		return "is no figure"
	case size == nil:
		return ""
	}
	m := figure.FindStringSubmatch(text)
	if m == nil {
		return "is no accuracy with its interval"
	}
	n, _ := strconv.ParseInt(size[1], 10, 64)
	accuracy, _ := strconv.ParseFloat(m[1], 64)
	correct := int64(math.Round(accuracy / 100 * float64(n)))
	want := evaluate.Wilson(correct, n)
	if m[2] != fmt.Sprintf("%.2f", 100*want[0]) || m[3] != fmt.Sprintf("%.2f", 100*want[1]) {
		return fmt.Sprintf("has not the interval of %d out of %d", correct, n)
	}
	return ""
}

// invented is a sweep of the document's grid for a target, with figures that follow from the choices; few images below 8
// bits. One cell cannot be built.
func invented(targets, rules []string, bits []int) *sweep.Result {
	seed := uint64(0)
	r := &sweep.Result{Tool: "spikec v1", Calibration: ladder.Data{N: 10, Seed: &seed}, Data: ladder.Data{N: 1000, SHA256: strings.Repeat("ab", 32)}}
	r.Model.SHA256 = strings.Repeat("cd", 32)
	stage := func(name string, correct, n int64) ladder.Stage {
		return ladder.Stage{Stage: name, Correct: correct, N: n, Accuracy: float64(correct) / float64(n), CI95: evaluate.Wilson(correct, n)}
	}
	for _, id := range targets {
		for _, rule := range rules {
			for _, t := range steps {
				for _, b := range bits {
					n := int64(1000)
					if b < allBits {
						n = 200
					}
					c := sweep.Cell{Target: id, Rules: rule, Steps: t, Bits: b, PerImage: &ladder.PerImage{Cost: ladder.Cost{SynapticOperations: 1.5e6 * float64(t)}},
						Stages: []ladder.Stage{stage(ladder.ANN, n*9/10, n), stage(ladder.SNN, n*8/10, n), stage(ladder.Files, n*8/10+int64(b), n)}}
					if c.Failed = t == 4 && b == 3; c.Failed {
						c.Stages, c.PerImage = nil, nil
					}
					r.Cells = append(r.Cells, c)
				}
			}
		}
	}
	return r
}

func TestTables(t *testing.T) {
	grid := invented([]string{target}, rules, bits)
	text := conditions(grid, "a - b") + gridTable(grid, "strict") + gridTable(grid, "best") + chipTable(invented([]string{target, "other"}, rules[1:], []int{allBits}))
	for _, want := range []string{
		"a - b. The ONNX network reaches 90.00 % on 1000 images, 90.00 % on 200 images. Calibrated with 10 training images, seed 0. ",
		"\n**generic8, rules strict**\n\n| T | float spikes | 8 bits, n = 1000 | 6 bits, n = 200 | 4 bits, n = 200 | 3 bits, n = 200 | M SOP, 8 bits |\n",
		"\n| 4 | 80.00 | **80.80** -9.20 (78.24..83.12) | **83.00** -7.00 (77.18..87.57) | **82.00** -8.00 (76.09..86.71) | – | 6 |\n",
		"\n**generic8, other, rules best, 8 bits**\n\n| T | generic8, float spikes | generic8, 8 bits, n = 1000 | other, float spikes | other, 8 bits, n = 1000 |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if wrong := check(strings.TrimSpace(text)); wrong != nil {
		t.Errorf("the check of the document refuses it: %v", wrong)
	}
	for _, change := range [][2]string{{"The ONNX", "An ONNX"}, {"\n| 16 |", "\n| 17 |"}, {"**80.80**", "**80.90**"}, {"(78.24..", "("}, {"| 80.00 |", "| 80 |"}, {" 12 |", " twelve |"}, {"| T |", "| S |"}} {
		broken := strings.Replace(text, change[0], change[1], 1)
		if change[0] == "| T |" {
			broken = strings.ReplaceAll(text, change[0], change[1])
		}
		if broken == text || check(strings.TrimSpace(broken)) == nil {
			t.Errorf("with %q for %q the check sees nothing", change[1], change[0])
		}
	}
}

// TestNothingToDo holds that a wrong name changes nothing.
func TestNothingToDo(t *testing.T) {
	err := generate(t.Context(), "../../..", options{only: "none"})
	if err == nil || !strings.Contains(err.Error(), "bundled-mnist_cnn_plain") {
		t.Errorf("got %v", err)
	}
}
