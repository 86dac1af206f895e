package odin

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"spikec/internal/diag"
)

// Names of the files of a memory image.
const (
	NeuronFile  = "neur.hex"
	SynapseFile = "syn.hex"
)

// NeuronHex returns neur.hex: a word a line, hexadecimal digits with the most significant first, in the order of addresses, as
// $readmemh of Verilog reads it.
func (m *Memory) NeuronHex() []byte { return writeHex(m.Neurons, m.Chip.NeuronBytes) }

// SynapseHex returns syn.hex, in the same form.
func (m *Memory) SynapseHex() []byte { return writeHex(m.Synapses, wordBytes) }

// ReadNeuronHex replaces the neuron memory by what neur.hex says. A wrong file is refused with its lines, and nothing is
// replaced.
func (m *Memory) ReadNeuronHex(name string, text []byte) error {
	return readHex(name, text, m.Neurons, m.Chip.NeuronBytes)
}

// ReadSynapseHex replaces the synapse memory by what syn.hex says.
func (m *Memory) ReadSynapseHex(name string, text []byte) error {
	return readHex(name, text, m.Synapses, wordBytes)
}

// writeHex writes words of so many bytes, the byte of the lowest bits first in memory.
func writeHex(memory []byte, width int) []byte {
	out := make([]byte, 0, len(memory)*2+len(memory)/width)
	for at := 0; at < len(memory); at += width {
		for b := width - 1; b >= 0; b-- {
			out = hex.AppendEncode(out, memory[at+b:at+b+1])
		}
		out = append(out, '\n')
	}
	return out
}

// readHex reads what writeHex writes. Digits may be upper case, lines may end in CR LF; empty lines and comments, from // to
// the end of a line, are passed over.
func readHex(name string, text []byte, memory []byte, width int) error {
	l := newLines(name)
	if !l.fits(text) {
		return l.Found.Err()
	}
	words := make([]byte, 0, len(memory))
	count, want := 0, len(memory)/width
	for line := range l.each(text, "//") {
		if count++; count > want {
			continue
		}
		word := make([]byte, width)
		if len(line) != 2*width {
			l.errorf("SPK-ODIN-021", "got %q, want %d hexadecimal digits", clip(line), 2*width)
		} else if _, err := hex.Decode(word, line); err != nil {
			l.errorf("SPK-ODIN-021", "got %q, want %d hexadecimal digits", clip(line), 2*width)
		}
		for b := width - 1; b >= 0; b-- {
			words = append(words, word[b])
		}
	}
	if count != want {
		l.Found.Errorf("SPK-ODIN-022", name, "%d words, want %d", count, want)
	}
	if err := l.err(); err != nil {
		return err
	}
	copy(memory, words)
	return nil
}

// Bounds of what is read and reported.
const (
	mostBytes    = 4 << 20 // a .spi of ODIN has 444 KB
	mostProblems = 20
)

// lines reads a file line by line, and collects what is wrong with it.
type lines struct {
	diag.Bounded
	name string
	line int
}

// newLines returns what reads the file of a name.
func newLines(name string) lines {
	return lines{Bounded: diag.Bounded{Most: mostProblems}, name: name}
}

// fits reports a file that is too long to be one of the chips'.
func (l *lines) fits(text []byte) bool {
	if len(text) <= mostBytes {
		return true
	}
	l.Found.Add(diag.Diagnostic{ID: "SPK-ODIN-020", Severity: diag.Error, Subject: l.name, Message: "is longer than any file of the chip",
		Value: len(text), Limit: mostBytes})
	return false
}

// each yields the lines that hold something, without comments and space around them.
func (l *lines) each(text []byte, comment string) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(text) {
			l.line++
			line, _, _ = bytes.Cut(line, []byte(comment))
			if line = bytes.TrimSpace(line); len(line) > 0 && !yield(line) {
				return
			}
		}
	}
}

// errorf reports a problem of the line at hand.
func (l *lines) errorf(id, format string, args ...any) {
	l.Errorf(id, fmt.Sprintf("%s line %d", l.name, l.line), format, args...)
}

// err returns the problems.
func (l *lines) err() error { return l.Err("SPK-ODIN-020", l.name) }

// clip shortens what is quoted.
func clip(text []byte) []byte { return text[:min(len(text), 40)] }
