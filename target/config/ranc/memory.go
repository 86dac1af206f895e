package ranc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Names of the test bench's files.
const (
	inputFile  = "tb_input.txt"
	countsFile = "tb_num_inputs.txt"
)

// csramFile and typesFile return the names of a core's files.
func csramFile(number int) string { return fmt.Sprintf("csram_%03d.mem", number) }
func typesFile(number int) string { return fmt.Sprintf("tc_%03d.mem", number) }

// bitWriter writes fields as binary digits, the most significant first, in two's complement.
type bitWriter struct{ strings.Builder }

func (w *bitWriter) put(value int64, width int) {
	for i := width - 1; i >= 0; i-- {
		w.WriteByte('0' + byte(value>>i&1))
	}
}

// EncodeMemories returns the memory files of the RTL for a network that Check passes: csram_NNN.mem and tc_NNN.mem for every
// core, with NNN = x + y·columns, and the test bench's packets in tb_input.txt, their numbers by tick in tb_num_inputs.txt.
// A word of csram has from left to right: connections (the last axon first), potential, reset potential, four weights, leak,
// positive and negative threshold, reset mode, the destination's offsets, axon and tick.
func EncodeMemories(n *Network) (map[string][]byte, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for i := range n.Cores {
		c := &n.Cores[i]
		var words, types bitWriter
		for j := range c.Neurons {
			n.putNeuron(&words, &c.Neurons[j])
			words.WriteByte('\n')
		}
		for _, t := range c.Types {
			types.put(int64(t), 2)
			types.WriteByte('\n')
		}
		files[csramFile(n.number(c.At))], files[typesFile(n.number(c.At))] = []byte(words.String()), []byte(types.String())
	}
	var packets bitWriter
	var counts strings.Builder
	for _, list := range n.Packets {
		fmt.Fprintln(&counts, len(list))
		for _, p := range list {
			n.putPacket(&packets, p.To, p.Axon, p.Delay) // offsets from core (0,0)
			packets.WriteByte('\n')
		}
	}
	files[inputFile], files[countsFile] = []byte(packets.String()), []byte(counts.String())
	return files, nil
}

// putNeuron writes a word of csram.
func (n *Network) putNeuron(w *bitWriter, u *Neuron) {
	bit := func(set bool) {
		if set {
			w.WriteByte('1')
		} else {
			w.WriteByte('0')
		}
	}
	for _, connected := range slices.Backward(u.Connected) {
		bit(connected)
	}
	for _, v := range u.values() {
		w.put(int64(v.value), valueBits)
	}
	bit(u.Linear)
	n.putPacket(w, u.Offset, u.Axon, u.Delay)
}

// putPacket writes a packet.
func (n *Network) putPacket(w *bitWriter, offset [2]int, axon, delay int) {
	w.put(int64(offset[0]), valueBits)
	w.put(int64(offset[1]), valueBits)
	w.put(int64(axon), n.axonBits())
	w.put(int64(delay), 4)
}

// bitReader reads the fields of a word of as many digits as they need.
type bitReader struct{ digits string }

func (r *bitReader) take(width int) int64 {
	v := int64(0)
	for _, d := range r.digits[:width] {
		v = v<<1 | int64(d-'0')
	}
	r.digits = r.digits[width:]
	return v
}

func (r *bitReader) signed(width int) int64 { return r.take(width) << (64 - width) >> (64 - width) }

