package encode

import (
	"encoding/binary"
	"fmt"
	"math"

	"spikec/internal/diag"
	"spikec/runtime/dataset"
)

// apart reports calibration images that are evaluation images too: accuracy is measured on images that nothing was
// fitted to. It is an error where there is no other calibration image.
func (p *planner) apart(data, calibration *dataset.Set) {
	known := map[string]bool{}
	eachImage(calibration, func(image []byte) { known[string(image)] = false })
	evaluated := 0
	eachImage(data, func(image []byte) {
		if _, ok := known[string(image)]; ok {
			known[string(image)] = true
			evaluated++
		}
	})
	shared := 0
	for _, yes := range known {
		if yes {
			shared++
		}
	}
	if shared == 0 {
		return
	}
	d := diag.Diagnostic{ID: idShared, Severity: diag.Warning, Subject: calibration.Spec,
		Message: fmt.Sprintf("%d of %d evaluation images of %s are calibration images too, and %d of %d different calibration images are evaluation images", evaluated, data.Len(), data.Spec, shared, len(known)),
		Remedy:  "calibrate with training images: --calibration SPEC"}
	if evaluated == data.Len() {
		d.Message = "no accuracy here is of images that nothing was fitted to: " + d.Message
	}
	if shared == len(known) {
		d.Severity = diag.Error
	}
	p.list.Add(d)
}

// eachImage calls f with the bytes of every image; they are valid during the call only.
func eachImage(set *dataset.Set, f func(image []byte)) {
	size := set.Size()
	var buf []byte
	for i := range set.Len() {
		if set.Pixels != nil {
			f(set.Pixels[i*size : (i+1)*size])
			continue
		}
		buf = buf[:0]
		for _, v := range set.Values[i*size : (i+1)*size] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		f(buf)
	}
}
