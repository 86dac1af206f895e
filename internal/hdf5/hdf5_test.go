package hdf5

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"spikec/internal/golden"
)

const limit = 1 << 20

// sample is a tree with one of everything that can be written.
func sample() *Group {
	long := make([]string, 3000)
	for i := range long {
		long[i] = "edge " + strconv.Itoa(i) + strings.Repeat("x", i%7)
	}
	many := &Group{Links: map[string]Node{}}
	for i := range 300 {
		many.Links[strconv.Itoa(i)] = Scalar(int64(i))
	}
	return &Group{
		Attrs: map[string]Value{"__type__": {Data: []string{"NIRGraphData"}}, "dt": {Data: []float64{1e-4}}},
		Links: map[string]Node{
			"f4": Array([]float32{1, -2.5, 3e-38, 0, 5, 6}, 2, 3), "f8": Array([]float64{0.1, -7}),
			"i1": Array([]int8{-128, 127}), "i2": Array([]int16{-3, 3}), "i4": Array([]int32{-1 << 31, 5}), "i8": Array([]int64{-1 << 53, 9}),
			"u1": Array([]uint8{255, 0}), "u2": Array([]uint16{65535}), "u4": Array([]uint32{1<<32 - 1}), "u8": Array([]uint64{1 << 53}),
			"scalar": Scalar(float32(0.5)), "text": Scalar("NIRGraph"), "no text": Scalar(""), "long": Array(long, 1500, 2),
			"fixed": &Dataset{Value: Value{Dims: []int{2}, Data: []string{"conv", "dense"}, Fixed: 10}},
			"fixed scalar": &Dataset{Value: Value{Data: []string{"π"}, Fixed: 2},
				Attrs: map[string]Value{"a": {Dims: []int{2}, Data: []int16{4, -4}}, "b": {Dims: []int{2}, Data: []string{"", "x"}}}},
			"empty": Array([]float32{}, 0, 3), "many": many, "none": &Group{Links: map[string]Node{}},
		},
	}
}

// TestReadBack reads what was written.
func TestReadBack(t *testing.T) {
	data, err := Write(sample())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(data, limit)
	if err != nil {
		t.Fatal(err)
	}
	if want := sample(); !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
	again, err := Write(got)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("written again the file is another one (%v)", err)
	}
	if _, err := Read(append(make([]byte, 1024), data...), limit); err != nil {
		t.Errorf("behind 1024 other bytes: %v", err)
	}
}

// TestWritten compares what is written with the file that h5py has looked at; TestReadsH5py what h5py saw in it.
func TestWritten(t *testing.T) {
	data, err := Write(sample())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "written.h5")
	if golden.Updating() {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, want) {
		t.Errorf("%s has %d bytes and is not what is written, %d bytes", path, len(want), len(data))
	}
}

// seen is what h5py reads of a dataset or an attribute.
type seen struct {
	Kind    string
	Dims    []int
	Numbers []float64
	Text    []string
}

// TestReadsH5py compares what is read of files, most of them h5py's own, with what h5py reads.
func TestReadsH5py(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]seen
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".h5")
			if err != nil {
				t.Fatal(err)
			}
			root, err := Read(data, limit)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]seen{}
			describe("", root, got)
			for name, w := range want {
				if g, ok := got[name]; !ok || fmt.Sprint(g) != fmt.Sprint(w) {
					t.Errorf("%s: read %v, h5py reads %v", name, g, w)
				}
				delete(got, name)
			}
			for name := range got {
				if !strings.HasPrefix(name, "@") { // those of the root are not in h5py's list
					t.Errorf("%s: h5py does not read it", name)
				}
			}
		})
	}
}

// describe lists datasets and attributes as make.py does.
func describe(path string, n Node, all map[string]seen) {
	attrs := map[string]Value{}
	switch n := n.(type) {
	case *Group:
		attrs = n.Attrs
		for _, name := range n.Names() {
			describe(strings.TrimPrefix(path+"/"+name, "/"), n.Links[name], all)
		}
	case *Dataset:
		attrs = n.Attrs
		all[path] = look(n.Value)
	}
	for name, v := range attrs {
		all[path+"@"+name] = look(v)
	}
}

func look(v Value) seen {
	s := seen{Dims: v.Dims}
	if text, ok := v.Data.([]string); ok {
		s.Kind, s.Text = "text", text
		return s
	}
	d := reflect.ValueOf(v.Data)
	kind := d.Type().Elem().Kind().String()
	s.Kind = kind[:1] + strconv.Itoa(int(d.Type().Elem().Size()))
	for i := range d.Len() {
		s.Numbers = append(s.Numbers, d.Index(i).Convert(reflect.TypeFor[float64]()).Float())
	}
	return s
}

