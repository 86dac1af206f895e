package enginetest

import (
	"embed"
	"fmt"
	"sync"

	"spikec/target/chip"
)

//go:embed profiles/*.yaml
var profiles embed.FS

// styles are the IDs of the profiles of this package: definitions for tests with the arithmetic of neurons that the
// bundled profiles lack.
var styles = []string{"reckon-style", "ranc-style", "loihi-style", "leak-style", "signed-style", "staged-style"}

// Profiles returns the IDs of the bundled profiles and of those of this package.
func Profiles() []string {
	var ids []string
	for _, p := range chip.All() {
		if p.Execution.Kind == "tick" {
			ids = append(ids, p.ID)
		}
	}
	return append(ids, styles...)
}

// loaded holds the profiles that Profile has read.
var loaded sync.Map

// Profile returns a profile of this package, or a bundled one, to read only.
func Profile(id string) (*chip.Profile, error) {
	if p, ok := loaded.Load(id); ok {
		return p.(*chip.Profile), nil
	}
	p, err := load(id)
	if err == nil {
		loaded.Store(id, p)
	}
	return p, err
}

// load reads a profile.
func load(id string) (*chip.Profile, error) {
	name := id + ".yaml"
	text, err := profiles.ReadFile("profiles/" + name)
	if err != nil {
		return chip.Load(id)
	}
	p, err := chip.Parse(name, text)
	if err != nil {
		return nil, fmt.Errorf("enginetest: %w", err)
	}
	return p, nil
}
