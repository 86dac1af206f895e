package build

import "spikec/runtime/output"

// Free reports why no build could be written to out: something else is there, or it is no place to write to.
func Free(out string) error {
	f, err := output.NewFolder(out, replaceable)
	if err != nil {
		return err
	}
	f.Discard()
	return nil
}
