package encoder

func init() {
	register("burst", encoder{about: "a burst of round(x·n) spikes at the start of every n steps; n = 8", parameter: 8, least: 1, most: 1 << 16, next: burst})
}

// burst fires in the first ⌊x·n + ½⌋ steps of every n (Guo, Fouda, Eltawil, Salama 2021, "Neural coding in spiking neural
// networks", burst coding with intervals of one step): x is rounded to n-ths, and T is meant to be a multiple of n.
func burst(t *train, _ int) int {
	n := t.parameter
	spikes := (2*int(t.code)*n + codes) / (2 * codes)
	switch {
	case spikes == 0:
		return silentForever
	case t.from%n < spikes:
		return t.from
	}
	return t.from - t.from%n + n
}

// silentForever is a step that no picture has.
const silentForever = 1 << 40
