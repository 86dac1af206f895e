package build

import (
	"encoding/json"
	"path/filepath"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
	"spikec/runtime/sample"
	"spikec/target/chip"
	"spikec/target/image"
)

// Look is a build as it was read from its folder, for reports.
type Look struct {
	Manifest  *Manifest
	Ladder    *ladder.Ladder
	Samples   *sample.Document // nil where the folder has none: an earlier version wrote it
	Profile   *chip.Profile
	Image     *image.Image
	Resources image.Resources
	SHA256    string // of the manifest
}

// LookAt reads the build in dir without its data. It refuses what Check refuses of the folder.
func LookAt(dir string) (*Look, error) {
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	k := &Look{Manifest: l.manifest, Ladder: l.doc, Profile: l.profile, Image: l.img, Resources: l.resources, SHA256: l.manifest.SHA256}
	if data, ok := l.contents[samplesFile]; ok {
		k.Samples = &sample.Document{}
		err := json.Unmarshal(data, k.Samples)
		if err == nil {
			err = k.Samples.Check(len(l.img.Cores))
		}
		if err != nil {
			return nil, &diag.Failure{List: diag.List{{ID: idContent, Severity: diag.Error, Subject: filepath.Join(dir, samplesFile), Message: err.Error(),
				Remedy: "build the folder again"}}}
		}
	}
	return k, nil
}
