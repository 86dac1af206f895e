package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// simulated are the networks of simulations that are measured: benchmarks of models/network and the model time of a run, in s.
var simulated = []struct {
	name, bench string
	seconds     float64
}{
	{"1,000 neurons of Izhikevich, 10^6 synapses, steps of 1 ms", "BenchmarkIzhikevich", 1},
	{"the same with NumPy's random numbers (`generator: numpy`)", "BenchmarkIzhikevichNumPy", 1},
	{"100,000 leaky neurons, 10^7 synapses, steps of 0.1 ms", "BenchmarkLeaky", 0.1},
}

// simulations measures how fast networks of spiking neurons are simulated, on one processor.
func simulations(ctx context.Context, p *programs, o options) (string, error) {
	tests, err := p.networkTests(ctx)
	if err != nil {
		return "", err
	}
	seconds := make([][]float64, len(simulated))
	memory := make([]string, len(simulated))
	err = pinned(func() error {
		for range o.rounds {
			for k, s := range simulated {
				v, err := goBench(ctx, tests, s.bench)
				if err != nil {
					return err
				}
				seconds[k], memory[k] = append(seconds[k], v["cpu-s/op"]), "–"
				if v["B/synapse"] > 0 {
					memory[k] = fmt.Sprintf("%.0f bytes a synapse, %.0f MiB in all", v["B/synapse"], v["MiB"])
				}
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| network | model time of a run | CPU seconds, median | least | most | times real time, median | memory |\n|---|---:|---:|---:|---:|---:|---|\n")
	for k, s := range simulated {
		slices.Sort(seconds[k])
		median := seconds[k][len(seconds[k])/2]
		fmt.Fprintf(&b, "| %s | %g s | %.3g | %.3g | %.3g | %.3g | %s |\n", s.name, s.seconds, median, seconds[k][0], seconds[k][len(seconds[k])-1], s.seconds/median, memory[k])
	}
	return b.String(), nil
}

// brian2 lets the program in bench/peers compare with Brian 2.
func brian2(ctx context.Context, p *programs, o options) (string, error) {
	tests, err := p.networkTests(ctx)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, o.brian, filepath.Join(p.root, "bench", "peers", "brian2_networks.py"), "--spikec", tests, "--repeat", strconv.Itoa(max(o.rounds, 7)))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", o.brian, err)
	}
	return string(out), nil
}

// networkTests compiles the tests of models/network.
func (p *programs) networkTests(ctx context.Context) (string, error) {
	path := filepath.Join(p.scratch, "network.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", path, "./models/network")
	build.Dir, build.Stderr = p.root, os.Stderr
	return path, build.Run()
}

// goBench runs a benchmark of compiled tests a few times, and returns what it measures by unit.
func goBench(ctx context.Context, tests, name string) (map[string]float64, error) {
	cmd := exec.CommandContext(ctx, tests, "-test.run", "xxx", "-test.bench", "^"+name+"$", "-test.benchtime", "20x", "-test.cpu", "1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return measures(string(out), name)
}

// measures reads what the line of a benchmark says, by unit.
func measures(out, name string) (map[string]float64, error) {
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `(?:-\d+)?\s+\d+\s+(.+)$`).FindStringSubmatch(out)
	if line == nil {
		return nil, errors.New("there is no " + name)
	}
	fields, values := strings.Fields(line[1]), map[string]float64{}
	for k := 0; k+1 < len(fields); k += 2 {
		v, err := strconv.ParseFloat(fields[k], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values[fields[k+1]] = v
	}
	return values, nil
}
