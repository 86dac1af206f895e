package emulator

import "spikec/target/chip"

// A lower reset is a reset (op_reset.go) of the neurons whose lower flag is set.
func init() {
	registerOp("lower_reset", func(c *program, m chip.MicroOp) (operation, error) {
		return compileReset(c, m, func(s *coreState) []bool { return s.lowered })
	})
}
