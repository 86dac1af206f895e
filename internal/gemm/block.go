package gemm

// Blocks, in elements: a packed block of the right operand is depth × width, one of the left operand height × depth.
// A panel of the right one (depth × a tile's columns) stays in the first-level cache, the block of the left one in the
// second (Goto and van de Geijn 2008).
const (
	depth  = 256
	height = 128
	width  = 1024
)

// block multiplies block by block, tile by tile.
func (w *Workspace[T]) block(k *kernels[T], p product[T]) {
	tile := grown(&w.tile, k.rows*k.cols)
	for j := 0; j < p.c.Cols; j += width {
		n := min(width, p.c.Cols-j)
		m := p.c.Rows
		if p.upper {
			m = min(m, j+n+p.diagonal)
		}
		for d := 0; d < p.a.Cols; d += depth {
			steps := min(depth, p.a.Cols-d)
			right := grown(&w.right, panels(n, k.cols)*steps)
			w.packRight(right, p.b, d, steps, j, n, k.cols)
			for i := 0; i < m; i += height {
				rows := min(height, m-i)
				left := grown(&w.left, panels(rows, k.rows)*steps)
				packLeft(left, p.a.Block(i, d, rows, steps), k.rows, p.sign)
				c := p
				c.c, c.diagonal = p.c.Block(i, j, rows, n), p.diagonal+j-i
				k.tiles(c, left, right, tile, steps)
			}
		}
	}
}

// panels returns n rounded up to a multiple of size.
func panels(n, size int) int { return (n + size - 1) / size * size }

// tiles adds the product of two packed blocks to p.c.
func (k *kernels[T]) tiles(p product[T], left, right, tile []T, steps int) {
	for j := 0; j < p.c.Cols; j += k.cols {
		n := min(k.cols, p.c.Cols-j)
		b := right[j*steps:]
		for i := 0; i < p.c.Rows; i += k.rows {
			a := left[i*steps:]
			m := min(k.rows, p.c.Rows-i)
			if p.upper && i > j+n-1+p.diagonal {
				break
			}
			whole := m == k.rows && n%k.lanes == 0 && !(p.upper && i+m-1 > j+p.diagonal)
			if whole {
				k.tile[n/k.lanes-1](steps, &a[0], &b[0], &p.c.Data[p.c.at(i, j)], p.c.RowStride)
				continue
			}
			k.edge(p, i, j, m, n, a, b, tile, steps)
		}
	}
}

// edge computes a tile that reaches beyond the matrix, or below its diagonal, in memory of its own.
func (k *kernels[T]) edge(p product[T], i, j, m, n int, a, b, tile []T, steps int) {
	vectors := (n + k.lanes - 1) / k.lanes
	for r := range m {
		copy(tile[r*k.cols:r*k.cols+n], p.c.Data[p.c.at(i+r, j):])
	}
	k.tile[vectors-1](steps, &a[0], &b[0], &tile[0], k.cols)
	for r := range m {
		from := 0
		if p.upper {
			from = min(n, max(0, i+r-j-p.diagonal))
		}
		copy(p.c.Data[p.c.at(i+r, j+from):p.c.at(i+r, j)+n], tile[r*k.cols+from:])
	}
}
