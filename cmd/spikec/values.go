package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"spikec/internal/spelling"
)

// choice is a flag value out of a closed list.
type choice struct {
	to      *string
	allowed []string
	word    string // stands for the value in help, where the list would be too long
}

// choiceVar registers a flag that takes one of the allowed words.
func choiceVar(f *pflag.FlagSet, to *string, name, value, usage string, allowed ...string) *choice {
	*to = value
	c := &choice{to: to, allowed: allowed}
	f.Var(c, name, usage)
	return c
}

// Set takes one of the allowed words.
func (c *choice) Set(s string) error {
	for _, a := range c.allowed {
		if s == a {
			*c.to = s
			return nil
		}
	}
	return fmt.Errorf("want %s%s", alternatives(c.allowed), meant(s, c.allowed))
}

// String returns the word that is set.
func (c *choice) String() string {
	if c.to == nil {
		return ""
	}
	return *c.to
}

// Type is what help shows in place of the value.
func (c *choice) Type() string {
	if c.word != "" {
		return c.word
	}
	return strings.Join(c.allowed, "|")
}

// text is a flag value that may be anything but nothing: a path, a specification of data, the name of a target.
type text struct {
	to   *string
	word string
}

// textVar registers a flag that takes a text; word stands for the value in help.
func textVar(f *pflag.FlagSet, to *string, name, value, word, usage string) {
	*to = value
	f.Var(&text{to: to, word: word}, name, usage)
}

// errEmpty is the error about a text that is none.
var errEmpty = errors.New("must not be empty")

// Set takes any text that is not blank.
func (v *text) Set(s string) error {
	if strings.TrimSpace(s) == "" {
		return errEmpty
	}
	*v.to = s
	return nil
}

// String returns the text.
func (v *text) String() string {
	if v.to == nil {
		return ""
	}
	return *v.to
}

// Type is what help shows in place of the value.
func (v *text) Type() string { return v.word }

// texts is a repeatable flag value of texts. The first one that is given takes the place of the default.
type texts struct {
	to   *[]string
	word string
	set  bool
}

// Set adds a text that is not blank.
func (v *texts) Set(s string) error {
	if strings.TrimSpace(s) == "" {
		return errEmpty
	}
	if !v.set {
		*v.to, v.set = nil, true
	}
	*v.to = append(*v.to, s)
	return nil
}

// Append adds a text.
func (v *texts) Append(s string) error { return v.Set(s) }

// Replace sets all texts at once.
func (v *texts) Replace(list []string) error {
	if len(list) == 0 {
		return errEmpty
	}
	v.set = false
	for _, s := range list {
		if err := v.Set(s); err != nil {
			return err
		}
	}
	return nil
}

// GetSlice returns the texts.
func (v *texts) GetSlice() []string { return *v.to }

// String returns the texts with commas between them.
func (v *texts) String() string {
	if v.to == nil {
		return ""
	}
	return strings.Join(*v.to, ",")
}

// Type is what help shows in place of the value.
func (v *texts) Type() string { return v.word }

// alternatives prints a, b or c.
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// meant hints at the word that was meant; "" where none is alike.
func meant(s string, words []string) string {
	if near := spelling.Nearest(s, words); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// integer is a flag value from least to most.
type integer struct {
	to          *int
	least, most int
	word        string
}

// intVar registers a flag that takes an integer of at least least; word stands for the value in help. The caller may
// lower the flag's most.
func intVar(f *pflag.FlagSet, to *int, name string, value, least int, word, usage string) *integer {
	*to = value
	v := &integer{to: to, least: least, most: math.MaxInt32, word: word}
	f.Var(v, name, usage)
	return v
}

// Set takes a decimal integer.
func (v *integer) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err == nil && n >= int64(v.least) && n <= int64(v.most):
	case v.most < math.MaxInt32 || n > int64(v.most):
		return fmt.Errorf("want an integer from %d to %d", v.least, v.most)
	default:
		return fmt.Errorf("want an integer of at least %d", v.least)
	}
	*v.to = int(n)
	return nil
}

// String returns the integer, or nothing where the default is the absence of a value.
func (v *integer) String() string {
	if v.to == nil || *v.to < v.least {
		return ""
	}
	return strconv.Itoa(*v.to)
}

