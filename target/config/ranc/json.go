package ranc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Names of the simulator's files in a configuration.
const (
	NetworkFile = "network.json"
	ConfigFile  = "config.json"
)

// The simulator's objects. What a reader must find is a pointer, or a list.
type (
	networkJSON struct {
		Packets   [][]packetJSON `json:"packets"`
		OutputBus *busJSON       `json:"output_bus"`
		Cores     []coreJSON     `json:"cores"`
	}
	packetJSON struct {
		Core *[2]int `json:"destination_core"`
		Axon *int    `json:"destination_axon"`
		Tick *int    `json:"destination_tick"`
	}
	busJSON struct {
		At      *[2]int `json:"coordinates"`
		Outputs *int    `json:"num_outputs"`
	}
	coreJSON struct {
		Axons       []int        `json:"axons"`
		Connections [][]int8     `json:"connections"`
		At          *[2]int      `json:"coordinates"`
		Neurons     []neuronJSON `json:"neurons"`
	}
	neuronJSON struct {
		Reset     *int32  `json:"reset_potential"`
		Weights   []int32 `json:"weights"`
		Leak      *int32  `json:"leak"`
		Positive  *int32  `json:"positive_threshold"`
		Negative  *int32  `json:"negative_threshold"`
		Offset    *[2]int `json:"destination_core_offset"`
		Axon      *int    `json:"destination_axon"`
		Tick      *int    `json:"destination_tick"`
		Potential *int32  `json:"current_potential"`
		Mode      *int    `json:"reset_mode"`
	}
	configJSON struct {
		Neurons      *int `json:"num_neurons"`
		Axons        *int `json:"num_axons"`
		CoresX       *int `json:"num_cores_x"`
		CoresY       *int `json:"num_cores_y"`
		Weights      *int `json:"num_weights"`
		TickOffset   *int `json:"max_tick_offset"`
		TraceNeuron  int  `json:"neuron_block_trace_verbosity"`
		TraceCore    int  `json:"core_controller_trace_verbosity"`
		TraceSched   int  `json:"scheduler_trace_verbosity"`
		NeuronResets *int `json:"neuron_reset_type"`
	}
)

// EncodeJSON returns the simulator's two files for a network that Check passes. The reset type is 0, the rule of the RTL: a
// potential below the negative threshold is reset, one that equals it is not.
func EncodeJSON(n *Network) (map[string][]byte, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	doc := networkJSON{Packets: [][]packetJSON{}, OutputBus: &busJSON{&n.Bus.At, &n.Bus.Outputs}, Cores: []coreJSON{}}
	for _, list := range n.Packets {
		out := []packetJSON{}
		for i := range list {
			out = append(out, packetJSON{&list[i].To, &list[i].Axon, &list[i].Delay})
		}
		doc.Packets = append(doc.Packets, out)
	}
	for i := range n.Cores {
		doc.Cores = append(doc.Cores, n.Cores[i].json())
	}
	network, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	types, offsets, resets := numTypes, slots, 0
	config, err := json.MarshalIndent(configJSON{Neurons: &n.Neurons, Axons: &n.Axons, CoresX: &n.Grid[0], CoresY: &n.Grid[1],
		Weights: &types, TickOffset: &offsets, NeuronResets: &resets}, "", "  ")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{NetworkFile: append(network, '\n'), ConfigFile: append(config, '\n')}, nil
}

// json returns the simulator's object of a core.
func (c *Core) json() coreJSON {
	out := coreJSON{At: &c.At}
	for _, t := range c.Types {
		out.Axons = append(out.Axons, int(t))
	}
	for i := range c.Neurons {
		u := &c.Neurons[i]
		row := make([]int8, len(u.Connected))
		for a, connected := range u.Connected {
			if connected {
				row[a] = 1
			}
		}
		mode := 0
		if u.Linear {
			mode = 1
		}
		out.Connections = append(out.Connections, row)
		out.Neurons = append(out.Neurons, neuronJSON{Reset: &u.Reset, Weights: u.Weights[:], Leak: &u.Leak, Positive: &u.Positive, Negative: &u.Negative,
			Offset: &u.Offset, Axon: &u.Axon, Tick: &u.Delay, Potential: &u.Potential, Mode: &mode})
	}
	return out
}

// DecodeJSON reads the simulator's two files. Keys may stand in any order; those that are missing or unknown, and everything
// that Check finds, are errors, reported at once as a *diag.Failure. Memory is a small multiple of the bytes.
func DecodeJSON(files map[string][]byte) (*Network, error) {
	k := newChecker()
	var doc networkJSON
	var config configJSON
	for _, f := range []struct {
		name string
		to   any
	}{{NetworkFile, &doc}, {ConfigFile, &config}} {
		data, ok := files[f.name]
		if !ok {
			k.Errorf(idFile, f.name, "is missing")
		} else if err := strict(data, f.to); err != nil {
			k.Errorf(idForm, f.name, "%v", err)
		}
	}
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	n := &Network{}
	config.into(k, n)
	doc.into(k, n)
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	if err := n.Check(); err != nil {
		return nil, err
	}
	return n, nil
}

