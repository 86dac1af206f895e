package emulator

import "spikec/target/image"

// planSource plays the spikes of a core that is the host.
type planSource struct {
	img  *image.Image
	core *image.Core
	pad  int // lanes before the first neuron
}

// newNeurons returns the source for one session.
func (p *planSource) newNeurons(*fastSession) neurons {
	return &sourceNeurons{newSpikeHost(p.img, p.core, p.pad)}
}

// unit: nothing arrives, so all steps of all words are played at once.
func (p *planSource) unit() int { return 1 }

// String names the encoder.
func (p *planSource) String() string { return explainSource(p.img, p.core) }

// sourceNeurons is a source in the place of neurons at which nothing arrives.
type sourceNeurons struct{ source *spikeHost }

// start has nothing to do: begin has started the picture.
func (n *sourceNeurons) start(map[string][]int32) {}

// begin and step are never called: no spike arrives.
func (n *sourceNeurons) begin(*sums)               {}
func (n *sourceNeurons) step(*sums, []uint64, int) {}

// constant plays the next steps.
func (n *sourceNeurons) constant(spikes []uint64, stride, steps int) {
	n.source.player.Play(spikes, stride, steps)
}

// membranes are zero: a source has none.
func (n *sourceNeurons) membranes(dst []int32) { clear(dst) }

// saturated is zero.
func (n *sourceNeurons) saturated() int64 { return 0 }
