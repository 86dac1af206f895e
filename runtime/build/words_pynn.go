package build

import (
	"bytes"
	"context"
	"math"

	"spikec/internal/diag"
	"spikec/runtime/dataset/npz"
	"spikec/target/chip"
	"spikec/target/config/pynn"
	"spikec/target/image"
)

func init() { registerWords("pynn", words{write: writePyNN, read: readPyNN}) }

// writePyNN writes the script and its arrays.
func writePyNN(img *image.Image, p *chip.Profile) (map[string][]byte, diag.List, error) {
	arrays, err := pynn.Arrays(img, p)
	if err != nil {
		return nil, nil, err
	}
	var list []*npz.Array
	for _, name := range pynn.Names(img) {
		list = append(list, npz.Int32s(name, arrays[name].Values, arrays[name].Shape...))
	}
	var b bytes.Buffer
	err = npz.Write(&b, list...)
	return map[string][]byte{pynn.ScriptFile: pynn.Script, pynn.ArraysFile: b.Bytes()}, diag.List{{ID: pynn.IDUnproven, Severity: diag.Warning, Subject: pynn.ScriptFile,
		Message: "builds the network in PyNN; neither sPyNNaker nor a machine has run it", Remedy: "compare a few answers with spikec emulate before you trust it"}}, err
}

// readPyNN reads the arrays; the script must be the one that is written.
func readPyNN(files map[string][]byte, host *image.Image, p *chip.Profile) (*image.Image, error) {
	fail := func(file, message string) error {
		return (&diag.List{{ID: idContent, Severity: diag.Error, Subject: file, Message: message, Remedy: "build the folder again"}}).Err()
	}
	data, ok := files[pynn.ArraysFile]
	if !ok || len(files) != 2 || !bytes.Equal(files[pynn.ScriptFile], pynn.Script) {
		return nil, fail(pynn.ScriptFile, "want the script as this spikec writes it, and "+pynn.ArraysFile)
	}
	list, err := npz.Decode(context.Background(), bytes.NewReader(data), int64(len(data)), pynn.ArraysFile, pynn.Names(host)...)
	if err != nil {
		return nil, fail(pynn.ArraysFile, err.Error())
	}
	arrays := map[string]pynn.Array{}
	for _, a := range list {
		values, err := a.Int64()
		if err != nil {
			return nil, fail(pynn.ArraysFile, err.Error())
		}
		x := pynn.Array{Shape: a.Shape, Values: make([]int32, len(values))}
		for i, v := range values {
			if v < math.MinInt32 || v > math.MaxInt32 {
				return nil, fail(pynn.ArraysFile, a.Name+": beyond 32 bits")
			}
			x.Values[i] = int32(v)
		}
		arrays[a.Name] = x
	}
	return pynn.Read(arrays, host, p)
}
