package chip

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// consistent reports what a profile that satisfies the schema key by key has wrong as a whole. Keys that are missing
// or of a wrong type were reported before and are passed over.
func (l *loader) consistent(root *yaml.Node) {
	l.proof(root)
	l.weightRange(find(root, "weight"))
	for _, name := range []string{"v", "u", "o", "ring", "a", "n"} {
		l.variableRange(find(root, "state", name), "state."+name)
	}
	l.thresholdRange(find(root, "threshold"))
	for _, path := range []string{"weight.exponent", "bias.exponent", "refractory", "delay"} {
		l.ascending(find(root, strings.Split(path, ".")...), path)
	}
	if modes := find(root, "reset", "modes"); modes != nil && modes.Kind == yaml.SequenceNode && len(modes.Content) == 0 {
		l.at(modes, idConflict, "reset.modes", "the list is empty; the first mode is the default")
	}
	l.names(root)
	l.registers(root)
	l.firing(root)
	l.negative(root)
	l.stages(root)
	l.events(root)
	l.constraints(find(root, "constraints"))
}

// proof reports a class of proof that the reference does not support.
func (l *loader) proof(root *yaml.Node) {
	class, _ := scalarText(find(root, "proof", "class"))
	n := find(root, "proof", "reference", "kind")
	got, ok := scalarText(n)
	want := map[string]string{"A": "rtl", "B": "emulator", "C": "rules", "D": "none"}[class]
	if ok && want != "" && got != want {
		l.at(n, idConflict, "proof.reference.kind", "got %s, want %s for class %s", clip(got), want, class)
	}
}

// ascending reports a range whose max lies below its min.
func (l *loader) ascending(n *yaml.Node, path string) {
	lo, ok1 := integerOf(find(n, "min"))
	hi, ok2 := integerOf(find(n, "max"))
	if ok1 && ok2 && hi < lo {
		l.at(find(n, "max"), idFormat, path+".max", "got %d, want at least min, %d", hi, lo)
	}
}

// within reports a min or max of a mapping that lies outside what its number format holds.
func (l *loader) within(n *yaml.Node, path string, lo, hi int64, format string) {
	l.ascending(n, path)
	for _, key := range []string{"min", "max"} {
		if v, ok := integerOf(find(n, key)); ok && (v < lo || v > hi) {
			l.at(find(n, key), idFormat, join(path, key), "got %d, want %d..%d (%s)", v, lo, hi, format)
		}
	}
}

// signedRange returns what so many bits hold, and how to call that.
func signedRange(bits int64, signed bool) (lo, hi int64, format string) {
	if signed {
		return -1 << (bits - 1), 1<<(bits-1) - 1, fmt.Sprintf("%d bits signed", bits)
	}
	return 0, 1<<bits - 1, fmt.Sprintf("%d bits unsigned", bits)
}

// truth returns the value of a key that is true or false.
func truth(n *yaml.Node) (value, ok bool) {
	if n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		return false, false
	}
	return value, n.Decode(&value) == nil
}

// weightRange reports weights that do not fit the stored width, or are no multiples of the step.
func (l *loader) weightRange(n *yaml.Node) {
	bits, ok := integerOf(find(n, "bits"))
	sign, _ := scalarText(find(n, "sign"))
	if !ok || bits < 1 || bits > 32 {
		return
	}
	lo, hi, format := signedRange(bits, sign == "twos")
	switch sign {
	case "mixed_even":
		lo, hi, format = -1<<bits, 1<<bits-2, fmt.Sprintf("%d bits, even", bits)
	case "unsigned_per_receptor":
		lo, format = -hi, fmt.Sprintf("%d bits and a receptor", bits)
	case "none":
		lo, hi, format = math.MinInt32, math.MaxInt32, "any"
	}
	l.within(n, "weight", lo, hi, format)
	step, ok := integerOf(find(n, "step"))
	if !ok || step < 1 {
		return
	}
	if sign == "mixed_even" && step%2 != 0 {
		l.at(find(n, "step"), idFormat, "weight.step", "got %d, want an even step for mixed_even", step)
	}
	for _, key := range []string{"min", "max"} {
		if v, ok := integerOf(find(n, key)); ok && v%step != 0 {
			l.at(find(n, key), idFormat, "weight."+key, "got %d, want a multiple of the step %d", v, step)
		}
	}
}