// DecodeMemories reads the memory files of the RTL, whose parameters are given. Cores come in the order of their numbers.
// Everything that is wrong is reported at once, as a *diag.Failure.
func DecodeMemories(files map[string][]byte, a Architecture) (*Network, error) {
	k := newChecker()
	n := &Network{Architecture: a}
	if a.check(k); len(k.Found) > 0 {
		return nil, k.err()
	}
	known := map[string]bool{inputFile: true, countsFile: true}
	for number := range a.Grid[0] * a.Grid[1] {
		csram, types := csramFile(number), typesFile(number)
		known[csram], known[types] = true, true
		_, hasWords := files[csram]
		_, hasTypes := files[types]
		switch {
		case hasWords && hasTypes:
			n.Cores = append(n.Cores, n.core(k, number, files))
		case hasWords != hasTypes:
			k.Errorf(idFile, csram, "one of this file and %s is missing", types)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !known[name] {
			k.Errorf(idFile, name, "is no file of a grid of %d×%d", a.Grid[0], a.Grid[1])
		}
	}
	n.packets(k, files)
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	if err := n.Check(); err != nil {
		return nil, err
	}
	return n, nil
}

// lines returns the lines of a file that are not empty and no comments.
func lines(data []byte) []string {
	var out []string
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "//")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// words returns the words of so many digits in a file; a negative count stands for any.
func words(k *checker, files map[string][]byte, name string, count, width int) []bitReader {
	var out []bitReader
	list := lines(files[name])
	if count >= 0 && len(list) != count {
		k.Errorf(idForm, name, "%d words, want %d", len(list), count)
		return nil
	}
	for i, line := range list {
		if len(line) != width || strings.Trim(line, "01") != "" {
			k.Errorf(idForm, fmt.Sprintf("%s word %d", name, i), "%.40q of %d digits, want %d binary digits", line, len(line), width)
			continue
		}
		out = append(out, bitReader{line})
	}
	return out
}

// core reads the two files of a core.
func (n *Network) core(k *checker, number int, files map[string][]byte) Core {
	c := Core{At: [2]int{number % n.Grid[0], number / n.Grid[0]}}
	for _, w := range words(k, files, typesFile(number), n.Axons, 2) {
		c.Types = append(c.Types, uint8(w.take(2)))
	}
	width := n.Axons + (2+numTypes+3)*valueBits + 1 + n.packetBits()
	for _, w := range words(k, files, csramFile(number), n.Neurons, width) {
		c.Neurons = append(c.Neurons, n.takeNeuron(&w))
	}
	return c
}

// packetBits returns the width of a packet.
func (n *Network) packetBits() int { return 2*valueBits + n.axonBits() + 4 }

// takeNeuron reads a word of csram.
func (n *Network) takeNeuron(w *bitReader) Neuron {
	u := Neuron{Connected: make([]bool, n.Axons)}
	for a := range slices.Backward(u.Connected) {
		u.Connected[a] = w.take(1) == 1
	}
	value := func() int32 { return int32(w.signed(valueBits)) }
	u.Potential, u.Reset = value(), value()
	for i := range u.Weights {
		u.Weights[i] = value()
	}
	u.Leak, u.Positive, u.Negative = value(), value(), value()
	u.Linear = w.take(1) == 1
	u.Offset, u.Axon, u.Delay = n.takePacket(w)
	return u
}

// takePacket reads a packet.
func (n *Network) takePacket(w *bitReader) (offset [2]int, axon, delay int) {
	offset = [2]int{int(w.signed(valueBits)), int(w.signed(valueBits))}
	return offset, int(w.take(n.axonBits())), int(w.take(4))
}

// packets reads the test bench's files.
func (n *Network) packets(k *checker, files map[string][]byte) {
	list := words(k, files, inputFile, -1, n.packetBits())
	counts := lines(files[countsFile])
	if len(counts) > mostTicks {
		k.Errorf(idSize, countsFile, "%d ticks, want at most %d", len(counts), mostTicks)
		return
	}
	for t, text := range counts {
		count, err := strconv.Atoi(text)
		if err != nil || count < 0 || count > len(list) {
			k.Errorf(idForm, fmt.Sprintf("%s tick %d", countsFile, t), "%.40q packets, want a number of 0..%d, those that are left of %s", text, len(list), inputFile)
			return
		}
		var tick []Packet
		for _, w := range list[:count] {
			to, axon, delay := n.takePacket(&w)
			tick = append(tick, Packet{to, axon, delay})
		}
		list, n.Packets = list[count:], append(n.Packets, tick)
	}
	if len(list) > 0 {
		k.Errorf(idForm, inputFile, "%d packets more than %s counts", len(list), countsFile)
	}
}
