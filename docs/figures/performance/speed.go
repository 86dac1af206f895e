package main

import (
	"context"
	"fmt"
	"strings"

	"spikec/internal/simd"
	"spikec/runtime/bench"
)

// busy is how far a median may lie above the minimum before it is marked.
const busy = 1.10

// speed compares all engines on the anchor network.
func speed(ctx context.Context, p *programs, o options) (string, error) {
	var b strings.Builder
	for _, steps := range []int{32, 64} {
		all, err := p.competitors(ctx, o)
		if err != nil {
			return "", err
		}
		if err := takeTurns(ctx, all, steps, o.rounds); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "### T = %d\n\n", steps)
		speedTable(&b, all)
		c := best(all, "spikec", simd.Available())
		fmt.Fprintf(&b, "\nThe %s engine with %s does %.3g G SOP/s: %s Load average at the end: %.2f.\n", c.engine, c.level, c.row.SOPs/c.min()/1e9, workText(c.row), c.load)
		if p.without != "" {
			fmt.Fprintf(&b, "\nWithout the anchor: %s.\n\n", p.without)
			continue
		}
		b.WriteString("\nIn proportion to others:\n\n")
		ratioTable(&b, all, levels(), steps)
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// speedTable prints every engine.
func speedTable(b *strings.Builder, all []*competitor) {
	b.WriteString("| instructions | program | engine | images a turn | images/s | µs an image, least | median | times the anchor's best |\n")
	b.WriteString("|---|---|---|---:|---:|---:|---:|---:|\n")
	unsteady := false
	for _, c := range all {
		mark, ratio := "", "–"
		if c.median() > busy*c.min() {
			mark, unsteady = " *", true
		}
		if a := best(all, "anchor", c.level); a != nil {
			ratio = fmt.Sprintf("%.2f", c.min()/a.min())
		}
		fmt.Fprintf(b, "| %s | %s | %s | %d | %s | %s | %s%s | %s |\n", c.level, c.program, c.engine, c.images, rate(1/c.min()), micro(c.min()), micro(c.median()), mark, ratio)
	}
	if unsteady {
		fmt.Fprintf(b, "\n\\* more than %.0f %% above the least: the machine was busy.\n", 100*(busy-1))
	}
}

// peers were measured elsewhere, beside the anchor's AVX2 engine: on AMD Zen 3 at 3.2 GHz, one thread, November 2026, all
// on this network. Only their ratio to the anchor carries over. Images/s at T = 32 and T = 64.
var (
	peerAnchor = map[int]float64{32: 7675, 64: 4020}
	peers      = []struct {
		name   string
		images map[int]float64
	}{
		{"plain PyTorch loop", map[int]float64{32: 311, 64: 152}},
		{"fastest spiking framework (Norse)", map[int]float64{32: 253, 64: 125}},
	}
)

// plainGo is how many times as long as the anchor's best AVX2 engine the fast engine took that was written in plain Go, at
// T = 32: 1207 µs an image where the anchor took 109. Source: commit 13ec6c4.
const plainGo = 11.0

// ratioTable says how the best engines of spikec stand to others, by way of the anchor's best AVX2 engine.
func ratioTable(b *strings.Builder, all []*competitor, levels []simd.Level, steps int) {
	link := best(all, "anchor", simd.AVX2)
	if link == nil {
		b.WriteString("The processor lacks AVX2: there is no link to what was measured elsewhere.\n")
		return
	}
	head, rule := "| spikec's best engine is … times as fast as |", "|---|"
	var mine []*competitor
	for _, l := range levels {
		c := best(all, "spikec", l)
		mine = append(mine, c)
		head += fmt.Sprintf(" %s, %s |", l, c.engine)
		rule += "---:|"
	}
	fmt.Fprintf(b, "%s\n%s\n", head, rule)
	line := func(name string, seconds func(*competitor) float64) {
		fmt.Fprintf(b, "| %s |", name)
		for _, c := range mine {
			fmt.Fprintf(b, " %s |", times(seconds(c)/c.min()))
		}
		b.WriteString("\n")
	}
	line("the anchor's best engine of the same instructions", func(c *competitor) float64 { return best(all, "anchor", c.level).min() })
	line("the anchor's best AVX2 engine ("+link.engine+")", func(*competitor) float64 { return link.min() })
	for _, r := range []struct{ name, program, engine string }{
		{"the definition in C (scalar-dense)", "anchor", "scalar-dense"}, {"spikec's reference engine", "spikec", "reference"},
	} {
		for _, other := range all {
			if other.program == r.program && other.engine == r.engine {
				line(r.name, func(*competitor) float64 { return other.min() })
			}
		}
	}
	if c := mine[0]; len(mine) > 1 {
		line("itself without vectors (SPIKEC_SIMD=scalar)", func(*competitor) float64 { return c.min() })
	}
	if steps == 32 {
		line(fmt.Sprintf("the fast engine in plain Go (commit 13ec6c4; %.1f times the anchor's AVX2 time)", plainGo), func(*competitor) float64 { return plainGo * link.min() })
	}
	for _, peer := range peers {
		name := fmt.Sprintf("%s, measured elsewhere (%.0f images/s where the anchor's AVX2 engine did %.0f)", peer.name, peer.images[steps], peerAnchor[steps])
		line(name, func(*competitor) float64 { return link.min() * peerAnchor[steps] / peer.images[steps] })
	}
}

// rate prints how many there are in a second.
func rate(x float64) string {
	if x < 100 {
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// times prints a ratio.
func times(x float64) string { return fmt.Sprintf("%.3g", x) }

// micro prints seconds as µs.
func micro(seconds float64) string {
	if x := 1e6 * seconds; x < 1000 {
		return fmt.Sprintf("%.4g", x)
	}
	return fmt.Sprintf("%.0f", 1e6*seconds)
}

// workText says what an image of a row is.
func workText(r *bench.Row) string {
	text := fmt.Sprintf("%.4g M synaptic operations an image; spikes a neuron and step, in per cent:", r.SOPs/1e6)
	for _, layer := range r.Layers {
		text += fmt.Sprintf(" %s %.1f,", layer.Name, 100*layer.Density)
	}
	return text + fmt.Sprintf(" all neurons %.1f.", 100*r.Density)
}
