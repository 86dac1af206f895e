package convert

import "math"

// moments are the number of values of any sign, their sum and that of their squares.
type moments struct{ n, sum, squares float64 }

// add counts x.
func (m *moments) add(x float64) {
	m.n++
	m.sum += x
	m.squares += x * x
}

// merge counts what other counted.
func (m *moments) merge(other moments) {
	m.n += other.n
	m.sum += other.sum
	m.squares += other.squares
}

// normal returns mean and standard deviation, both 0 where nothing was counted.
func (m *moments) normal() (mean, deviation float64) {
	if m.n == 0 {
		return 0, 0
	}
	mean = m.sum / m.n
	return mean, math.Sqrt(max(0, m.squares/m.n-mean*mean))
}
