package npz

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sbinet/npyio/npy"
	npyionpz "github.com/sbinet/npyio/npz"
)

// member is a .npy file of version 1.0 with the given header text.
func member(header string, data []byte) []byte {
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	return append(append(out, header...), data...)
}

// zipped is an archive with the given files, x first.
func zipped(t testing.TB, names []string, contents ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(contents[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decode(content []byte, names ...string) ([]*Array, error) {
	return Decode(context.Background(), bytes.NewReader(content), int64(len(content)), "a.npz", names...)
}

func TestRoundTrip(t *testing.T) {
	arrays := []*Array{
		Float32s("x", []float32{1, -2.5, float32(math.Inf(1)), 0, 5, 6}, 1, 2, 3),
		Int32s("counts", []int32{math.MinInt32, 7}, 2, 1),
		Int64s("y", []int64{-1, math.MaxInt64}, 2),
		Uint8s("pixels", []uint8{0, 255, 3}, 3),
		Uint8s("none", []uint8{}, 0, 4),
		Float32s("scalar", []float32{3}),
	}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := Write(w, arrays...); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two writes differ")
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(path, first.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Read(context.Background(), path, "x", "counts", "y", "pixels", "none", "scalar")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range arrays {
		if got[i].String() != want.String() || !bytes.Equal(got[i].Data, want.Data) {
			t.Errorf("%v %v, want %v %v", got[i], got[i].Data, want, want.Data)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	err := Write(&bytes.Buffer{}, Uint8s("x", []uint8{1, 2, 3}, 2, 2))
	if err == nil || err.Error() != "npz: array x uint8 (2, 2) needs 4 bytes, has 3" {
		t.Error(err)
	}
}

// npyio is an independent writer and reader of the format.
func TestAgainstNpyio(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := npyionpz.Write(path, map[string]any{"x.npy": []float32{1, 2, 3}, "y": []int64{4, -5}, "f8": []float64{0.5}, "u2": []uint16{65535}}); err != nil {
		t.Fatal(err)
	}
	arrays, err := Read(context.Background(), path, "x", "y", "f8", "u2")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]float32
	for _, a := range arrays {
		got = append(got, a.Float32())
	}
	if diff := cmp.Diff([][]float32{{1, 2, 3}, {4, -5}, {0.5}, {65535}}, got); diff != "" {
		t.Error(diff)
	}
	for _, a := range []*Array{Float32s("x", []float32{1, 2, 3, 4, 5, 6}, 3, 2), Int64s("y", []int64{1, 2}, 2), Uint8s("u", []byte{9}, 1)} {
		r, err := npy.NewReader(bytes.NewReader(append(encodeHeader(a), a.Data...)))
		if err != nil {
			t.Fatalf("%v: %v", a, err)
		}
		if diff := cmp.Diff(a.Shape, r.Header.Descr.Shape); diff != "" {
			t.Error(diff)
		}
	}
	var back []int64
	if err := npy.Read(bytes.NewReader(append(encodeHeader(Int64s("y", nil, 2)), Int64s("y", []int64{8, -9}, 2).Data...)), &back); err != nil || !cmp.Equal(back, []int64{8, -9}) {
		t.Errorf("npyio reads %v, %v", back, err)
	}
}

// The archives beside the sample models were written by NumPy.
func TestNumPyArchives(t *testing.T) {
	paths, _ := filepath.Glob("../../../models/zoo/*.io.npz")
	if len(paths) == 0 {
		t.Fatal("no archives of bundled networks")
	}
	for _, path := range paths {
		arrays, err := Read(context.Background(), path, "x", "y")
		if err != nil {
			t.Fatal(err)
		}
		x := arrays[0].Shape
		if arrays[0].Kind != 'f' || len(x) != 4 || x[0] != 8 || x[1] != 1 || x[2] != x[3] || arrays[1].String() != "y float32 (8, 10)" {
			t.Errorf("%s has %s and %s", path, arrays[0], arrays[1])
		}
	}
}

func TestHeaders(t *testing.T) {
	long := "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
	version2 := append(append([]byte(magic), 2, 0, byte(len(long)), 0, 0, 0), long...)
	version3 := append(append([]byte(magic), 3, 0, byte(len(long)), 0, 0, 0), long...)
	for name, test := range map[string]struct {
		content []byte
		want    string
		values  []float32
	}{
		"version 2":    {append(version2, 1, 2), "x uint8 (2,)", []float32{1, 2}},
		"version 3":    {append(version3, 1, 2), "x uint8 (2,)", []float32{1, 2}},
		"other order":  {member(`{"shape":(2, 1),"fortran_order":False,"descr":"<i2"}`, []byte{1, 0, 255, 255}), "x int16 (2, 1)", []float32{1, -1}},
		"python 2":     {member("{'descr': '|i1', 'fortran_order': False, 'shape': (2L, 1L), }", []byte{1, 255}), "x int8 (2, 1)", []float32{1, -1}},
		"big-endian":   {member("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", []byte{0x3f, 0x80, 0, 0}), "x float32 (1,)", []float32{1}},
		"big u4":       {member("{'descr': '>u4', 'fortran_order': False, 'shape': (), }", []byte{0, 0, 1, 2}), "x uint32 ()", []float32{258}},
		"fortran":      {member("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", []byte{0, 3, 1, 4, 2, 5}), "x uint8 (2, 3)", []float32{0, 1, 2, 3, 4, 5}},
		"fortran 3":    {member("{'descr': '>u2', 'fortran_order': True, 'shape': (2, 1, 2), }", []byte{0, 0, 0, 2, 0, 1, 0, 3}), "x uint16 (2, 1, 2)", []float32{0, 1, 2, 3}},
		"fortran none": {member("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0), }", nil), "x uint8 (2, 0)", []float32{}},
		"bool":         {member("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", []byte{1, 0}), "x bool (2,)", []float32{1, 0}},
		"half":         {member("{'descr': '<f2', 'fortran_order': False, 'shape': (5,), }", []byte{0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0xfc}), "x float16 (5,)", []float32{1, -2, 0x1p-24, 65504, float32(math.Inf(-1))}},
		"double":       {member("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.1))), "x float64 (1,)", []float32{0.1}},
		"u8":           {member("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", binary.LittleEndian.AppendUint64(nil, math.MaxUint64)), "x uint64 (1,)", []float32{0x1p64}},
	} {
		t.Run(name, func(t *testing.T) {
			arrays, err := decode(zipped(t, []string{"x.npy"}, test.content), "x")
			if err != nil {
				t.Fatal(err)
			}
			if got := arrays[0].String(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if diff := cmp.Diff(test.values, arrays[0].Float32()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	const good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"
	header := func(text string) []byte { return member(text, []byte{1, 2}) }
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":       {nil, "x: data end inside the first 10 bytes"},
		"magic":       {[]byte("PK\x03\x04 and so on"), `x: byte 0: magic "PK\x03\x04 a", want`},
		"version":     {append([]byte(magic), 9, 0, 0, 0), "byte 6: version 9.0, want 1.0, 2.0 or 3.0"},
		"cut":         {member(good, nil)[:30], "data end inside the header of 57 bytes"},
		"cut version": {append([]byte(magic), 2, 0, 0, 0, 0), "data end inside the header length"},
		"long header": {append([]byte(magic), 2, 0, 0xff, 0xff, 0xff, 0xff), "byte 8: header of 4294967295 bytes, want at most 65536"},
		"no dict":     {header("[]"), `want "{" before "[]"`},
		"no end":      {header("{'descr': '|u1"), "a string has no end"},
		"no shape":    {header("{'descr': '|u1', 'fortran_order': False}"), `no "shape"`},
		"nothing":     {header(""), `want "{"`},
		"unknown":     {header("{'colour': 3}"), `unknown key "colour"`},
		"twice":       {header("{'descr': '|u1', 'descr': '|u1'}"), `"descr" stands twice`},
		"tail":        {header(good + "x"), "text after the closing brace"},
		"order":       {header("{'descr': '|u1', 'fortran_order': 1, 'shape': (2,)}"), "want True or False"},
		"negative":    {header("{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}"), "shape: want a size before"},
		"overflow":    {header("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}"), "shape: want a size before"},
		"product":     {header("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"), "shape (4294967296, 4294967296) of float64 is more than 2147483648 bytes"},
		"objects":     {header("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"), "Python objects (pickled) are not supported"},
		"structured":  {header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"), "structured elements"},
		"complex":     {header("{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}"), `element type "<c8"; want bool`},
		"text":        {header("{'descr': '<U3', 'fortran_order': False, 'shape': (2,)}"), `element type "<U3"; want bool`},
		"odd width":   {header("{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}"), `element type "<f3"; want bool`},
		"no order":    {header("{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}"), `element type "|f4"; want bool`},
		"short descr": {header("{'descr': '', 'fortran_order': False, 'shape': (2,)}"), `element type ""`},
		"too few":     {member("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", []byte{1, 2}), "shape (3,) of uint8 needs 3 bytes, the member has 2"},
		"too many":    {member("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", []byte{1, 2}), "shape (1,) of uint8 needs 1 bytes, the member has 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(zipped(t, []string{"x.npy"}, test.content), "x")
			if err == nil || !strings.HasPrefix(err.Error(), "npz: a.npz: x: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestArchiveRefuses(t *testing.T) {
	good := member("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", []byte{1, 2})
	for want, content := range map[string][]byte{
		"not a zip archive":                    []byte("x"),
		`no array "x"; the archive`:            zipped(t, []string{"y.npy"}, good),
		`array "x" stands twice`:               zipped(t, []string{"x.npy", "x"}, good, good),
		"zip: checksum error":                  lie(t, zipped(t, []string{"x.npy"}, good), 16, 1),
		"cannot hold the announced 2147483648": lie(t, zipped(t, []string{"x.npy"}, good), 24, 1<<31),
		"packed bytes in a file of":            lie(t, zipped(t, []string{"x.npy"}, good), 20, 1<<30),
	} {
		if _, err := decode(content, "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// lie writes a word into the directory entry of the only member: 16 checksum, 20 packed and 24 unpacked length.
// Source of the layout: zip application note, 4.3.12.
func lie(t *testing.T, content []byte, offset int, word uint32) []byte {
	t.Helper()
	at := bytes.LastIndex(content, []byte("PK\x01\x02"))
	if at < 0 {
		t.Fatal("no directory")
	}
	binary.LittleEndian.PutUint32(content[at+offset:], word)
	return content
}

// An archive that unpacks to 64 MiB, while its directory and header announce little.
func TestBomb(t *testing.T) {
	content := zipped(t, []string{"x.npy"}, member("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", make([]byte, 1<<26)))
	length := uint32(len(member("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", nil)) + 2)
	lie(t, content, 24, length)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := decode(content, "x"); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
		t.Errorf("%d bytes taken", took)
	}
}

func TestInt64(t *testing.T) {
	if _, err := Float32s("y", []float32{1}, 1).Int64(); err == nil || err.Error() != "y: elements are float32, want integers" {
		t.Error(err)
	}
	large := &Array{Name: "y", Kind: 'u', Width: 8, Shape: []int{1}, Data: bytes.Repeat([]byte{255}, 8)}
	if _, err := large.Int64(); err == nil || err.Error() != "y: element 0 is 18446744073709551615, more than 9223372036854775807" {
		t.Error(err)
	}
	for _, a := range []*Array{
		{Kind: 'i', Width: 1, Data: []byte{0xfe}}, {Kind: 'i', Width: 2, Data: []byte{0xfe, 0xff}},
		{Kind: 'i', Width: 4, Data: []byte{0xfe, 0xff, 0xff, 0xff}}, Int64s("y", []int64{-2}, 1),
	} {
		if got, err := a.Int64(); err != nil || got[0] != -2 {
			t.Errorf("%s: %v, %v", a.Type(), got, err)
		}
	}
}

// FuzzArray feeds any bytes to the reader of a member: it does not panic, and what it reads writes back to the same.
func FuzzArray(f *testing.F) {
	f.Add(member("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", []byte{1, 2}))
	f.Add(member("{'descr': '>f4', 'fortran_order': True, 'shape': (1, 2), }", make([]byte, 8)))
	f.Add(member("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (), }", nil))
	f.Fuzz(func(t *testing.T, content []byte) {
		arrays, err := decode(zipped(t, []string{"x.npy"}, content), "x")
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, arrays...); err != nil {
			t.Fatal(err)
		}
		again, err := decode(out.Bytes(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(arrays[0].String(), again[0].String()); diff != "" || !bytes.Equal(arrays[0].Data, again[0].Data) {
			t.Errorf("reads back as %v: %s", again[0], diff)
		}
	})
}
