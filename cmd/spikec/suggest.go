package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/internal/spelling"
)

// flagError words what is wrong with the flags of a command line.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var lacking *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		if near := nearestFlag(cmd, unknown.GetSpecifiedName()); near != "" {
			return fmt.Errorf("unknown flag --%s; did you mean --%s?", unknown.GetSpecifiedName(), near)
		}
		return fmt.Errorf("unknown flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return fmt.Errorf("unknown flag -%s", unknown.GetSpecifiedName())
	case errors.As(err, &invalid):
		want := invalid.Unwrap()
		if invalid.GetFlag().Value.Type() == "bool" {
			want = errors.New("want true or false")
		}
		return fmt.Errorf("--%s: got %q, %w", invalid.GetFlag().Name, invalid.GetValue(), want)
	case errors.As(err, &lacking):
		return fmt.Errorf("--%s lacks its value", lacking.GetFlag().Name)
	}
	return err
}

// nearestFlag is the flag of a command that was meant by another name; "" where none is alike.
func nearestFlag(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return spelling.Nearest(name, names)
}
