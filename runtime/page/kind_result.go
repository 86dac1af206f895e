package page

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

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
			Remedy: "name a folder of spikec build or sweep, or a file with what spikec check --json printed"}}}
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
	l := &ladder.Ladder{}
	if err := json.Unmarshal(data, l); err != nil {
		return nil, refuse("is no result as JSON: %v", err)
	}
	if l.Schema != ladder.Schema {
		return nil, refuse("schema %q, want %s", l.Schema, ladder.Schema)
	}
	p := newResultPage(l)
	p.Sections = []section{found(l.Diagnostics), rungs(l), bySteps(l), layers(l, nil), cost(l), choices(l)}
	return p, nil
}
