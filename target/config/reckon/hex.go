package reckon

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Names of the images of the memories: a word of 128 bits a line, 32 hexadecimal digits, the most significant first, in the
// order of addresses, as $readmemh reads them.
const (
	NeuronFile    = "neur.hex"
	InputFile     = "winp.hex"
	RecurrentFile = "wrec.hex"
	OutputFile    = "wout.hex"
)

// hexFiles are the files with the number of their words, and what reads and writes one word.
var hexFiles = []struct {
	name  string
	words int
	word  func(m *Memories, i int) [4]uint32
	set   func(m *Memories, i int, w [4]uint32)
}{
	{NeuronFile, Pairs, func(m *Memories, i int) [4]uint32 { return m.Neurons[i] }, func(m *Memories, i int, w [4]uint32) { m.Neurons[i] = w }},
	{InputFile, Neurons * Neurons / 16, func(m *Memories, i int) [4]uint32 { return sixteen(part(&m.Input, i)) },
		func(m *Memories, i int, w [4]uint32) { setSixteen(part(&m.Input, i), w) }},
	{RecurrentFile, Neurons * Neurons / 16, func(m *Memories, i int) [4]uint32 { return sixteen(part(&m.Recurrent, i)) },
		func(m *Memories, i int, w [4]uint32) { setSixteen(part(&m.Recurrent, i), w) }},
	{OutputFile, Neurons, func(m *Memories, i int) [4]uint32 { return sixteen(m.Output[i][:]) },
		func(m *Memories, i int, w [4]uint32) { setSixteen(m.Output[i][:], w) }},
}

// part returns the weights in word i of a matrix: its address is the source, then the upper half of the target's number.
func part(m *[Neurons][Neurons]int8, i int) []int8 { return m[i>>4][i&15*16:][:16] }

// sixteen returns 16 weights as a word, the first in the lowest byte.
func sixteen(weights []int8) [4]uint32 { return [4]uint32(packed(weights)) }

// setSixteen does the reverse.
func setSixteen(weights []int8, w [4]uint32) {
	for i := range weights {
		weights[i] = int8(w[i/4] >> (i % 4 * 8))
	}
}

// EncodeMemories returns the images of the memories. Registers are not in them.
func EncodeMemories(m *Memories) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range hexFiles {
		var b bytes.Buffer
		for i := range f.words {
			w := f.word(m, i)
			fmt.Fprintf(&b, "%08x%08x%08x%08x\n", w[3], w[2], w[1], w[0])
		}
		files[f.name] = b.Bytes()
	}
	return files
}

// DecodeMemories reads the images of the memories. Everything that is wrong is reported at once, as a *diag.Failure.
func DecodeMemories(files map[string][]byte) (*Memories, error) {
	k, m := newChecker(), &Memories{}
	known := map[string]bool{}
	for _, f := range hexFiles {
		known[f.name] = true
		data, ok := files[f.name]
		if !ok {
			k.Errorf(idFile, f.name, "is missing")
			continue
		}
		count := 0
		for line := range bytes.Lines(data) {
			text := strings.TrimSpace(string(line))
			if text == "" {
				continue
			}
			if count++; count > f.words {
				break
			}
			subject := fmt.Sprintf("%s word %d", f.name, count-1)
			if len(text) != 32 {
				k.Errorf(idForm, subject, "%.40q of %d digits, want 32 hexadecimal digits", text, len(text))
				continue
			}
			if w, ok := hexWords(k, subject, []string{text[24:], text[16:24], text[8:16], text[:8]}); ok {
				f.set(m, count-1, [4]uint32(w))
			}
		}
		if count != f.words {
			k.Errorf(idForm, f.name, "%s words than %d", map[bool]string{true: "more", false: "fewer"}[count > f.words], f.words)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !known[name] {
			k.Errorf(idFile, name, "is no image of a memory")
		}
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	return m, nil
}
