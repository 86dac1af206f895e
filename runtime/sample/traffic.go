package sample

// cores says what each core did.
func (t *taker) cores(looks []*look) []Core {
	cores := make([]Core, len(t.Image.Cores))
	images := float64(max(1, t.Last.Images()))
	for i := range cores {
		cores[i].Spikes = float64(t.Last.Spikes[i]) / images
	}
	t.routes(looks, func(from, to int, spikes float64) {
		cores[from].Sent += spikes
		cores[to].Received += spikes
	})
	return cores
}

// traffic says what each layer sends another, in the order in which their cores do.
func (t *taker) traffic(looks []*look) []Traffic {
	list := []Traffic{}
	at := map[[2]int]int{}
	t.routes(looks, func(from, to int, spikes float64) {
		key := [2]int{t.population[from], t.population[to]}
		if _, ok := at[key]; !ok {
			at[key] = len(list)
			list = append(list, Traffic{From: t.Image.Cores[from].Population, To: t.Image.Cores[to].Population})
		}
		list[at[key]].Spikes += spikes
	})
	return list
}

// routes calls yield with the mean number of spikes an image of every route.
func (t *taker) routes(looks []*look, yield func(from, to int, spikes float64)) {
	for i := range t.Image.Cores {
		c := &t.Image.Cores[i]
		for _, r := range c.Routes {
			sum := int64(0)
			for _, k := range looks {
				for n := r.First; n < r.First+r.Count; n++ {
					sum += k.messages[t.population[i]][c.Index(n)]
				}
			}
			yield(i, r.Core, float64(sum)/float64(max(1, len(looks))))
		}
	}
}
