package image

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/golden"
)

func encode(t testing.TB, m *Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSampleRoundTrip(t *testing.T) {
	m := sample()
	data := encode(t, m)
	golden.File(t, "sample.spikecim", string(data))
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, back); d != "" {
		t.Error(d)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawImage(t)
		if rapid.Bool().Draw(t, "played") {
			play(m, rapid.SampledFrom([]encoder.Coding{{Name: "bernoulli", Seed: math.MaxUint64}, {Name: "gamma", Parameter: 3}, {Name: "sigma-delta"}}).Draw(t, "coding"))
			m.Input.Drives = nil
		}
		var b bytes.Buffer
		if err := Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		back, err := Decode(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, back); d != "" {
			t.Fatal(d)
		}
		var again bytes.Buffer
		if err := Encode(&again, back); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Fatalf("written again it differs: %v", err)
		}
	})
}

// The bytes of a tiny image, put together by hand from docs/formats.md.
func TestLayout(t *testing.T) {
	m := &Image{Chip: "c", Steps: 2, Input: Input{Shape: [3]int{1, 1, 1}, Step: 0.5, Encoding: "regular"},
		Cores:  []Core{{Population: "<p>", Shape: [3]int{1, 1, 2}, Neurons: 2, Registers: map[string][]int32{"thr": {-129, 2}, "a": {1 << 15}}}},
		Output: Output{Cores: []int{0}, Classes: 2, Readout: "count"}}
	head := `{"chip":"c","cores":[{"first":0,"neurons":2,"population":"\u003cp\u003e","registers":{"a":{"count":1,"offset":0,"type":"i32"},` +
		`"thr":{"count":2,"offset":8,"type":"i16"}},"routes":{"count":0,"offset":16,"type":"i8"},"shape":[1,1,2],"start":0,"synapses":[]}],` +
		`"input":{"drives":[],"encoding":"regular","shape":[1,1,1],"step":0.5},"output":{"classes":2,"cores":[0],"readout":"count"},"steps":2}`
	want := append([]byte("SPIKECIM"), 1, 0, 0, 0, byte(len(head)), byte(len(head)>>8), 0, 0, 0, 0, 0, 0)
	want = append(want, head...)
	for len(want)%8 != 0 {
		want = append(want, 0)
	}
	want = append(want, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x7F, 0xFF, 2, 0, 0, 0, 0, 0)
	sum := sha256.Sum256(want)
	want = append(want, sum[:]...)
	if got := encode(t, m); !bytes.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestReadoutRoundTrip: the keys of a read-out stand in the header where they say something, in their order.
func TestReadoutRoundTrip(t *testing.T) {
	for want, o := range map[string]Output{
		`"output":{"classes":3,"cores":[4],"delay":3,"readout":"first-spike"}`:                           {Readout: FirstSpike, Delay: 3},
		`"output":{"classes":3,"cores":[4],"earlyExit":"exact","readout":"membrane"}`:                    {Readout: Membrane, EarlyExit: ExitExact},
		`"output":{"classes":3,"cores":[4],"delay":1,"earlyExit":"margin","margin":7,"readout":"count"}`: {Readout: Count, Delay: 1, EarlyExit: ExitMargin, Margin: 7},
	} {
		m := sample()
		o.Cores, o.Classes = m.Output.Cores, m.Output.Classes
		m.Output = o
		data := encode(t, m)
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("header has no %s", want)
		}
		back, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, back); d != "" {
			t.Error(d)
		}
	}
}

// Keys are sorted at every level: writing the header through maps gives the same text.
func TestHeaderIsSorted(t *testing.T) {
	text, _, err := unpack(encode(t, sample()))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, sorted) {
		t.Errorf("header\n%s\nsorted\n%s", text, sorted)
	}
}

