package convert

import "spikec/models/ann"

// concat joins the nodes that the parts are whole channels of, each node once. It reports false where they are anything else.
func (r *selector) concat(n ann.Node, parts []view) (w view, ok bool, err error) {
	var nodes, channels []int
	first := map[int]int{} // channel of a node in the joined ones
	value, outside := float32(0), false
	for _, v := range parts {
		source, ok := v.channels(r.out)
		shape := r.out.Nodes[v.node].Shape
		if !ok || len(nodes) > 0 && !shape[1:].Equal(r.out.Nodes[nodes[0]].Shape[1:]) || len(nodes) > 0 && len(shape) != len(r.out.Nodes[nodes[0]].Shape) {
			return w, false, nil
		}
		if _, there := first[v.node]; !there {
			at := 0
			for _, node := range nodes {
				at += r.out.Nodes[node].Shape[0]
			}
			first[v.node] = at
			nodes = append(nodes, v.node)
		}
		for _, s := range source {
			if s < 0 {
				if outside && value != v.value {
					return w, false, nil
				}
				outside, value = true, v.value
				channels = append(channels, -1)
			} else {
				channels = append(channels, first[v.node]+s)
			}
		}
	}
	at := nodes[0]
	if len(nodes) > 1 {
		if at, err = r.out.Add(n.Name, ann.Concat{}, nodes...); err != nil {
			return w, false, err
		}
	}
	return ofChannels(r.out, n.Name, at, n.Shape, channels, value), true, nil
}
