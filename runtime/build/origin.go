package build

import (
	"context"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/snn"
)

// origin is where the spiking network of a build comes from: a trained network that is converted, or a file that holds it. All
// that differs between the two stands in their files, origin_<name>.go.
type origin interface {
	// ends returns the shape of the input, and name and shape of the output.
	ends() (input ann.Shape, output string, classes ann.Shape)
	// prepare makes the choices that the origin itself makes and the user leaves open.
	prepare(r *Request) diag.List
	// resolve fills in defaults for a target, and refuses what does not exist or the target does not have.
	resolve(r *Request) (resolved, diag.List)
	// border is what is put around pictures before they are the network's; nil: nothing.
	border(ctx context.Context, b *run) (*snn.Border, error)
	// stages make run.network, and measure what comes before it.
	stages() []stage
	// about is what the network is, in words, and doubts what beside preprocessing may be wrong where it decides nothing.
	about() (what, doubts string)
}

// origin returns where the spiking network of the model comes from.
func (m Model) origin() origin {
	if m.Spiking != nil {
		return spiking{m.Spiking}
	}
	return trained{m.Model}
}
