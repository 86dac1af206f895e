package image

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Encode writes the image in its stored form (docs/formats.md). The same image gives the same bytes. An image that
// Validate refuses is not written. Empty slices and maps are read back as nil.
func Encode(w io.Writer, m *Image) error {
	if err := m.Validate(); err != nil {
		return err
	}
	var arrays arrayWriter
	h, err := encodeHeader(m, &arrays)
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	b := append([]byte{}, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(h)))
	b = append(b, h...)
	b = append(b, make([]byte, padded(len(b))-len(b))...)
	if _, err := out.Write(b); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	for i := range arrays.arrays {
		b = arrays.bytes(b[:0], i)
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("image: %w", err)
		}
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	return nil
}

// encodeHeader returns the header and puts the image's arrays away, in the order of the header's keys.
func encodeHeader(m *Image, arrays *arrayWriter) ([]byte, error) {
	h := header{Chip: m.Chip, Cores: []coreHeader{}, Steps: m.Steps,
		Input: inputHeader{Drives: []driveHeader{}, Encoding: m.Input.Encoding, Parameter: m.Input.Parameter,
			Seed: m.Input.Seed, Shape: m.Input.Shape, Step: m.Input.Step},
		Output: outputHeader{Classes: m.Output.Classes, Cores: m.Output.Cores, Delay: m.Output.Delay, EarlyExit: m.Output.EarlyExit,
			Margin: m.Output.Margin, Readout: m.Output.Readout, SpikesOnly: m.Output.SpikesOnly}}
	for i := range m.Cores {
		c, err := encodeCore(&m.Cores[i], arrays)
		if err != nil {
			return nil, err
		}
		h.Cores = append(h.Cores, c)
	}
	for _, d := range m.Input.Drives {
		raw, err := encodeSynapses(d.Synapses, arrays)
		if err != nil {
			return nil, err
		}
		h.Input.Drives = append(h.Input.Drives, driveHeader{Cores: d.Cores, Register: d.Register, Shift: d.Shift, Synapses: raw})
	}
	return json.Marshal(h)
}

// encodeCore returns the header of one core.
func encodeCore(c *Core, arrays *arrayWriter) (coreHeader, error) {
	h := coreHeader{First: c.First, Neurons: c.Neurons, Population: c.Population, Registers: map[string]arrayRef{}, Shape: c.Shape,
		Source: c.Source, Start: c.Start, Synapses: []blockHeader{}, Place: c.Place}
	if len(c.InitialV) > 0 {
		r := arrays.put(c.InitialV)
		h.InitialV = &r
	}
	if len(c.Members) > 0 {
		r := arrays.put(c.Members)
		h.Members = &r
	}
	for _, name := range sortedKeys(c.Registers) {
		h.Registers[name] = arrays.put(c.Registers[name])
	}
	routes := make([]int32, 0, 4*len(c.Routes))
	for _, r := range c.Routes {
		routes = append(routes, int32(r.First), int32(r.Count), int32(r.Core), int32(r.Axon))
	}
	h.Routes = arrays.put(routes)
	for _, b := range c.Synapses {
		raw, err := encodeSynapses(b.Synapses, arrays)
		if err != nil {
			return h, err
		}
		h.Synapses = append(h.Synapses, blockHeader{FirstAxon: b.FirstAxon, Memory: raw, Name: b.Name})
	}
	return h, nil
}

// encodeSynapses returns the header of a synapse memory.
func encodeSynapses(s Synapses, arrays *arrayWriter) (json.RawMessage, error) {
	m, err := storedForm(s)
	if err != nil {
		return nil, err
	}
	return json.Marshal(m.header(arrays.put))
}
