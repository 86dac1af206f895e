package main

import (
	"errors"
	"fmt"
	"strconv"

	"spikec/runtime/build"
)

// delay is a flag value of steps, or a word for as many as are usual.
type delay struct{ to *int }

// autoDelay is the word.
const autoDelay = "auto"

// Set takes a decimal integer, or the word.
func (v *delay) Set(s string) error {
	if s == autoDelay {
		*v.to = build.AutoDelay
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n >= maxSteps {
		return fmt.Errorf("want auto, or an integer from 0 to %d", maxSteps-1)
	}
	if n == 0 {
		n = build.NoDelay
	}
	*v.to = n
	return nil
}

// String returns what was set, or nothing where that is the default.
func (v *delay) String() string {
	switch {
	case v.to == nil || *v.to == 0:
		return ""
	case *v.to == build.NoDelay:
		return "0"
	case *v.to == build.AutoDelay:
		return autoDelay
	}
	return strconv.Itoa(*v.to)
}

// Type is what help shows in place of the value.
func (v *delay) Type() string { return "T0" }

// lead is a flag value of spikes, or a word for a lead that cannot be made up for; nil where it is not given.
type lead struct{ to **float64 }

// exactLead is the word, and what the flag means without a value.
const exactLead = "exact"

// Set takes a number above 0, or the word.
func (v *lead) Set(s string) error {
	var x float64
	if s != exactLead {
		var err error
		if x, err = strconv.ParseFloat(s, 64); err != nil || !(x > 0 && x <= maxSteps) {
			return errors.New("want exact, or a lead in spikes, a number above 0 such as 2.5")
		}
	}
	*v.to = &x
	return nil
}

// String returns what was set.
func (v *lead) String() string {
	switch {
	case v.to == nil || *v.to == nil:
		return ""
	case **v.to == 0:
		return exactLead
	}
	return strconv.FormatFloat(**v.to, 'g', -1, 64)
}

// Type is what help shows in place of the value: nothing, as it shows [=exact] behind it.
func (v *lead) Type() string { return "" }
