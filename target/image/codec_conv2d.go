package image

import (
	"encoding/json"
	"fmt"

	"spikec/internal/window"
)

func init() { registerKind("conv2d", decodeConv2d) }

// conv2dHeader is the stored form of Conv2d.
type conv2dHeader struct {
	First   int           `json:"first"`
	Groups  int           `json:"groups"`
	In      [3]int        `json:"in"`
	Kind    string        `json:"kind"`
	Neurons int           `json:"neurons"`
	Out     [3]int        `json:"out"`
	Pool    *windowHeader `json:"pool,omitempty"`
	Weight  arrayRef      `json:"weight"`
	Window  windowHeader  `json:"window"`
}

func (s *Conv2d) weights() []int32 { return s.Weight }

func (s *Conv2d) header(put func([]int32) arrayRef) any {
	h := conv2dHeader{First: s.First, Groups: s.Groups, In: s.In, Kind: s.Kind(), Neurons: s.Neurons, Out: s.Out, Weight: put(s.Weight), Window: windowFields(s.Window)}
	if s.Pool != nil {
		p := windowFields(*s.Pool)
		h.Pool = &p
	}
	return h
}

func (s *Conv2d) validate(t target) error {
	if err := validShape(s.In); err != nil {
		return fmt.Errorf("in: %w", err)
	}
	switch {
	case t.source != [3]int{} && s.In != t.source:
		return fmt.Errorf("in %v, the picture is %v", s.In, t.source)
	case s.Out != t.shape || s.First != t.first || s.Neurons != t.neurons:
		return fmt.Errorf("neurons %d to %d of %v, the target has %d to %d of %v", s.First, s.First+s.Neurons, s.Out, t.first, t.first+t.neurons, t.shape)
	case s.Groups < 1 || s.In[0]%s.Groups != 0 || s.Out[0]%s.Groups != 0:
		return fmt.Errorf("%d groups of %d and %d channels", s.Groups, s.In[0], s.Out[0])
	}
	size := [2]int{s.In[1], s.In[2]}
	if s.Pool != nil {
		out, err := slide(*s.Pool, size)
		if err != nil {
			return fmt.Errorf("pool: %w", err)
		}
		size = out
	}
	out, err := slide(s.Window, size)
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	if out != [2]int{s.Out[1], s.Out[2]} {
		return fmt.Errorf("the window gives %v positions, out has %v", out, s.Out[1:])
	}
	// Within slide's limits a product of three factors cannot overflow, and a fourth one is compared by division.
	taps, want := s.Window.Kernel[0]*s.Window.Kernel[1], s.In[0]/s.Groups*s.Out[0]
	if taps > maxSize || want > maxSize || taps > maxSize/want || len(s.Weight) != taps*want {
		return fmt.Errorf("%d weights, want %v × %d × %d", len(s.Weight), s.Window.Kernel, s.In[0]/s.Groups, s.Out[0])
	}
	return nil
}

// slide returns the positions of a window on a map, and refuses windows whose numbers are out of all proportion.
func slide(w window.Window2d, size [2]int) ([2]int, error) {
	if err := w.Validate(); err != nil {
		return size, err
	}
	for d := range 2 {
		for _, v := range []int{w.Kernel[d], w.Stride[d], w.Dilation[d], w.PadBegin[d], w.PadEnd[d]} {
			if v > maxWindow {
				return size, fmt.Errorf("%d in a window, want at most %d", v, maxWindow)
			}
		}
	}
	return w.Output(size)
}

func decodeConv2d(raw json.RawMessage, take func(arrayRef) ([]int32, error)) (stored, error) {
	var h conv2dHeader
	if err := strict(raw, &h); err != nil {
		return nil, err
	}
	s := &Conv2d{In: h.In, Out: h.Out, First: h.First, Neurons: h.Neurons, Window: h.Window.window(), Groups: h.Groups}
	if h.Pool != nil {
		p := h.Pool.window()
		s.Pool = &p
	}
	var err error
	s.Weight, err = take(h.Weight)
	return s, err
}