// variableRange reports bounds of a state variable that its bits do not hold. With wrap_once the upper bound may be
// one above: the correction leaves exactly +2^(bits−1) as it is.
func (l *loader) variableRange(n *yaml.Node, path string) {
	bits, ok1 := integerOf(find(n, "bits"))
	signed, ok2 := truth(find(n, "signed"))
	if !ok1 || !ok2 || bits < 1 || bits > 62 {
		return
	}
	lo, hi, format := signedRange(bits, signed)
	if overflow, _ := scalarText(find(n, "overflow")); overflow == "wrap_once" {
		hi++
	}
	l.within(n, path, lo, hi, format)
}

// thresholdRange reports thresholds that their bits do not hold.
func (l *loader) thresholdRange(n *yaml.Node) {
	bits, ok1 := integerOf(find(n, "bits"))
	signed, ok2 := truth(find(n, "signed"))
	if !ok1 || !ok2 || bits < 1 || bits > 32 {
		return
	}
	lo, hi, format := signedRange(bits, signed)
	l.within(n, "threshold", lo, hi, format)
}

// registers reports roles that contradict the rest of the profile.
func (l *loader) registers(root *yaml.Node) {
	n := find(root, "registers")
	threshold, _ := scalarText(find(n, "threshold"))
	bias, hasBias := scalarText(find(n, "bias"))
	if kind, ok := scalarText(find(root, "bias", "kind")); ok && find(n, "bias") != nil {
		if needed := kind == "add" || kind == "current"; needed && !hasBias {
			l.at(find(n, "bias"), idConflict, "registers.bias", "got null, want a register, because bias.kind is %s", clip(kind))
		} else if kind == "none" && hasBias {
			l.at(find(n, "bias"), idConflict, "registers.bias", "got %s, want null, because bias.kind is none", clip(bias))
		}
	}
	lower, hasLower := scalarText(find(n, "lower"))
	if kind, _ := scalarText(find(root, "lower", "kind")); hasLower && kind != "reset" {
		l.at(find(n, "lower"), idConflict, "registers.lower", "got %s, but lower.kind is not reset", clip(lower))
	}
	l.uses(root, threshold, bias, lower)
	constants := find(n, "constants")
	for _, role := range []string{threshold, bias, lower} {
		if k, _ := child(constants, role); k != nil {
			l.at(k, idConflict, "registers.constants."+clip(role), "has a role already")
		}
	}
}

// uses reports a threshold, a bias or a lower bound that has no effect because a program without mistakes does not read it.
func (l *loader) uses(root *yaml.Node, threshold, bias, lower string) {
	if l.brokenProgram {
		return
	}
	used := map[string]bool{}
	eachExpression(find(root, "program"), func(_ *yaml.Node, _ string, names []string) {
		for _, s := range names {
			used[s] = true
		}
	})
	if threshold != "" && !used[threshold] {
		l.at(find(root, "registers", "threshold"), idConflict, "registers.threshold", "the program does not use %s", clip(threshold))
	}
	if lower != "" && !used[lower] {
		l.at(find(root, "registers", "lower"), idConflict, "registers.lower", "the program does not use %s", clip(lower))
	}
	when, _ := scalarText(find(root, "bias", "when")) // a bias on a slow clock is no part of the program's step
	if bias != "" && !used[bias] && when != "slow_clock" {
		l.at(find(root, "registers", "bias"), idConflict, "registers.bias", "the program does not use %s", clip(bias))
	}
}

