package convert

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/diag"
	"spikec/internal/parallel"
)

// refit fits the weights of every layer, in order, so that the student computes from its own input what the teacher
// computes from the teacher's. Per output channel it minimises
//
//	Σ_n ℓ(w·u_n ; z_n) + λ̄ ‖w − w0‖² ,   ℓ = max(ŷ, 0)² if z ≤ 0, min(ŷ−m, 0)² if z ≥ m, else (ŷ−z)²
//
// over sampled positions n: u is what the student's layers before deliver under the kernel, z the teacher's
// pre-activation, w0 the weights before, m the rectifier's upper limit, if it has one (ReLU6); an error that the rectifier
// hides costs nothing. Majorise-minimise keeps one Cholesky factorisation a layer: every iteration is a ridge regression
// towards min(ŷ, 0) where z ≤ 0, max(ŷ, m) where z ≥ m, and z between. The
// output layer, which has no rectifier, takes one. Skip connections are fixed and go to the other side.
//
// It follows shared ideas of layer-wise calibration (Li et al. 2021) with a ReLU-aware loss; no labels, no gradients.
func refit(ctx context.Context, s *State) error {
	if s.Images.N == 0 {
		s.noImages()
		return nil
	}
	return fitLayers(ctx, s, fitting{
		prepare: func() (meters, error) { return nil, nil },
		fitted:  func(*fit, layer, start) error { return nil },
		again:   !s.Options.Disable["rate-refit"],
	})
}

// noImages reports that a pass needs images.
func (s *State) noImages() {
	s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-011", Severity: diag.Error, Subject: "calibration", Message: "no calibration images",
		Remedy: "give --calibration; with --calibration-file FILE and --disable refit,rate-refit none are needed"})
}

// fitting is what a pass does beside fitting the layers.
type fitting struct {
	// prepare is called before a layer is fitted, and returns what measures its input, if that is not what the student
	// computes.
	prepare func() (meters, error)
	// fitted is called after it; the fit is nil where the layer was left as it is: for want of weights or of input, or
	// because it is too wide. The images may be computed from the same start again.
	fitted func(*fit, layer, start) error
	// again says that a later pass fits the layers, too: those that compute already what the teacher does are then left
	// alone, and their moments are not needed.
	again bool
}

// fitLayers fits the layers of the student, one after the other.
func fitLayers(ctx context.Context, s *State, p fitting) error {
	s.Graph = clone(s.Graph)
	s.Gram = map[int][]*mat.SymDense{}
	var known *checkpoint
	layers := s.studentLayers()
	if p.again {
		same, err := s.alike(ctx, layers)
		if err != nil {
			return err
		}
		layers = layers[same:]
	}
	for k, l := range layers {
		m, err := p.prepare()
		if err != nil {
			return err
		}
		var f *fit
		from := start{known, m}
		if f, known, err = fitLayer(ctx, s, layers[k:], known, m); err != nil || s.Diagnostics.HasErrors() {
			return err
		}
		if err := p.fitted(f, l, from); err != nil {
			return err
		}
	}
	return nil
}

// alike returns how many layers, from the first on, have the same sums in student and teacher.
func (s *State) alike(ctx context.Context, layers []layer) (int, error) {
	n := min(s.Images.N, alikeImages)
	firsts := make([]int, n)
	workers := make([]gatherer, parallel.Jobs(s.Options.Jobs))
	for i := range workers {
		workers[i] = newGatherer(s, 0)
	}
	err := parallel.For(ctx, n, len(workers), func(k, i int) error {
		w := &workers[k]
		if err := w.run(s, nil, i, s.Graph.Output, nil); err != nil {
			return err
		}
		for firsts[i] < len(layers) && sameValues(w.teacher.Value(layers[firsts[i]].pre), w.student.Value(layers[firsts[i]].pre)) {
			firsts[i]++
		}
		return nil
	})
	return slices.Min(firsts), err
}

// sameValues reports whether values differ by rounding alone.
func sameValues(a, b []float32) bool {
	most, off := 0.0, 0.0
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		most, off = max(most, math.Abs(x)), max(off, math.Abs(x-y))
	}
	return off <= sameSums*most
}

// fitLayer fits the first of the layers that are still to be fitted, and puts its weights into the student. It returns nil
// if there is nothing to fit, and the checkpoint for the layers behind it.
func fitLayer(ctx context.Context, s *State, layers []layer, known *checkpoint, m meters) (*fit, *checkpoint, error) {
	l := layers[0]
	f := newFit(s, l)
	if len(f.terms) == 0 {
		return nil, known, nil
	}
	name := s.Graph.Nodes[l.node].Name
	if !f.fits() {
		s.Diagnostics.Add(f.tooWide(name))
		return nil, known, nil
	}
	known, err := f.gather(ctx, s, layers, known, m)
	if err != nil {
		return nil, nil, err
	}
	if err = errInfinite; f.finite() {
		err = f.solve(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case errors.Is(err, errSilent) && m != nil:
		s.Diagnostics.Warnf("SPK-CONV-014", name, "not one spike reaches it in %d steps on %d calibration images; it keeps its weights", s.Options.Steps, s.Images.N)
		return nil, known, nil
	case err != nil:
		s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-012", Severity: diag.Error, Subject: name, Message: "cannot be re-fitted: " + err.Error(),
			Remedy: "calibrate with images like those that the network was trained on"})
		return nil, nil, nil
	}
	f.store(s.Graph)
	s.Gram[l.node] = f.gram
	return f, known, nil
}

// tooWide reports that a layer is not fitted.
func (f *fit) tooWide(name string) diag.Diagnostic {
	d := diag.Diagnostic{ID: "SPK-CONV-010", Severity: diag.Warning, Subject: name, Value: f.wide, Limit: f.widest(),
		Message: "not re-fitted: too many inputs for a dense regression; the layer keeps its weights"}
	if f.blocks > 1 {
		d.Message = fmt.Sprintf("not re-fitted: too many inputs for dense regressions of %d groups; the layer keeps its weights", f.blocks)
	}
	if slices.ContainsFunc(f.terms, func(t fitTerm) bool { return t.w.groups != f.terms[0].w.groups }) {
		d.Remedy = "merge the branches of the sum, whose groups differ, into one convolution before export"
	}
	return d
}

const (
	// sameSums is how far the sums of two networks are apart, relative to the largest, that differ by rounding alone.
	sameSums = 1e-4
	// alikeImages is how many images show whether sums are the same: what the rules change shows on every one.
	alikeImages = 16
)

var errInfinite = errors.New("the trained network's values before its rectifier are not finite on the calibration images")
