package onnx

import (
	"container/heap"

	"spikec/internal/diag"
)

// live returns the nodes that the outputs need, by their position in the file, and the values that are read.
func live(outputs []*value) (nodes map[int]*node, used map[*value]bool) {
	nodes, used = map[int]*node{}, map[*value]bool{}
	todo := append([]*value(nil), outputs...)
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if v == nil || used[v] {
			continue
		}
		used[v] = true
		if n := v.producer; n != nil && nodes[n.index] == nil {
			nodes[n.index] = n
			todo = append(todo, n.inputs...)
		}
	}
	return nodes, used
}

// indexHeap hands out the smallest number first.
type indexHeap []int

func (h indexHeap) Len() int           { return len(h) }
func (h indexHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h indexHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push appends a number; container/heap calls it.
func (h *indexHeap) Push(x any) { *h = append(*h, x.(int)) }

// Pop removes the last number; container/heap calls it.
func (h *indexHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// sorted returns the nodes such that each comes after those it reads, in the file's order where that allows it. Nodes
// that wait for each other are left over.
func sorted(nodes map[int]*node) (order []*node, cyclic map[int]*node) {
	waits := map[int]int{}
	readers := map[int][]int{}
	ready := &indexHeap{}
	for i, n := range nodes {
		for _, in := range n.inputs {
			if in != nil && in.producer != nil {
				waits[i]++
				readers[in.producer.index] = append(readers[in.producer.index], i)
			}
		}
		if waits[i] == 0 {
			*ready = append(*ready, i)
		}
	}
	heap.Init(ready)
	cyclic = nodes
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, nodes[i])
		delete(cyclic, i)
		for _, r := range readers[i] {
			if waits[r]--; waits[r] == 0 {
				heap.Push(ready, r)
			}
		}
	}
	return order, cyclic
}

// reportDead names the nodes that the outputs do not need.
func (b *builder) reportDead(nodes map[int]*node) []Origin {
	var dead []Origin
	var names []string
	for _, info := range b.pre.nodes {
		if nodes[info.index] == nil {
			dead, names = append(dead, Origin{Name: info.name, Op: info.op, Node: -1, Fate: Unused}), append(names, info.name)
		}
	}
	if len(names) > 0 {
		b.diags.Add(diag.Diagnostic{ID: idDeadNodes, Severity: diag.Info, Subject: b.pre.source, Value: len(names),
			Message: "nodes that the output does not need were dropped: " + listNames(names)})
	}
	return dead
}

// reportCycle names nodes that wait for each other.
func (b *builder) reportCycle(cyclic map[int]*node) []Origin {
	var waiting []Origin
	for _, info := range b.pre.nodes {
		if cyclic[info.index] != nil {
			b.diags.blame(info, problemf(idCycle, "waits for a result that depends on its own").withRemedy(recurrentRemedy))
			waiting = append(waiting, Origin{Name: info.name, Op: info.op, Node: -1, Fate: Refused})
		}
	}
	return waiting
}

// reportMissing names the values that live nodes read and nothing makes, and the outputs beyond the first that they
// read.
func (b *builder) reportMissing(order []*node, used map[*value]bool) {
	for _, n := range order {
		for i, in := range n.inputs {
			if in != nil && in.producer == nil && in.constant == nil && !b.pre.present[in.name] {
				b.diags.blame(n.nodeInfo, problemf(idNoProducer, "input %d (%s) is made by no node and is no initialiser", i, quoted(in.name)).
					withRemedy("check the file with onnx.checker"))
			}
		}
		imp, known := importers[operatorKey(n.domain, n.op)]
		for i, out := range n.outputs {
			if known && i >= max(1, imp.outputs) && out != nil && used[out] {
				b.diags.blame(n.nodeInfo, problemf(idOtherOutput, "output %d (%s) is used; only the first output is supported", i, quoted(out.name)).
					withRemedy(remedyFor(n.op)))
			}
		}
	}
}
