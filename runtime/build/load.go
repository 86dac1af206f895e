package build

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"encoding/json"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// Diagnostics of build folders. The numbers are stable.
const (
	idManifest   = "SPK-FILE-001" // no manifest, or one that was altered
	idMissing    = "SPK-FILE-002"
	idUnexpected = "SPK-FILE-003"
	idAltered    = "SPK-FILE-004"
	idContent    = "SPK-FILE-005" // a file that is what was written but cannot be used
	idOtherData  = "SPK-FILE-006" // the data are not those of the build
	idPartial    = "SPK-FILE-007" // no partial result, or one that was altered
	idOtherShard = "SPK-FILE-011" // a partial result of another build, other data or other settings
	idTwice      = "SPK-FILE-012" // images that are in two partial results
	idLeftOut    = "SPK-FILE-013" // images that are in none
)

// maxManifest is the largest manifest that is read. [bytes]
const maxManifest = 1 << 24

// loaded is a build that was read from its folder.
type loaded struct {
	dir       string
	manifest  *Manifest
	profile   *chip.Profile
	img       *image.Image
	resources image.Resources
	doc       *ladder.Ladder // as it was written
	contents  map[string][]byte
}

// ReadManifest reads the build in dir, refuses what Check refuses about it, and returns its manifest.
func ReadManifest(dir string) (*Manifest, error) {
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	return l.manifest, nil
}

// load reads the build in dir. Whatever is not as the manifest says is reported, all of it at once.
func load(dir string) (*loaded, error) {
	const remedy = "name a folder that spikec build wrote, or build it again"
	l, err := loadFiles(dir, ManifestSchema, remedy, profileFile, ladderFile, scalesFile)
	if err != nil {
		return nil, err
	}
	contents := l.contents
	if l.profile, err = chip.Parse(filepath.Join(dir, profileFile), contents[profileFile]); err != nil {
		return nil, err
	}
	if l.img, err = readImage(dir, contents, l.profile); err != nil {
		return nil, err
	}
	if err := l.readLadder(remedy); err != nil {
		return nil, err
	}
	var found diag.List
	found, l.resources = image.Check(l.img, l.profile)
	if err := found.Err(); err != nil {
		return nil, err
	}
	if n := l.manifest.Coding.Codes(); n != size(l.img.Input.Shape) {
		return nil, refused(idContent, filepath.Join(dir, manifestFile), remedy, "codes %d values an image, the network on the chip takes %v", n, l.img.Input.Shape)
	}
	return l, nil
}

// refused is the failure of a folder for one reason.
func refused(id, subject, remedy, format string, args ...any) error {
	return &diag.Failure{List: diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}}
}

// loadFiles reads the manifest in dir, of a schema, and every file of it; some must be among them.
func loadFiles(dir, schema, remedy string, wanted ...string) (*loaded, error) {
	l := &loaded{dir: dir}
	path := filepath.Join(dir, manifestFile)
	data, err := readSmall(path, maxManifest)
	if err != nil {
		if why, todo := noBuild(dir); why != "" {
			return nil, refused(idManifest, dir, cmp.Or(todo, remedy), "%s", why)
		}
		return nil, refused(idManifest, path, remedy, "%v", err)
	}
	if l.manifest, err = decodeManifest(data, schema); errors.Is(err, errConversion) {
		return nil, refused(idManifest, dir, "spikec build writes what is needed here", "%v", err)
	} else if err != nil {
		return nil, refused(idManifest, path, remedy, "%v", err)
	}
	if err := l.manifest.Coding.Validate(); err != nil {
		return nil, refused(idManifest, path, remedy, "%v", err)
	}
	var found diag.List
	l.contents, found = l.read(wanted)
	return l, found.Err()
}

// readLadder reads the result as it was written.
func (l *loaded) readLadder(remedy string) error {
	l.doc = &ladder.Ladder{} // stays where the file holds null
	if err := json.Unmarshal(l.contents[ladderFile], l.doc); err != nil {
		return refused(idContent, filepath.Join(l.dir, ladderFile), remedy, "%v", err)
	}
	return nil
}

// noBuild says why a path is not the folder of a build, and what to do about it where that is more than the usual; "" for a
// folder that has a manifest.
func noBuild(dir string) (why, remedy string) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such folder", ""
	case err != nil:
		return "", ""
	case !info.IsDir() && filepath.Ext(dir) == ".onnx":
		return "is a file, not the folder of a build", fmt.Sprintf("build it first: spikec build %s --target ID --data SPEC --out DIR", dir)
	case !info.IsDir():
		return "is a file, not the folder of a build", ""
	}
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); errors.Is(err, fs.ErrNotExist) {
		return "is no build: it has no " + manifestFile, ""
	}
	return "", ""
}

// read reads every file of the manifest and compares it, and the folder, with what the manifest says, which must list some.
func (l *loaded) read(wanted []string) (map[string][]byte, diag.List) {
	var found diag.List
	contents := map[string][]byte{}
	report := func(id, name, format string, args ...any) {
		d := diag.Diagnostic{ID: id, Severity: diag.Error, Subject: filepath.Join(l.dir, name), Message: fmt.Sprintf(format, args...),
			Remedy: "build the folder again"}
		if id == idUnexpected {
			d.Remedy = "move it out of the folder"
		}
		found.Add(d)
	}
	for _, f := range l.manifest.Files {
		data, err := readSmall(filepath.Join(l.dir, f.Name), f.Size)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			report(idMissing, f.Name, "the file is missing")
		case err != nil:
			report(idAltered, f.Name, "%v", err)
		case int64(len(data)) != f.Size:
			report(idAltered, f.Name, "the file was altered: it has %d bytes, %d were written", len(data), f.Size)
		case digest(data) != f.SHA256:
			report(idAltered, f.Name, "the file was altered: its SHA-256 is not the one that was written")
		}
		contents[f.Name] = data
	}
	for _, name := range wanted {
		if _, ok := contents[name]; !ok {
			report(idManifest, manifestFile, "does not list %s", name)
		}
	}
	strange, err := l.manifest.strangers(l.dir)
	if err != nil {
		report(idManifest, manifestFile, "%v", err)
	}
	for _, name := range strange {
		report(idUnexpected, name, "is not part of the build")
	}
	return contents, found
}

// readSmall reads a regular file; one that is longer than limit bytes is an error.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unread{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, unread{err}
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unread{err}
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("the file was altered: it has more than %d bytes", limit)
	}
	return slices.Clip(data), nil
}

// unread is the error of a file that cannot be read, which is the subject of the message.
type unread struct{ error }

// Error words it.
func (u unread) Error() string { return diag.Unread(u.error) }

// Unwrap returns what was the matter.
func (u unread) Unwrap() error { return u.error }

func size(shape [3]int) int { return shape[0] * shape[1] * shape[2] }