// strict reads one JSON value without unknown keys.
func strict(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// take returns the value of a key that must be there.
func take[T any](k *checker, subject, key string, value *T) T {
	if value == nil {
		k.Errorf(idForm, subject, "the key %s is missing", key)
		return *new(T)
	}
	return *value
}

// into puts the sizes into a network.
func (c *configJSON) into(k *checker, n *Network) {
	n.Neurons, n.Axons = take(k, ConfigFile, "num_neurons", c.Neurons), take(k, ConfigFile, "num_axons", c.Axons)
	n.Grid = [2]int{take(k, ConfigFile, "num_cores_x", c.CoresX), take(k, ConfigFile, "num_cores_y", c.CoresY)}
	for _, f := range []struct {
		key        string
		value      *int
		want       int
		id, remedy string
	}{
		{"num_weights", c.Weights, numTypes, idSize, ""},
		{"max_tick_offset", c.TickOffset, slots, idSize, ""},
		{"neuron_reset_type", c.NeuronResets, 0, idRule, ": the RTL resets a potential below the negative threshold, not one that equals it"},
	} {
		if got := take(k, ConfigFile, f.key, f.value); f.value != nil && got != f.want {
			k.Errorf(f.id, ConfigFile, "%s is %d, want %d%s", f.key, got, f.want, f.remedy)
		}
	}
}

// into puts bus, cores and packets into a network whose sizes are known.
func (d *networkJSON) into(k *checker, n *Network) {
	bus := take(k, NetworkFile, "output_bus", d.OutputBus)
	if d.OutputBus != nil {
		n.Bus = Bus{take(k, "output_bus", "coordinates", bus.At), take(k, "output_bus", "num_outputs", bus.Outputs)}
	}
	for i := range d.Cores {
		n.Cores = append(n.Cores, d.Cores[i].core(k, fmt.Sprintf("core %d", i)))
	}
	for t, list := range d.Packets {
		var out []Packet
		for i, p := range list {
			subject := fmt.Sprintf("packet %d before tick %d", i, t)
			out = append(out, Packet{take(k, subject, "destination_core", p.Core), take(k, subject, "destination_axon", p.Axon),
				take(k, subject, "destination_tick", p.Tick)})
		}
		n.Packets = append(n.Packets, out)
	}
}

// core returns the core of an object.
func (d *coreJSON) core(k *checker, subject string) Core {
	c := Core{At: take(k, subject, "coordinates", d.At)}
	for a, t := range d.Axons {
		if t < 0 || t >= numTypes {
			k.within(idRange, subject, fmt.Sprintf("the type of axon %d", a), int64(t), 0, numTypes-1)
		}
		c.Types = append(c.Types, uint8(t))
	}
	if len(d.Connections) != len(d.Neurons) {
		k.Errorf(idSize, subject, "connections of %d neurons, want %d", len(d.Connections), len(d.Neurons))
		return c
	}
	for i := range d.Neurons {
		c.Neurons = append(c.Neurons, d.Neurons[i].neuron(k, fmt.Sprintf("%s, neuron %d", subject, i), d.Connections[i]))
	}
	return c
}

// neuron returns the neuron of an object, with its row of connections.
func (d *neuronJSON) neuron(k *checker, subject string, row []int8) Neuron {
	u := Neuron{Connected: make([]bool, len(row)), Potential: take(k, subject, "current_potential", d.Potential), Reset: take(k, subject, "reset_potential", d.Reset),
		Leak: take(k, subject, "leak", d.Leak), Positive: take(k, subject, "positive_threshold", d.Positive), Negative: take(k, subject, "negative_threshold", d.Negative),
		Offset: take(k, subject, "destination_core_offset", d.Offset), Axon: take(k, subject, "destination_axon", d.Axon), Delay: take(k, subject, "destination_tick", d.Tick)}
	for a, v := range row {
		if u.Connected[a] = v == 1; v != 0 && v != 1 {
			k.within(idRange, subject, fmt.Sprintf("connection %d", a), int64(v), 0, 1)
		}
	}
	if len(d.Weights) != numTypes {
		k.Errorf(idSize, subject, "%d weights, want %d", len(d.Weights), numTypes)
	}
	copy(u.Weights[:], d.Weights)
	mode := take(k, subject, "reset_mode", d.Mode)
	k.within(idRange, subject, "the reset mode", int64(mode), 0, 1)
	u.Linear = mode == 1
	return u
}
