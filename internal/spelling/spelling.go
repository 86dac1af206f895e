// Package spelling finds the name that was meant, and words numbers of things.
package spelling

import (
	"slices"
	"strings"
)

// Nearest returns the name that differs from s by at most two letters, one where s has three, the fewest, or that alone begins with s; ""
// where there is none. Of names that differ by as many, the first that is as long as s comes first.
func Nearest(s string, names []string) string {
	best, least := "", min(3, len(s)/2+1)
	var longer []string
	for _, name := range names {
		if abs(len(name)-len(s)) <= least && len(s) > 2 {
			d := distance(s, name)
			if d < least || d == least && best != "" && len(best) != len(s) && len(name) == len(s) {
				best, least = name, d
			}
		}
		if len(s) > 2 && strings.HasPrefix(name, s) {
			longer = append(longer, name)
		}
	}
	if best == "" && len(longer) == 1 {
		return longer[0]
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	var before []int
	for i := range len(a) {
		earlier := before
		before = slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			replaced := before[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(before[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], earlier[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
