package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"spikec/internal/peak"
)

// bigForms are the ways to store weights that large models are tried in: float32 as raw data, in a typed field or in another
// file, and bytes with a Cast behind each, as quantisers write them, without normalisation.
var bigForms = []string{"raw", "typed", "external", "bytes"}

// bigModel writes a network of about the given size for images 3x8x8, whose weights are random and stored in the form,
// and returns its path and the bytes of all its files. It is a chain of convolutions of 512 channels with batch normalisation
// and Relu, and two fully connected layers, of which one stands transposed (MatMul).
func bigModel(t testing.TB, dir, form string, megabytes int) (path string, size int64) {
	t.Helper()
	path = filepath.Join(dir, fmt.Sprintf("%s%d.onnx", form, megabytes))
	m := wireModel{opset: 13, inputs: [][]byte{wireInput("x", 1, "N", 3, 8, 8)}, outputs: [][]byte{appendBytes(nil, 1, "y")}}
	random := rand.New(rand.NewPCG(1, 2))
	var external []byte
	weight := func(name string, dims ...int64) {
		n := int64(1)
		for _, d := range dims {
			n *= d
		}
		if form == "bytes" && n > keptIntegers {
			raw := make([]byte, n)
			for i := range raw {
				raw[i] = byte(random.Uint32())
			}
			m.inits = append(m.inits, appendBytes(wireHead(name+".bytes", 3, dims...), 9, raw))
			m.nodes = append(m.nodes, wireNode("Cast", []string{name + ".bytes"}, []string{name}, wireInt("to", typeFloat32)))
			return
		}
		raw := make([]byte, 0, 4*n)
		for range n {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(random.Float32()+0.5))
		}
		b := wireHead(name, typeFloat32, dims...)
		switch {
		case form == "typed":
			b = appendBytes(b, 4, raw)
		case form == "external" && n > 64:
			b = appendVarint(b, 14, 1)
			for _, pair := range [][2]string{{"location", filepath.Base(path) + ".data"}, {"offset", fmt.Sprint(len(external))}, {"length", fmt.Sprint(len(raw))}} {
				b = appendBytes(b, 13, appendBytes(appendBytes(nil, 1, pair[0]), 2, pair[1]))
			}
			external = append(external, raw...)
		default:
			b = appendBytes(b, 9, raw)
		}
		m.inits = append(m.inits, b)
	}
	last, channels, stored := "x", int64(3), 0
	if form == "bytes" {
		megabytes *= 4 // as float32
	}
	for i := 0; stored < megabytes<<20-40<<20 || i < 2; i++ {
		conv, norm, act := fmt.Sprintf("conv%d", i), fmt.Sprintf("norm%d", i), fmt.Sprintf("act%d", i)
		weight(conv+".weight", 512, channels, 3, 3)
		stored += 4 * 512 * int(channels) * 9
		parts := []string{conv}
		m.nodes = append(m.nodes, wireNode("Conv", []string{last, conv + ".weight"}, []string{conv}, wireInts("pads", 1, 1, 1, 1)))
		if form == "bytes" {
			norm = conv
		} else {
			for _, p := range []string{".gamma", ".beta", ".mean", ".var"} {
				weight(norm+p, 512)
				parts = append(parts, norm+p)
			}
			m.nodes = append(m.nodes, wireNode("BatchNormalization", parts, []string{norm}))
		}
		m.nodes = append(m.nodes, wireNode("Relu", []string{norm}, []string{act}))
		last, channels = act, 512
	}
	hidden := int64(max(10, (megabytes<<20-stored)/4/(512+10)))
	weight("fc1.weight", 512, hidden)
	weight("fc2.weight", 10, hidden)
	weight("fc2.bias", 10)
	m.nodes = append(m.nodes, wireNode("GlobalAveragePool", []string{last}, []string{"mean"}), wireNode("Flatten", []string{"mean"}, []string{"flat"}),
		wireNode("MatMul", []string{"flat", "fc1.weight"}, []string{"fc1"}), wireNode("Relu", []string{"fc1"}, []string{"act"}),
		wireNode("Gemm", []string{"act", "fc2.weight", "fc2.bias"}, []string{"y"}, wireInt("transB", 1)))
	for name, data := range map[string][]byte{path: m.bytes(), path + ".data": external} {
		if data == nil {
			continue
		}
		size += int64(len(data))
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path, size
}

// BenchmarkSurvey reads large models: bytes a second in this process, and the peak of memory of a process that does
// nothing else, in bytes for each byte of the files.
func BenchmarkSurvey(b *testing.B) {
	for _, form := range bigForms {
		for _, megabytes := range []int{100, 400} {
			if form == "bytes" {
				megabytes = min(megabytes, 150) // they take four times as much as float32, and there must be room for that
			}
			b.Run(fmt.Sprintf("%s/%dMB", form, megabytes), func(b *testing.B) {
				path, size := bigModel(b, b.TempDir(), form, megabytes)
				_, most := surveyApart(b, path)
				b.SetBytes(size)
				for b.Loop() {
					if _, err := Read(path); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(most)/float64(size), "peak-bytes/byte")
				b.ReportMetric(float64(most)/(1<<20), "peak-MiB")
			})
		}
	}
}

// TestBigModels checks the bound on memory with models of 12 MB, and in long runs of 100 MB.
func TestBigModels(t *testing.T) {
	megabytes := 12
	if os.Getenv("SPIKEC_LONG") == "1" {
		megabytes = 100
	}
	for _, form := range bigForms {
		t.Run(form, func(t *testing.T) {
			path, size := bigModel(t, t.TempDir(), form, megabytes)
			said, most := surveyApart(t, path)
			if said != "" || most > peak.Allowed(size) {
				t.Errorf("%d bytes took %d, at most %d are allowed; said %q", size, most, peak.Allowed(size), said)
			}
			t.Logf("%d MB took %d MB", size/1e6, most/1e6)
		})
	}
}

// TestBytesWithMaps checks that weights of a byte each are taken, and called heavy where a conversion would fold a map into a copy
// of them, for which there is no memory.
func TestBytesWithMaps(t *testing.T) {
	const rows, columns = 6144, 8192 // 48 MiB in the file, 192 MiB as float32
	m := wireModel{opset: 13, inputs: [][]byte{wireInput("x", 1, "N", columns)}, outputs: [][]byte{appendBytes(nil, 1, "y")}}
	m = m.with(appendBytes(wireHead("w", typeInt8, rows, columns), 9, make([]byte, rows*columns)), wireFloats("s", nil, 0.5))
	m.nodes = [][]byte{named("DequantizeLinear", "d", "w s"), named("Gemm", "y", "x d", wireInt("transB", 1))}
	if got, err := Decode(m.bytes(), ""); err != nil || got.Heavy {
		t.Errorf("nothing to fold: got %+v, %v", got, err)
	}
	m.nodes = [][]byte{m.nodes[0], named("Gemm", "g", "x d", wireInt("transB", 1)), named("Mul", "y", "g s")}
	if got, err := Decode(m.bytes(), ""); err != nil || !got.Heavy {
		t.Errorf("a factor to fold: got %+v, %v", got, err)
	}
}
