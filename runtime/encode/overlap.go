package encode

import (
	"encoding/binary"
	"fmt"
	"math"

	"spikec/internal/diag"
	"spikec/runtime/dataset"
)

// apart reports calibration images that are evaluation images too: accuracy is measured on images that nothing was
// fitted to.
func (p *planner) apart(data, calibration *dataset.Set) {
	known := map[string]bool{}
	eachImage(calibration, func(image []byte) { known[string(image)] = false })
	eachImage(data, func(image []byte) {
		if _, ok := known[string(image)]; ok {
			known[string(image)] = true
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
		Message: fmt.Sprintf("%d of %d different calibration images are evaluation images of %s too", shared, len(known), data.Spec),
		Remedy:  "calibrate with training images: --calibration SPEC"}
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