func TestAlteredBytes(t *testing.T) {
	data := encode(t, sample())
	for i := range data {
		b := bytes.Clone(data)
		b[i] ^= 1 << (i % 8)
		if _, err := Decode(b); err == nil || !strings.HasPrefix(err.Error(), "image: ") || !strings.Contains(err.Error(), "altered") {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := Decode(data[:i]); err == nil || !strings.Contains(err.Error(), "altered") {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := Decode(append(bytes.Clone(data), 0)); err == nil {
		t.Error("a byte more is accepted")
	}
}

// seal puts a header and arrays into a frame with a right checksum.
func seal(header string, arrays []byte) []byte {
	b := append([]byte(magic), 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(header)))
	b = append(b, header...)
	b = append(b, make([]byte, padded(len(b))-len(b))...)
	b = append(b, arrays...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// Files with a right checksum that were made by hand, wrongly.
func TestForged(t *testing.T) {
	data := encode(t, sample())
	text, arrays, err := unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(seal(string(text), arrays)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"steps":16`, `"steps":16,"zeal":1`, `image: header: json: unknown field "zeal"`},
		{`"kind":"dense"`, `"kind":"dense","x":1`, `dense: json: unknown field "x"`},
		{`"kind":"dense"`, `"kind":"sparse"`, `image: core 4: synapses 0: unknown kind of synapses "sparse", want one of [conv2d dense identity table typed]`},
		{`"steps":16`, `"steps": 16`, "image: header: not in canonical form"},
		{`"steps":16`, `"steps":16,"steps":16`, "image: header: not in canonical form"},
		{`"steps":16`, `"Steps":16`, "image: header: not in canonical form"},
		{`"steps":16}`, `"steps":16} {}`, "image: header: more than one JSON value"},
		{`"steps":16`, `"steps":1.5`, "image: header: json: cannot unmarshal number 1.5"},
		{`"kind":"identity","n":3`, `"n":3,"kind":"identity"`, "image: header: not in canonical form"},
		{`"shape":[2,5,4]`, `"shape":[2,5]`, "image: header: not in canonical form"},
		{`"drives":[`, `"drives":null,"x":[`, `unknown field "x"`},
		{`"steps":16`, `"steps":65537`, "image: 65537 steps, want 1..65536"},
		{`"n":3`, `"n":4`, "image: core 4 (output): synapses 1: identity: 4 axons, the target has 3 neurons"},
		{`{"count":3,"offset":0,`, `{"count":2147483647,"offset":0,`, "array of 2147483647 numbers of type i16 at offset 0"},
		{`{"count":3,"offset":0,`, `{"count":-1,"offset":0,`, "array of -1 numbers"},
		{`{"count":3,"offset":0,`, `{"count":9223372036854775807,"offset":0,`, "array of 9223372036854775807 numbers"},
		{`{"count":3,"offset":0,`, `{"count":3,"offset":8,`, "array at offset 8: want 0, behind the array before it"},
		{`{"count":3,"offset":0,`, `{"count":2,"offset":0,`, "the padding behind the array at offset 0 is not zero"},
		{`"offset":0,"type":"i16"`, `"offset":0,"type":"f32"`, `array of unknown type "f32"`},
		{`"offset":0,"type":"i16"`, `"offset":0,"type":"i8"`, "the padding behind the array at offset 0 is not zero"},
		{`{"chip"`, `["chip"`, "image: header: "},
		{`"initialV":{"count":3,"offset":0,"type":"i16"},`, ``, "image: core 0: register \"bias\": array at offset 8: want 0"},
	} {
		if !strings.Contains(string(text), c.old) {
			t.Fatalf("%s is not in the header", c.old)
		}
		_, err := Decode(seal(strings.Replace(string(text), c.old, c.new, 1), arrays))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "image: ") {
			t.Errorf("%s → %s: got %v, want %s", c.old, c.new, err, c.want)
		}
	}
	for name, f := range map[string]func(b []byte) []byte{
		"format version 2: this program reads version 1": func(b []byte) []byte { b[8] = 2; return b },
		"header of 4294967295 bytes in a file of":        func(b []byte) []byte { copy(b[12:], "\xff\xff\xff\xff"); return b },
		"header of 18446744073709551615 bytes":           func(b []byte) []byte { copy(b[12:], "\xff\xff\xff\xff\xff\xff\xff\xff"); return b },
		"8 bytes behind the last array belong to":        func(b []byte) []byte { return append(b, make([]byte, 8)...) },
		"the header is not padded to 8 bytes":            func(b []byte) []byte { b[padded(fixedBytes+len(text))-1] = 1; return b },
	} {
		body := f(bytes.Clone(data[:len(data)-sha256.Size]))
		sum := sha256.Sum256(body)
		if _, err := Decode(append(body, sum[:]...)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(b), nil
}

func TestEncodeFails(t *testing.T) {
	n := len(encode(t, sample()))
	for _, left := range []int{0, n / 2, n - 1} {
		if err := Encode(&failingWriter{left}, sample()); err == nil || err.Error() != "image: the disk is full" {
			t.Errorf("room for %d of %d bytes: %v", left, n, err)
		}
	}
	m := sample()
	m.Steps = 0
	if err := Encode(new(bytes.Buffer), m); err == nil {
		t.Error("an image without steps was written")
	}
}

func FuzzDecode(f *testing.F) {
	data := encode(f, sample())
	f.Add(data[:len(data)-sha256.Size])
	f.Add([]byte(fmt.Sprintf("%s\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00{}\x00\x00", magic)))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := Decode(body); err == nil {
			return
		}
		sum := sha256.Sum256(body)
		sealed := append(bytes.Clone(body), sum[:]...)
		m, err := Decode(sealed)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "image: ") {
				t.Fatalf("error %v", err)
			}
			return
		}
		if again := encode(t, m); !bytes.Equal(again, sealed) {
			t.Fatalf("two forms of one image:\n%q\n%q", sealed, again)
		}
	})
}
