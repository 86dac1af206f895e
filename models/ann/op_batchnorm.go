package ann

import (
	"errors"
	"math"
)

// BatchNorm normalises each channel with the statistics of training (ONNX BatchNormalization at inference), for C,H,W
// or N:
//
//	y[c][…] = Gamma[c] · (x[c][…] − Mean[c]) / √(Var[c] + Epsilon) + Beta[c]
type BatchNorm struct {
	Gamma, Beta []float32 // C
	Mean, Var   []float32 // C; Var[c] + Epsilon > 0
	Epsilon     float32
}

// Kind returns "BatchNormalization".
func (*BatchNorm) Kind() string { return "BatchNormalization" }

// OutputShape returns the input's shape; its first dimension must be the number of channels.
func (b *BatchNorm) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if b.Gamma == nil || b.Beta == nil || b.Mean == nil || b.Var == nil {
		return nil, errors.New("needs gamma, beta, mean and variance")
	}
	for _, p := range []struct {
		what string
		v    []float32
	}{{"gamma", b.Gamma}, {"beta", b.Beta}, {"mean", b.Mean}, {"variance", b.Var}} {
		if err := perChannel(p.what, p.v, x.Channels()); err != nil {
			return nil, err
		}
	}
	for _, v := range b.Var {
		if !(v+b.Epsilon > 0) {
			return nil, errors.New("variance + epsilon is not positive")
		}
	}
	return x, nil
}

// Affine returns the scale and shift of every channel that do the same, computed in float64 and rounded once:
//
//	scale[c] = Gamma[c] / √(Var[c] + Epsilon)
//	shift[c] = Beta[c] − Mean[c] · scale[c]
func (b *BatchNorm) Affine() (scale, shift []float32) {
	scale, shift = make([]float32, len(b.Gamma)), make([]float32, len(b.Gamma))
	for c := range b.Gamma {
		scale[c], shift[c] = b.channel(c)
	}
	return scale, shift
}

// channel is Affine for one channel.
func (b *BatchNorm) channel(c int) (scale, shift float32) {
	s := float64(b.Gamma[c]) / math.Sqrt(float64(b.Var[c])+float64(b.Epsilon))
	return float32(s), float32(float64(b.Beta[c]) - float64(b.Mean[c])*s)
}

// Parameters counts gammas and betas; the statistics are measured, not trained.
func (b *BatchNorm) Parameters() int { return len(b.Gamma) + len(b.Beta) }

// MACs counts one multiplication an element.
func (b *BatchNorm) MACs(_ []Shape, out Shape) int64 { return int64(out.Size()) }

// Forward applies Affine.
func (b *BatchNorm) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	plane := len(dst) / len(b.Gamma)
	for c := range b.Gamma {
		scale, shift := b.channel(c)
		affine(dst[c*plane:(c+1)*plane], in[0][c*plane:(c+1)*plane], scale, shift)
	}
}
