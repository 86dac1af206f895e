package build

import (
	"context"
	"errors"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/place"
)

// Foresee says what a target cannot keep of a spiking network, as far as that can be told without images: with the choices that
// its file makes, and pixels that become pixel/255 where it makes none.
func Foresee(ctx context.Context, m Model, p *chip.Profile) (diag.List, error) {
	s := spiking{m.Spiking}
	r := Request{Model: m, Profile: p}
	found := s.choices(&r)
	v, more := s.resolve(&r)
	if found = append(found, more...); found.HasErrors() {
		return found, nil
	}
	net, more, err := convert.Adopt(ctx, s.Network, s.scaled(convert.Preprocess{Scale: []float64{1.0 / 255}}, &v), convert.Images{}, v.allowed(), v.conversion())
	if err == nil {
		found = append(found, more...)
		var q *quantize.Network
		if q, more, err = quantize.Run(ctx, net, p, quantize.Options{Bits: v.bits}); err == nil {
			found = append(found, more...)
			if _, more, err = place.Run(ctx, q, p); err == nil {
				found = append(found, more...)
			}
		}
	}
	var refused *diag.Failure
	if errors.As(err, &refused) {
		return append(found, refused.List...), nil
	}
	return found, err
}
