package quantize

import (
	"fmt"
	"math"

	"spikec/internal/diag"
)

// leastSQNR is the signal to rounding noise of a layer's weights below which the user should look (conversion reference §6).
// [dB]
const leastSQNR = 15

// coarse warns of a layer whose weights rounding changed much.
func (r *LayerReport) coarse(found *diag.List) {
	if r.SQNR != 0 && r.SQNR < leastSQNR {
		shown := min(math.Round(10*r.SQNR)/10, leastSQNR-0.1) // what is just below the least does not read as the least
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-008", Severity: diag.Warning, Subject: r.Population,
			Message: "rounding noise is large against its weights: SQNR in dB", Value: shown, Limit: fmt.Sprint("at least ", leastSQNR),
			Remedy: "more --bits where the target has them, a target with more weight bits, or with a threshold for every channel"})
	}
}