// Type is what help shows in place of the value.
func (v *integer) Type() string { return v.word }

// count is a flag value of any unsigned integer.
type count struct {
	to   *uint64
	word string
}

// Set takes a decimal integer.
func (v *count) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("want an integer from 0 to %d", uint64(math.MaxUint64))
	}
	*v.to = n
	return nil
}

// String returns the integer.
func (v *count) String() string {
	if v.to == nil {
		return ""
	}
	return strconv.FormatUint(*v.to, 10)
}

// Type is what help shows in place of the value.
func (v *count) Type() string { return v.word }

// number is a flag value in a closed interval.
type number struct {
	set    func(float64)
	lo, hi float64
	word   string // stands for the value in help
	want   string // says which values are taken, where lo and hi would not say it well
	text   string
}

// numberVar registers a flag that takes a number from lo to hi; set is called where the flag is given.
// The caller may set the flag's want.
func numberVar(f *pflag.FlagSet, set func(float64), name string, lo, hi float64, word, usage string) *number {
	v := &number{set: set, lo: lo, hi: hi, word: word}
	f.Var(v, name, usage)
	return v
}

// Set takes a decimal number.
func (v *number) Set(s string) error {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(x >= v.lo && x <= v.hi) {
		if v.want != "" {
			return errors.New(v.want)
		}
		return fmt.Errorf("want a number from %g to %g", v.lo, v.hi)
	}
	v.text = s
	v.set(x)
	return nil
}

// String returns what was set.
func (v *number) String() string { return v.text }

// Type is what help shows in place of the value.
func (v *number) Type() string { return v.word }

// numbers is a flag value of finite numbers with commas between them.
type numbers struct {
	to       *[]float64
	positive bool
}

// Set takes one number or several.
func (v *numbers) Set(s string) error {
	list, err := parseNumbers(s)
	if err != nil {
		return err
	}
	for _, x := range list {
		if v.positive && x <= 0 {
			return errors.New("want numbers above 0")
		}
	}
	*v.to = list
	return nil
}

// String returns the numbers as Set takes them.
func (v *numbers) String() string {
	if v.to == nil {
		return ""
	}
	return numbersText(*v.to)
}

// Type is what help shows in place of the value.
func (v *numbers) Type() string { return "X,..." }

// interval is a flag value of a lower and a higher number; nil where it is not given.
type interval struct{ to **[2]float64 }

// Set takes LO,HI.
func (v *interval) Set(s string) error {
	list, err := parseNumbers(s)
	if err != nil || len(list) != 2 || list[0] >= list[1] {
		return errors.New("want two numbers, the lower one first, such as 0,1")
	}
	*v.to = &[2]float64{list[0], list[1]}
	return nil
}

// String returns the bounds as Set takes them.
func (v *interval) String() string {
	if v.to == nil || *v.to == nil {
		return ""
	}
	return numbersText((*v.to)[:])
}

// Type is what help shows in place of the value.
func (v *interval) Type() string { return "LO,HI" }

// parseNumbers reads finite numbers with commas between them.
func parseNumbers(s string) ([]float64, error) {
	var list []float64
	for part := range strings.SplitSeq(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, errors.New("want numbers with commas between them")
		}
		list = append(list, x)
	}
	return list, nil
}

// numbersText prints numbers as parseNumbers reads them.
func numbersText(list []float64) string {
	var words []string
	for _, x := range list {
		words = append(words, strconv.FormatFloat(x, 'g', -1, 64))
	}
	return strings.Join(words, ",")
}

// words is a repeatable flag value out of a closed list.
type words struct {
	to      *[]string
	allowed []string
}

// Set adds one word, or several with commas between them.
func (v *words) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		if !slices.Contains(v.allowed, word) {
			return fmt.Errorf("want %s%s", alternatives(v.allowed), meant(word, v.allowed))
		}
		if !slices.Contains(*v.to, word) {
			*v.to = append(*v.to, word)
		}
	}
	return nil
}

// String returns the words that are set.
func (v *words) String() string {
	if v.to == nil {
		return ""
	}
	return strings.Join(*v.to, ",")
}

// Type is what help shows in place of the value.
func (v *words) Type() string { return "PASS" }
