package emulator

// Decide returns the class that the output neurons chose. With read-out count the most spikes win, ties go to the
// higher membrane and then to the lower class; with read-out membrane the highest membrane wins, ties go to the lower
// class.
func Decide(readout string, counts, potentials []int32) int {
	best := 0
	for k := range potentials {
		if readout == "count" && counts[k] != counts[best] {
			if counts[k] > counts[best] {
				best = k
			}
			continue
		}
		if potentials[k] > potentials[best] {
			best = k
		}
	}
	return best
}