// firing reports a program whose threshold test or reset is not the one that the profile describes.
func (l *loader) firing(root *yaml.Node) {
	threshold, _ := scalarText(find(root, "registers", "threshold"))
	compare, _ := scalarText(find(root, "threshold", "compare"))
	shift, hasShift := integerOf(find(root, "threshold", "shift"))
	modes := texts(find(root, "reset", "modes"))
	fires := 0
	eachOperation(find(root, "program"), func(op string, n *yaml.Node) {
		mode, _ := scalarText(find(n, "mode"))
		if op == "reset" && slices.Contains([]string{"subtract", "zero", "value"}, mode) && !slices.Contains(modes, mode) {
			l.at(find(n, "mode"), idConflict, "program.reset.mode", "got %s, want one of reset.modes, %s, or cfg", mode, clip(strings.Join(modes, ", ")))
		}
		if op != "fire" {
			return
		}
		fires++
		if got, ok := scalarText(find(n, "compare")); ok && compare != "" && got != compare {
			l.at(find(n, "compare"), idConflict, "program.fire.compare", "got %s, but threshold.compare is %s", clip(got), clip(compare))
		}
		against, _ := scalarText(find(n, "against"))
		e, err := ParseExpr(against)
		if err != nil || !hasShift || !slices.Equal(e.names, []string{threshold}) {
			return
		}
		if f, err := e.Compile(func(string) (int, bool) { return 0, true }); err == nil && f([]int64{1}) != 1<<shift {
			l.at(find(n, "against"), idConflict, "program.fire.against", "got %s, but threshold.shift is %d", clip(against), shift)
		}
	})
	if n := find(root, "program"); n != nil && n.Kind == yaml.SequenceNode && len(n.Content) > 0 && fires == 0 {
		l.at(n, idConflict, "program", "no operation fires")
	}
}

// negative reports a program whose spikes have another sign than the profile describes.
func (l *loader) negative(root *yaml.Node) {
	kind := find(root, "lower", "kind")
	word, ok := scalarText(kind)
	program := find(root, "program")
	if !ok || program == nil || program.Kind != yaml.SequenceNode {
		return
	}
	sends := false
	eachOperation(program, func(op string, n *yaml.Node) {
		_, has := scalarText(find(n, "lower"))
		sends = sends || op == "emit" && has
	})
	if spikes := word == "spike"; spikes != sends {
		l.at(kind, idConflict, "lower.kind", "got %s, but the program emits %s", clip(word), map[bool]string{true: "negative spikes", false: "no negative spikes"}[sends])
	}
}

// stages reports operations that belong to a stage which the window does not have, and in a window of two stages those
// that must belong to one of them.
func (l *loader) stages(root *yaml.Node) {
	count, ok := integerOf(find(root, "execution", "stages"))
	two := ok && count == 2
	belongs := map[string]string{"integrate": StageIntegrate, "fire": StageFire, "reset": StageFire, "emit": StageFire}
	eachOperation(find(root, "program"), func(op string, n *yaml.Node) {
		got, has := scalarText(find(n, "stage"))
		switch want := belongs[op]; {
		case has && !two:
			l.at(find(n, "stage"), idConflict, "program."+op+".stage", "got %s, but execution.stages is not 2", clip(got))
		case two && want != "" && got != want:
			l.at(n, idConflict, "program."+op+".stage", "got %s, want %s, because execution.stages is 2", clip(got), want)
		}
	})
}

// constraints reports constraints that nothing evaluates.
func (l *loader) constraints(n *yaml.Node) {
	if n == nil || n.Kind != yaml.SequenceNode {
		return
	}
	for i, c := range n.Content {
		if s, ok := scalarText(c); ok && !slices.Contains(constraintTexts, s) {
			l.at(c, idConstraint, fmt.Sprintf("constraints[%d]", i), "nothing checks %q%s", clip(s), suggestion(s, constraintTexts))
		}
	}
}
