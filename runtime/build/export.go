package build

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/models/nir"
	"spikec/target/config/netx"
)

// Diagnostics of exports. The numbers are stable.
const (
	idDialect   = "SPK-EXPORT-001" // a dialect that the format does not have
	idNoNetwork = "SPK-EXPORT-002" // the build has nothing that the format could hold
)

// format makes a file of a build.
type format struct {
	dialects []string // empty: there are none
	export   func(l *loaded, dialect string) ([]byte, diag.List, error)
}

// formats are the file formats that builds are exported to.
var formats = map[string]format{
	"netx": {nil, exportNetx},
	"nir":  {nir.DialectNames(), exportNIR},
}

// Formats returns the names of the formats that Export and ExportFolder know.
func Formats() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(formats)), maps.Keys(wordForms))
	slices.Sort(names)
	return slices.Compact(names)
}

// IsFolder reports whether a format is a folder of a chip's own files, which ExportFolder returns; others are one file, which Export
// returns.
func IsFolder(name string) bool {
	_, file := formats[name]
	_, folder := wordForms[name]
	return folder && !file
}

// Export returns the build in dir in another file format, in a dialect of it; "" is the first one. It refuses what Check
// refuses. The list says what is not as in the build.
func Export(dir, name, dialect string) ([]byte, diag.List, error) {
	f, ok := formats[name]
	if !ok {
		return nil, nil, fmt.Errorf("build: no format %q", name)
	}
	if dialect == "" && len(f.dialects) > 0 {
		dialect = f.dialects[0]
	} else if dialect != "" && !slices.Contains(f.dialects, dialect) {
		remedy := "leave --dialect out"
		if len(f.dialects) > 0 {
			remedy = "want " + strings.Join(f.dialects, ", ")
		}
		return nil, nil, noDialect(name, dialect, remedy)
	}
	l, err := load(dir)
	if err != nil {
		return nil, nil, err
	}
	return f.export(l, dialect)
}

// ExportFolder returns the build in dir as files of its chip, by their names. It refuses what Check refuses, and builds for chips
// that have no such files.
func ExportFolder(dir, name, dialect string) (map[string][]byte, diag.List, error) {
	w, ok := wordForms[name]
	if !ok {
		return nil, nil, fmt.Errorf("build: no format %q", name)
	}
	if dialect != "" {
		return nil, nil, noDialect(name, dialect, "leave --dialect out")
	}
	l, err := load(dir)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(l.profile.Config.Formats, name) {
		remedy := "this target has no files of its own; --format nir writes the network"
		if own, _ := wordsOf(l.profile); own != "" {
			remedy = "--format " + own
		}
		return nil, nil, (&diag.List{{ID: idNoNetwork, Severity: diag.Error, Subject: dir, Message: fmt.Sprintf("is built for %s, which is not programmed with %s", l.profile.ID, name), Remedy: remedy}}).Err()
	}
	return w.write(l.img, l.profile)
}

// noDialect is the error about a dialect that a format does not have.
func noDialect(name, dialect, remedy string) error {
	return (&diag.List{{ID: idDialect, Severity: diag.Error, Subject: "--dialect", Message: fmt.Sprintf("format %s has no dialect %q", name, dialect), Remedy: remedy}}).Err()
}

// exportNIR writes the build's network in another dialect.
func exportNIR(l *loaded, dialect string) ([]byte, diag.List, error) {
	path := filepath.Join(l.dir, nirFile)
	i := slices.IndexFunc(l.manifest.Files, func(f FileRecord) bool { return f.Name == nirFile })
	if i < 0 {
		return nil, nil, (&diag.List{{ID: idNoNetwork, Severity: diag.Error, Subject: path, Message: "is not part of the build: NIR has no words for its neurons, or a spikec before this one built it",
			Remedy: "build again, for a target whose neurons fire when they reach the threshold"}}).Err()
	}
	data, err := readSmall(path, l.manifest.Files[i].Size)
	if err != nil {
		return nil, nil, fmt.Errorf("build: %w", err)
	}
	f, _, err := nir.Read(path, data)
	if err != nil {
		return nil, nil, err
	}
	return nir.Write(f.Network, nir.Dialects[dialect])
}

// exportNetx writes what is on a Loihi as netx; netx has no dialects.
func exportNetx(l *loaded, _ string) ([]byte, diag.List, error) { return netx.Write(l.img, l.profile) }
