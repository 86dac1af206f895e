package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// list is a flag value of several others with commas between them; the flag may be given more than once. The first time it
// takes the place of the default. What is named twice counts once.
type list[T comparable] struct {
	to      *[]T
	parse   func(string) (T, error)
	want    string   // says which values are taken
	allowed []string // the values, where they are words
	word    string   // stands for the values in help
	set     bool
}

// Set takes all values, or refuses all that it does not take.
func (v *list[T]) Set(s string) error {
	var values []T
	var wrong []string
	hint := ""
	for part := range strings.SplitSeq(s, ",") {
		x, err := v.parse(strings.TrimSpace(part))
		if err != nil {
			wrong = append(wrong, strconv.Quote(part))
			if v.allowed != nil && hint == "" {
				hint = meant(strings.TrimSpace(part), v.allowed)
			}
		}
		values = append(values, x)
	}
	if wrong != nil {
		return fmt.Errorf("want %s, with commas between them; not %s%s", v.want, strings.Join(wrong, ", "), hint)
	}
	if !v.set {
		*v.to, v.set = nil, true
	}
	for _, x := range values {
		if !slices.Contains(*v.to, x) {
			*v.to = append(*v.to, x)
		}
	}
	return nil
}

// String returns the values as Set takes them.
func (v *list[T]) String() string {
	if v.to == nil {
		return ""
	}
	var words []string
	for _, x := range *v.to {
		words = append(words, fmt.Sprint(x))
	}
	return strings.Join(words, ",")
}

// Type is what help shows in place of the values.
func (v *list[T]) Type() string { return v.word }

// integers is a list of integers from least to most.
func integers(to *[]int, least, most int, word string) *list[int] {
	return &list[int]{to: to, word: word, want: fmt.Sprintf("integers from %d to %d", least, most), parse: func(s string) (int, error) {
		var n int
		err := (&integer{to: &n, least: least, most: most}).Set(s)
		return n, err
	}}
}

// choices is a list of some of the allowed words.
func choices(to *[]string, allowed ...string) *list[string] {
	return &list[string]{to: to, allowed: allowed, word: strings.Join(allowed, "|") + ",...", want: "some of " + strings.Join(allowed, ", "), parse: func(s string) (string, error) {
		return s, (&choice{to: new(string), allowed: allowed}).Set(s)
	}}
}

// reals is a list of numbers from lo to hi.
func reals(to *[]float64, lo, hi float64, word string) *list[float64] {
	return &list[float64]{to: to, word: word, want: fmt.Sprintf("numbers from %g to %g", lo, hi), parse: func(s string) (float64, error) {
		var x float64
		err := (&number{set: func(y float64) { x = y }, lo: lo, hi: hi}).Set(s)
		return x, err
	}}
}
