package kernel

// Pack16 adds numbers modulo 2^32 and keeps the low 16 bits, four lanes a word; len(dst) is a multiple of four:
//
//	for i := range 4 * len(dst) { dst[i] = int16(a[i] + b[i]) }
func Pack16(dst []uint64, a, b []int32) { active.pack(dst, a[:4*len(dst)], b[:4*len(dst)]) }

// packGo is Pack16 in plain Go, and of any length.
func packGo(dst []uint64, a, b []int32) {
	for i := range dst {
		x, y := (*[4]int32)(a[4*i:]), (*[4]int32)(b[4*i:])
		dst[i] = uint64(uint16(x[0]+y[0])) | uint64(uint16(x[1]+y[1]))<<16 |
			uint64(uint16(x[2]+y[2]))<<32 | uint64(uint16(x[3]+y[3]))<<48
	}
}
