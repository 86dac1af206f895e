package emulator

import (
	"fmt"
	"strings"
)

// Explain says for every core how it is computed.
func (e *fast) Explain() []string {
	var lines []string
	for i, c := range e.cores {
		lines = append(lines, fmt.Sprintf("core %d (%s): %s", i, c.Population, c.explain()))
	}
	return lines
}

// explain describes the core's methods and the reasons for them.
func (c *fastCore) explain() string {
	if c.Source {
		return c.plan.String()
	}
	text := fmt.Sprintf("%d neurons, %s", c.Neurons, c.plan)
	if c.layout.padded != c.layout.channels {
		text += fmt.Sprintf(", %d channels filled up to %d lanes", c.layout.channels, c.layout.padded)
	}
	if c.methods == nil {
		return "fast, nothing but a constant current arrives; " + text
	}
	var how []string
	for k, m := range c.methods {
		if k == len(c.methods)-c.negative {
			how = append(how, "for spikes of −1 with the signs of the weights changed")
		}
		how = append(how, m.String())
	}
	if c.refused != nil {
		how = append(how, "not gathered: "+strings.Join(c.refused, ", "))
	}
	sums := fmt.Sprintf("sums of a step in %d..%d", c.sum.lo, c.sum.hi)
	if c.unit > 0 {
		sums += fmt.Sprintf(", in units of %d", 1<<c.unit)
	}
	return fmt.Sprintf("fast, %s; %s; %s", strings.Join(how, "; "), sums, text)
}
