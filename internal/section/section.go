// Package section replaces the parts of a document that programs write.
package section

import (
	"fmt"
	"strings"
)

// Replace puts each section between its markers, <!-- BEGIN name --> and <!-- END name -->; other sections stay. Every
// section needs its markers, once.
func Replace(document string, sections map[string]string) (string, error) {
	for name, text := range sections {
		begin, end := "<!-- BEGIN "+name+" -->\n", "<!-- END "+name+" -->"
		before, rest, ok := strings.Cut(document, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed || strings.Contains(after, begin) {
			return "", fmt.Errorf("the document has no section, or several, between %q and %q", strings.TrimSpace(begin), end)
		}
		document = before + begin + "\n" + text + "\n" + end + after
	}
	return document, nil
}
