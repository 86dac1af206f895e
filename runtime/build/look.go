package build

import (
	"encoding/json"
	"path/filepath"

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
			return nil, refused(idContent, filepath.Join(dir, samplesFile), "build the folder again", "%v", err)
		}
	}
	return k, nil
}

// Conversion is a conversion as it was read from its folder, for reports.
type Conversion struct {
	Manifest *Manifest
	Ladder   *ladder.Ladder
	Scales   *Scales
	Network  string // populations and projections as text
}

// isFolder reports whether dir is the folder of a build or a conversion, at a glance.
func isFolder(dir string) bool {
	schema := schemaOf(dir)
	return schema == ManifestSchema || schema == ConversionSchema
}

// schemaOf is the schema of the manifest in dir; "" where there is none.
func schemaOf(dir string) string {
	var head struct {
		Schema string `json:"schema"`
	}
	data, err := readSmall(filepath.Join(dir, manifestFile), maxManifest)
	if err != nil || json.Unmarshal(data, &head) != nil {
		return ""
	}
	return head.Schema
}

// IsConversion reports whether dir is the folder of a conversion, at a glance: whatever is wrong with it is for LookAtConversion
// to say.
func IsConversion(dir string) bool {
	return schemaOf(dir) == ConversionSchema
}

// LookAtConversion reads the conversion in dir without its data. The error is a *diag.Failure where a file is missing, unexpected
// or altered.
func LookAtConversion(dir string) (*Conversion, error) {
	const remedy = "name a folder that spikec convert wrote, or convert again"
	l, err := loadFiles(dir, ConversionSchema, remedy, ladderFile, scalesFile, networkFile)
	if err == nil {
		err = l.readLadder(remedy)
	}
	if err != nil {
		return nil, err
	}
	c := &Conversion{Manifest: l.manifest, Ladder: l.doc, Scales: &Scales{}, Network: string(l.contents[networkFile])}
	if err := json.Unmarshal(l.contents[scalesFile], c.Scales); err != nil {
		return nil, refused(idContent, filepath.Join(dir, scalesFile), remedy, "%v", err)
	}
	return c, nil
}
