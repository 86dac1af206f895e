package enginetest

import (
	"embed"
	"fmt"

	"spikec/target/chip"
)

//go:embed profiles/*.yaml
var profiles embed.FS

// styles are the IDs of the profiles of this package: definitions for tests with the arithmetic of neurons that the
// bundled profiles lack.
var styles = []string{"reckon-style", "ranc-style", "loihi-style", "leak-style"}

// Profiles returns the IDs of the bundled profiles and of those of this package.
func Profiles() []string { return append(chip.IDs(), styles...) }

// Profile returns a profile of this package, or a bundled one.
func Profile(id string) (*chip.Profile, error) {
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
