package encoder

func init() {
	register("ttfs", encoder{about: "one spike in every n steps, sooner for larger codes: for networks that read times, not rates; n = 32",
		times: true, parameter: 32, least: 2, most: 1 << 16, next: timeToFirstSpike})
}

// timeToFirstSpike fires once in every n steps, in step ⌊(1−x)(n−1)⌋ of them (Thorpe, Fize, Marlot 1996; Guo, Fouda,
// Eltawil, Salama 2021). The rate is 1/n for every code but 0: what a network of rates makes of it is of no use.
func timeToFirstSpike(t *train, _ int) int {
	n := t.parameter
	at := (codes - int(t.code)) * (n - 1) / codes
	if t.from%n > at {
		at += n
	}
	return t.from - t.from%n + at
}
