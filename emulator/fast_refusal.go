package emulator

import (
	"fmt"
	"slices"

	"spikec/target/image"
)

// refusal lists the cores that the fast engine cannot run.
type refusal struct {
	img     *image.Image
	cores   []int
	reasons []error
}

// Error names every core and its reason.
func (r *refusal) Error() string {
	text := "emulator: the fast engine cannot run "
	for k, i := range r.cores {
		if k > 0 {
			text += "; "
		}
		text += fmt.Sprintf("core %d (%s): %v", i, r.img.Cores[i].Population, r.reasons[k])
	}
	return text
}

// reason says why a core is not run by the fast engine: for what is refused is the whole image.
func (r *refusal) reason(core int) string {
	k := slices.Index(r.cores, core)
	if k < 0 {
		return fmt.Sprintf("the fast engine cannot run core %d", r.cores[0])
	}
	return fmt.Sprintf("the fast engine cannot run it: %v", r.reasons[k])
}
