package emulator

import "spikec/target/chip"

// A lower reset is a reset (op_reset.go) of the neurons whose lower flag is set; each is counted, unless it sends a spike.
func init() {
	registerOp("lower_reset", func(c *program, m chip.MicroOp) (operation, error) {
		reset, err := compileReset(c, m, func(s *coreState) []bool { return s.lowered })
		if c.profile.Lower.Kind == "spike" {
			return reset, err
		}
		return func(s *coreState) {
			reset(s)
			for _, lowered := range s.lowered[s.first:s.end] {
				if lowered {
					s.lowerResets++
				}
			}
		}, err
	})
}
