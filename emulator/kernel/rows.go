package kernel

// Planes is how many binary digits of a count AddRows takes.
const Planes = 3

// AddRows adds rows of w to acc. rows[b] lists the rows whose count has the binary digit b, so that sums are doubled
// but nothing is multiplied:
//
//	for b := range rows {
//		for _, r := range rows[b] {
//			for j := range acc {
//				acc[j] += w[int(r)+at+j] << b
//			}
//		}
//	}
func AddRows(acc, w []uint64, at int, rows *[Planes][]int32) {
	addRows(acc, w, at, rows[0])
	if len(rows[1]) > 0 {
		addRows2(acc, w, at, rows[1])
	}
	if len(rows[2]) > 0 {
		addRows4(acc, w, at, rows[2])
	}
}

// addRows is AddRows for rows that count once.
func addRows(acc, w []uint64, at int, rows []int32) {
	n := len(acc)
	for ; len(rows) >= 4; rows = rows[4:] {
		r := (*[4]int32)(rows)
		a, b, c, d := w[int(r[0])+at:][:n], w[int(r[1])+at:][:n], w[int(r[2])+at:][:n], w[int(r[3])+at:][:n]
		for j := range acc {
			acc[j] += a[j] + b[j] + c[j] + d[j]
		}
	}
	if len(rows) >= 2 {
		a, b := w[int(rows[0])+at:][:n], w[int(rows[1])+at:][:n]
		for j := range acc {
			acc[j] += a[j] + b[j]
		}
		rows = rows[2:]
	}
	if len(rows) == 1 {
		a := w[int(rows[0])+at:][:n]
		for j := range acc {
			acc[j] += a[j]
		}
	}
}

// addRows2 is AddRows for rows that count twice.
func addRows2(acc, w []uint64, at int, rows []int32) {
	n := len(acc)
	for ; len(rows) >= 4; rows = rows[4:] {
		r := (*[4]int32)(rows)
		a, b, c, d := w[int(r[0])+at:][:n], w[int(r[1])+at:][:n], w[int(r[2])+at:][:n], w[int(r[3])+at:][:n]
		for j := range acc {
			acc[j] += (a[j] + b[j] + c[j] + d[j]) * 2
		}
	}
	if len(rows) >= 2 {
		a, b := w[int(rows[0])+at:][:n], w[int(rows[1])+at:][:n]
		for j := range acc {
			acc[j] += (a[j] + b[j]) * 2
		}
		rows = rows[2:]
	}
	if len(rows) == 1 {
		a := w[int(rows[0])+at:][:n]
		for j := range acc {
			acc[j] += a[j] * 2
		}
	}
}

// addRows4 is AddRows for rows that count four times.
func addRows4(acc, w []uint64, at int, rows []int32) {
	n := len(acc)
	for ; len(rows) >= 2; rows = rows[2:] {
		a, b := w[int(rows[0])+at:][:n], w[int(rows[1])+at:][:n]
		for j := range acc {
			acc[j] += (a[j] + b[j]) * 4
		}
	}
	if len(rows) == 1 {
		a := w[int(rows[0])+at:][:n]
		for j := range acc {
			acc[j] += a[j] * 4
		}
	}
}

// AddRowsScaled adds multiples of rows of w to acc; there are as many times as rows:
//
//	for i, r := range rows {
//		for j := range acc {
//			acc[j] += times[i] * w[int(r)+at+j]
//		}
//	}
func AddRowsScaled(acc, w []uint64, at int, rows []int32, times []uint64) {
	n := len(acc)
	times = times[:len(rows)]
	for ; len(rows) >= 2; rows, times = rows[2:], times[2:] {
		k, l := times[0], times[1]
		a, b := w[int(rows[0])+at:][:n], w[int(rows[1])+at:][:n]
		for j := range acc {
			acc[j] += k*a[j] + l*b[j]
		}
	}
	if len(rows) == 1 {
		k, a := times[0], w[int(rows[0])+at:][:n]
		for j := range acc {
			acc[j] += k * a[j]
		}
	}
}
