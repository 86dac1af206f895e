package verify

import (
	"context"
	"path"
	"strings"

	"spikec/runtime/verify/simulate"
)

func init() {
	register(chipCases{name: "simulate", about: "recorded simulations of neurons, networks and learning rules, by their family", find: findSimulations})
}

// findSimulations takes every .json that says it is a recorded simulation, and the one file that a path names.
func findSimulations(f *Files) ([]Case, error) {
	var cases []Case
	for _, name := range f.Names() {
		if path.Ext(name) != ".json" {
			continue
		}
		data, err := f.Read(name)
		if err != nil {
			return nil, err
		}
		if len(f.Names()) > 1 && !simulate.Is(data) {
			continue
		}
		cases = append(cases, Case{Name: strings.TrimSuffix(name, ".json"), Run: func(ctx context.Context) (string, error) {
			return simulate.Verify(ctx, data)
		}})
	}
	return cases, nil
}
