package page

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
)

func init() {
	register(kind{name: "a result of a build or check as JSON", holds: isFile, read: readResult})
}

// maxResult is the largest result that is read. [bytes]
const maxResult = 1 << 26

// idResult is the diagnostic of a file that is no result. Its number is stable.
const idResult = "SPK-PAGE-002"

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readResult makes the page of what build and check print with --json.
func readResult(path string) (*page, error) {
	refuse := func(format string, args ...any) error {
		return &diag.Failure{List: diag.List{{ID: idResult, Severity: diag.Error, Subject: path, Message: fmt.Sprintf(format, args...),
			Remedy: "name a folder of spikec build, convert, sweep or simulate, or a file with what spikec check --json printed"}}}
	}
	if dir := filepath.Dir(path); exists(filepath.Join(dir, manifestFile)) {
		// A page beside it would be a file that is no part of the build, which every reader of builds refuses.
		return nil, &diag.Failure{List: diag.List{{ID: idResult, Severity: diag.Error, Subject: path, Message: "lies in the folder of a build",
			Remedy: "spikec report " + dir + ", or move the file out of that folder"}}}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, refuse("cannot be read: %v", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxResult+1))
	if err != nil || len(data) > maxResult {
		return nil, refuse("cannot be read, or has more than %d bytes", maxResult)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, refuse("is no result as JSON: %v", err)
	}
	if head.Schema != ladder.Schema { // before the rest: fields of other documents have other types
		return nil, refuse("schema %q, want %s", head.Schema, ladder.Schema)
	}
	l := &ladder.Ladder{}
	if err := json.Unmarshal(data, l); err != nil {
		return nil, refuse("is no result as JSON: %v", err)
	}
	p := newResultPage(l)
	p.Sections = []section{found(l.Diagnostics), rungs(l), bySteps(l), layers(l, nil), cost(l), choices(l)}
	return p, nil
}
