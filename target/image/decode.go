package image

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Decode reads the stored form of an image (docs/formats.md). What it returns satisfies Validate, and Encode writes the
// same bytes again. It never panics, and allocates memory in proportion to the length of the data only. Every error
// begins with "image:"; a file that is not what was written says so.
func Decode(data []byte) (*Image, error) {
	m, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

func decode(data []byte) (*Image, error) {
	text, arrays, err := unpack(data)
	if err != nil {
		return nil, err
	}
	var h header
	if err := strict(text, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	r := &arrayReader{data: arrays}
	m, err := h.image(r)
	if err != nil {
		return nil, err
	}
	if r.next != len(arrays) {
		return nil, fmt.Errorf("%d bytes behind the last array belong to nothing", len(arrays)-r.next)
	}
	// One image, one stored form, whatever JSON allows: other orders, spaces, keys that occur twice.
	again, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if !bytes.Equal(text, again) {
		return nil, errors.New("header: not in canonical form")
	}
	return m, nil
}

// unpack checks the frame of a file and returns its header and its arrays.
func unpack(data []byte) (text, arrays []byte, err error) {
	if len(data) < fixedBytes+sha256.Size {
		return nil, nil, fmt.Errorf("%d bytes are no image: the file was altered or cut short", len(data))
	}
	if string(data[:len(magic)]) != magic {
		return nil, nil, fmt.Errorf("no image, or one whose first bytes were altered: they are not %s", magic)
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(want[:], sum) {
		return nil, nil, errors.New("the file was altered: its checksum is not the one that was written")
	}
	if v := binary.LittleEndian.Uint32(body[len(magic):]); v != version {
		return nil, nil, fmt.Errorf("format version %d: this program reads version %d", v, version)
	}
	n := binary.LittleEndian.Uint64(body[len(magic)+4:])
	if n > uint64(len(body)-fixedBytes) {
		return nil, nil, fmt.Errorf("header of %d bytes in a file of %d", n, len(data))
	}
	end := fixedBytes + int(n)
	start := padded(end)
	if start > len(body) || !zero(body[end:start]) {
		return nil, nil, errors.New("the header is not padded to 8 bytes with zeros")
	}
	return body[fixedBytes:end], body[start:], nil
}

// strict decodes one JSON value and refuses unknown keys and anything behind the value.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// image builds the image that a header describes.
func (h *header) image(r *arrayReader) (*Image, error) {
	m := &Image{Chip: h.Chip, Steps: h.Steps, Input: Input{Shape: h.Input.Shape, Step: h.Input.Step, Encoding: h.Input.Encoding,
		Seed: h.Input.Seed, Parameter: h.Input.Parameter},
		Output: Output{Cores: h.Output.Cores, Classes: h.Output.Classes, Readout: h.Output.Readout, Delay: h.Output.Delay,
			EarlyExit: h.Output.EarlyExit, Margin: h.Output.Margin, SpikesOnly: h.Output.SpikesOnly}}
	for i := range h.Cores {
		c, err := h.Cores[i].core(r)
		if err != nil {
			return nil, fmt.Errorf("core %d: %w", i, err)
		}
		m.Cores = append(m.Cores, c)
	}
	if h.Input.Drives == nil {
		h.Input.Drives = []driveHeader{} // null is not the canonical form
	}
	for i := range h.Input.Drives {
		d := &h.Input.Drives[i]
		s, raw, err := decodeSynapses(d.Synapses, r)
		if err != nil {
			return nil, fmt.Errorf("drive %d: %w", i, err)
		}
		d.Synapses = raw
		m.Input.Drives = append(m.Input.Drives, Drive{Cores: d.Cores, Register: d.Register, Shift: d.Shift, Synapses: s})
	}
	return m, nil
}

// core builds the core that a header describes.
func (h *coreHeader) core(r *arrayReader) (Core, error) {
	c := Core{Population: h.Population, Shape: h.Shape, First: h.First, Neurons: h.Neurons, Start: h.Start, Source: h.Source, Place: h.Place}
	var err error
	if h.InitialV != nil {
		if c.InitialV, err = r.take(*h.InitialV); err != nil {
			return c, fmt.Errorf("initialV: %w", err)
		}
		if len(c.InitialV) == 0 {
			return c, errors.New("initialV: empty")
		}
	}
	if h.Members != nil {
		if c.Members, err = r.take(*h.Members); err != nil {
			return c, fmt.Errorf("members: %w", err)
		}
		if len(c.Members) == 0 {
			return c, errors.New("members: empty")
		}
	}
	if len(h.Registers) > 0 {
		c.Registers = map[string][]int32{}
	} else {
		h.Registers = map[string]arrayRef{} // null is not the canonical form
	}
	if h.Synapses == nil {
		h.Synapses = []blockHeader{}
	}
	for _, name := range sortedKeys(h.Registers) {
		if c.Registers[name], err = r.take(h.Registers[name]); err != nil {
			return c, fmt.Errorf("register %q: %w", name, err)
		}
	}
	routes, err := r.take(h.Routes)
	if err != nil {
		return c, fmt.Errorf("routes: %w", err)
	}
	if len(routes)%4 != 0 {
		return c, fmt.Errorf("routes: %d numbers, want four a route", len(routes))
	}
	for i := 0; i < len(routes); i += 4 {
		c.Routes = append(c.Routes, Route{First: int(routes[i]), Count: int(routes[i+1]), Core: int(routes[i+2]), Axon: int(routes[i+3])})
	}
	for i := range h.Synapses {
		b := &h.Synapses[i]
		s, raw, err := decodeSynapses(b.Memory, r)
		if err != nil {
			return c, fmt.Errorf("synapses %d: %w", i, err)
		}
		b.Memory = raw
		c.Synapses = append(c.Synapses, Block{Name: b.Name, FirstAxon: b.FirstAxon, Synapses: s})
	}
	return c, nil
}

// decodeSynapses reads a synapse memory. It also returns the canonical form of its header.
func decodeSynapses(raw json.RawMessage, r *arrayReader) (Synapses, json.RawMessage, error) {
	var tag struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &tag); err != nil {
		return nil, nil, err
	}
	d := decoders[tag.Kind]
	if d == nil {
		return nil, nil, fmt.Errorf("unknown kind of synapses %q, want one of %v", tag.Kind, sortedKeys(decoders))
	}
	var refs []arrayRef
	m, err := d(raw, func(a arrayRef) ([]int32, error) { refs = append(refs, a); return r.take(a) })
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", tag.Kind, err)
	}
	canonical, err := json.Marshal(m.header(func([]int32) arrayRef { a := refs[0]; refs = refs[1:]; return a }))
	return m, canonical, err
}

// sortedKeys returns the keys of a map in ascending order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