// TestChecksum compares the hash with answers of its author's own program.
func TestChecksum(t *testing.T) {
	for text, want := range map[string]uint32{"": 0xdeadbeef, "Four score and seven years ago": 0x17770551} {
		if got := checksum([]byte(text)); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}

// TestHalf compares floats of 16 bits with hand-computed ones.
func TestHalf(t *testing.T) {
	for bits, want := range map[uint16]string{0x3c00: "1", 0xc500: "-5", 0x0001: "5.9604645e-08", 0x7bff: "65504", 0xfc00: "-Inf", 0x7e00: "NaN", 0x0400: "6.1035156e-05"} {
		if got := fmt.Sprint(half(bits)); got != want {
			t.Errorf("%#x: %s, want %s", bits, got, want)
		}
	}
}

// TestWriteRefuses lists what cannot be written.
func TestWriteRefuses(t *testing.T) {
	one := func(n Node) *Group { return &Group{Links: map[string]Node{"a": n}} }
	for name, c := range map[string]struct {
		root *Group
		want string
	}{
		"type":       {one(&Dataset{Value: Value{Data: []int{1}}}), "/a: data of type []int"},
		"no data":    {one(&Dataset{}), "data of type <nil>"},
		"dimensions": {one(Array([]int8{1, 2}, 3)), "2 elements in dimensions [3]"},
		"negative":   {one(Array([]int8{1, 2}, -1, -2)), "2 elements in dimensions [-1 -2]"},
		"rank":       {one(Array([]int8{1}, make([]int, 33)...)), "33 dimensions"},
		"name":       {&Group{Links: map[string]Node{"a/b": one(nil)}}, "not a name"},
		"nil":        {one(nil), "neither a group nor a dataset"},
		"long":       {one(&Dataset{Value: Value{Data: []string{"abc"}, Fixed: 2}}), "does not fit"},
		"zero byte":  {one(Scalar("a\x00b")), "zero byte"},
		"attribute":  {&Group{Attrs: map[string]Value{"big": {Dims: []int{1 << 17}, Data: make([]int8, 1<<17)}}}, "a message of"},
		"no name":    {&Group{Attrs: map[string]Value{"": {Data: []int8{1}}}}, "not a name"},
		"fixed":      {one(&Dataset{Value: Value{Data: []int8{1}, Fixed: 2}}), "numbers of 2 bytes"},
	} {
		if _, err := Write(c.root); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// seeds are the files of testdata.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.h5")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		if all[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestDamaged reads files that were cut or had bytes changed: they may be read or refused, but nothing else.
func TestDamaged(t *testing.T) {
	for name, data := range seeds(t) {
		for n := 0; n < len(data); n += 4999 {
			if _, err := Read(data[:n], limit); err == nil && name == "default.h5" && n < len(data)/2 {
				t.Errorf("%s: the first %d bytes are read", name, n)
			}
		}
		for i := 8; i < len(data); i += 397 {
			damaged := bytes.Clone(data)
			damaged[i] ^= byte(1 + i%255)
			checkRead(t, damaged)
		}
	}
}

// TestLimit reads files that want more memory than they may.
func TestLimit(t *testing.T) {
	for name, data := range seeds(t) {
		if _, err := Read(data, 100); err == nil || !strings.Contains(err.Error(), "limit") {
			t.Errorf("%s: %v", name, err)
		}
	}
	huge, err := Write(&Group{Links: map[string]Node{"a": Array([]int8{1, 2, 3, 4}, 4)}})
	if err != nil {
		t.Fatal(err)
	}
	// The dataspace of a: version, rank, flags, type, then the dimension.
	at := bytes.Index(huge, []byte{2, 1, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0})
	binary.LittleEndian.PutUint64(huge[at+4:], 1<<40)
	if _, err := Read(huge, 1<<30); err == nil || !strings.Contains(err.Error(), "/a: ") {
		t.Errorf("an array of 2^40 numbers: %v", err)
	}
}

// TestLoop reads a group that holds itself.
func TestLoop(t *testing.T) {
	data, err := Write(&Group{Links: map[string]Node{"abc": &Group{}}})
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("abc")) + 3
	copy(data[at:], data[36:44]) // the root's address
	if _, err := Read(data, limit); err == nil || !strings.Contains(err.Error(), "another link leads to") {
		t.Errorf("%v", err)
	}
}

// TestDeep reads groups inside each other.
func TestDeep(t *testing.T) {
	g := &Group{}
	for range 100 {
		g = &Group{Links: map[string]Node{"g": g}}
	}
	data, err := Write(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(data, limit); err == nil || !strings.Contains(err.Error(), "more than 64 groups") {
		t.Errorf("%v", err)
	}
}

// checkRead reads bytes; what is read can be written, and read again as the same.
func checkRead(t *testing.T, data []byte) {
	root, err := Read(data, limit)
	if err != nil {
		return
	}
	first, err := Write(root)
	if err != nil {
		return // an attribute without a name, say
	}
	again, err := Read(first, 4*limit)
	if err != nil {
		t.Fatalf("what was read and written is not read: %v", err)
	}
	if second, err := Write(again); err != nil || !bytes.Equal(first, second) {
		t.Fatalf("what was read, written and read is not the same (%v)", err)
	}
}

// FuzzRead reads anything.
func FuzzRead(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(checkRead)
}
