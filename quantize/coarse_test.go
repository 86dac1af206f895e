package quantize

import (
	"testing"

	"spikec/internal/diag"
)

// TestCoarse: 0 stands for weights that rounding left as they are.
func TestCoarse(t *testing.T) {
	var near diag.List
	(&LayerReport{SQNR: 14.96}).coarse(&near)
	if len(near) != 1 || near[0].Value != 14.9 {
		t.Errorf("just below the least: %v", near)
	}
	for sqnr, warns := range map[float64]bool{0: false, 15: false, 40: false, 14.96: true, 14.9: true, 3: true, -2: true} {
		var found diag.List
		(&LayerReport{Population: "conv", SQNR: sqnr}).coarse(&found)
		if (len(found) == 1) != warns || warns && (found[0].ID != "SPK-QUANT-008" || found[0].Severity != diag.Warning || found[0].Subject != "conv") {
			t.Errorf("%v dB: found %v", sqnr, found)
		}
	}
}
