package bench

import (
	"context"

	"spikec/emulator/anchor"
	"spikec/runtime/dataset"
	"spikec/runtime/progress"
	"spikec/target/chip"
)

func init() { register(builtin{"anchor", makeAnchor}) }

// makeAnchor makes the network of the speed anchor, with the MNIST test images. Its hash is that of bench/anchor/anchor.c.
func makeAnchor(ctx context.Context, steps, pictures int, _ progress.Reporter) (*network, error) {
	p, err := chip.Load("generic8")
	if err != nil {
		return nil, err
	}
	set, err := dataset.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	n := anchor.New()
	net := &network{name: "anchor", about: "28x28-12c5-2s-64c5-2s-10o in 8 bits on generic8, with pools that fire, on MNIST test images",
		img: n.Pools(steps), profile: p}
	for i := range min(pictures, set.Len()) {
		net.pictures = append(net.pictures, set.Pixels[i*set.Size():(i+1)*set.Size()])
	}
	net.answer = func(counts, _ []int32) []int32 {
		logits := n.Logits(counts)
		return logits[:]
	}
	return net, nil
}
