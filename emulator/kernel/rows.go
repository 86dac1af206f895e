package kernel

// AddRows adds the rows of w that begin at rows to acc:
//
//	for _, r := range rows {
//		for j := range acc {
//			acc[j] += w[int(r)+j]
//		}
//	}
func AddRows(acc, w []uint64, rows []int32) {
	for len(rows) >= 4 {
		add4(acc, w[rows[0]:], w[rows[1]:], w[rows[2]:], w[rows[3]:])
		rows = rows[4:]
	}
	if len(rows) >= 2 {
		add2(acc, w[rows[0]:], w[rows[1]:])
		rows = rows[2:]
	}
	if len(rows) == 1 {
		add1(acc, w[rows[0]:])
	}
}

// AddRowsScaled adds multiples of the rows of w that begin at rows to acc:
//
//	for i, r := range rows {
//		for j := range acc {
//			acc[j] += times[i] * w[int(r)+j]
//		}
//	}
func AddRowsScaled(acc, w []uint64, rows []int32, times []uint64) {
	times = times[:len(rows)]
	for len(rows) >= 2 {
		scaled2(acc, w[rows[0]:], w[rows[1]:], times[0], times[1])
		rows, times = rows[2:], times[2:]
	}
	if len(rows) == 1 {
		scaled1(acc, w[rows[0]:], times[0])
	}
}

// block is how many words the loops below take at once.
const block = 8

// add4 is: for j := range acc { acc[j] += a[j] + b[j] + c[j] + d[j] }
func add4(acc, a, b, c, d []uint64) {
	n := len(acc)
	a, b, c, d = a[:n], b[:n], c[:n], d[:n]
	j := 0
	for ; j <= n-block; j += block {
		x, y := (*[block]uint64)(acc[j:]), (*[block]uint64)(a[j:])
		p, q, r := (*[block]uint64)(b[j:]), (*[block]uint64)(c[j:]), (*[block]uint64)(d[j:])
		x[0] += y[0] + p[0] + q[0] + r[0]
		x[1] += y[1] + p[1] + q[1] + r[1]
		x[2] += y[2] + p[2] + q[2] + r[2]
		x[3] += y[3] + p[3] + q[3] + r[3]
		x[4] += y[4] + p[4] + q[4] + r[4]
		x[5] += y[5] + p[5] + q[5] + r[5]
		x[6] += y[6] + p[6] + q[6] + r[6]
		x[7] += y[7] + p[7] + q[7] + r[7]
	}
	for ; j < n; j++ {
		acc[j] += a[j] + b[j] + c[j] + d[j]
	}
}

// add2 is: for j := range acc { acc[j] += a[j] + b[j] }
func add2(acc, a, b []uint64) {
	n := len(acc)
	a, b = a[:n], b[:n]
	j := 0
	for ; j <= n-block; j += block {
		x, y, p := (*[block]uint64)(acc[j:]), (*[block]uint64)(a[j:]), (*[block]uint64)(b[j:])
		x[0] += y[0] + p[0]
		x[1] += y[1] + p[1]
		x[2] += y[2] + p[2]
		x[3] += y[3] + p[3]
		x[4] += y[4] + p[4]
		x[5] += y[5] + p[5]
		x[6] += y[6] + p[6]
		x[7] += y[7] + p[7]
	}
	for ; j < n; j++ {
		acc[j] += a[j] + b[j]
	}
}

// add1 is: for j := range acc { acc[j] += a[j] }
func add1(acc, a []uint64) {
	n := len(acc)
	a = a[:n]
	j := 0
	for ; j <= n-block; j += block {
		x, y := (*[block]uint64)(acc[j:]), (*[block]uint64)(a[j:])
		x[0] += y[0]
		x[1] += y[1]
		x[2] += y[2]
		x[3] += y[3]
		x[4] += y[4]
		x[5] += y[5]
		x[6] += y[6]
		x[7] += y[7]
	}
	for ; j < n; j++ {
		acc[j] += a[j]
	}
}

// scaled2 is: for j := range acc { acc[j] += k*a[j] + l*b[j] }
func scaled2(acc, a, b []uint64, k, l uint64) {
	n := len(acc)
	a, b = a[:n], b[:n]
	j := 0
	for ; j <= n-block; j += block {
		x, y, p := (*[block]uint64)(acc[j:]), (*[block]uint64)(a[j:]), (*[block]uint64)(b[j:])
		x[0] += k*y[0] + l*p[0]
		x[1] += k*y[1] + l*p[1]
		x[2] += k*y[2] + l*p[2]
		x[3] += k*y[3] + l*p[3]
		x[4] += k*y[4] + l*p[4]
		x[5] += k*y[5] + l*p[5]
		x[6] += k*y[6] + l*p[6]
		x[7] += k*y[7] + l*p[7]
	}
	for ; j < n; j++ {
		acc[j] += k*a[j] + l*b[j]
	}
}

// scaled1 is: for j := range acc { acc[j] += k * a[j] }
func scaled1(acc, a []uint64, k uint64) {
	n := len(acc)
	a = a[:n]
	j := 0
	for ; j <= n-block; j += block {
		x, y := (*[block]uint64)(acc[j:]), (*[block]uint64)(a[j:])
		x[0] += k * y[0]
		x[1] += k * y[1]
		x[2] += k * y[2]
		x[3] += k * y[3]
		x[4] += k * y[4]
		x[5] += k * y[5]
		x[6] += k * y[6]
		x[7] += k * y[7]
	}
	for ; j < n; j++ {
		acc[j] += k * a[j]
	}
}
