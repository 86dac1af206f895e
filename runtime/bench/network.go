package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/progress"
	"spikec/target/chip"
	"spikec/target/image"
)

// network is what engines are measured on.
type network struct {
	name     string
	about    string // what it is, and what pictures it gets: one line
	img      *image.Image
	profile  *chip.Profile
	pictures [][]uint8 // codes
	// answer makes numbers of the final counts and potentials whose hash stands for the answers; nil takes both as they are.
	answer func(counts, potentials []int32) []int32
}

// maxPictures is how many pictures there are where nobody asks for a number.
const maxPictures = 1024

// builtin makes a network in code. Each is a file of this package, net_<name>.go.
type builtin struct {
	name string
	make func(ctx context.Context, steps, pictures int, show progress.Reporter) (*network, error)
}

// builtins are the networks that are made in code.
var builtins []builtin

// register adds a network; one that is registered twice is a bug.
func register(b builtin) {
	if slices.Contains(Names(), b.name) {
		panic(fmt.Sprintf("bench: network %q registered twice", b.name))
	}
	builtins = append(builtins, b)
	slices.SortFunc(builtins, func(x, y builtin) int { return cmp.Compare(x.name, y.name) })
}

// Names returns the networks that are made in code.
func Names() []string {
	var names []string
	for _, b := range builtins {
		names = append(names, b.name)
	}
	return names
}

// open makes the network that is asked for, or reads the build in that folder.
func open(ctx context.Context, r Request) (*network, error) {
	pictures := cmp.Or(r.Limit, maxPictures)
	for _, b := range builtins {
		if b.name == r.Net {
			return b.make(ctx, cmp.Or(r.Steps, DefaultSteps), pictures, r.Progress)
		}
	}
	if _, err := os.Stat(r.Net); errors.Is(err, fs.ErrNotExist) {
		return nil, &diag.Failure{List: diag.List{{ID: idNetwork, Severity: diag.Error, Subject: "--net " + r.Net,
			Message: "there is no network of this name, and no such folder", Remedy: "give " + strings.Join(Names(), ", ") + ", or the folder of a build"}}}
	}
	return openBuild(ctx, r.Net, r.Steps, pictures)
}

// openBuild reads a build, with the pictures that it was measured on.
func openBuild(ctx context.Context, dir string, steps, pictures int) (*network, error) {
	b, err := build.Open(ctx, dir, pictures)
	if err != nil {
		return nil, err
	}
	img := *b.Image
	img.Steps = cmp.Or(steps, img.Steps)
	return &network{name: b.Model, about: fmt.Sprintf("the build in %s, on %s", dir, b.Data), img: &img, profile: b.Profile, pictures: b.Codes}, nil
}

// hashed returns the numbers of an answer that its hash is made of.
func (n *network) hashed(counts, potentials []int32) []int32 {
	if n.answer != nil {
		return n.answer(counts, potentials)
	}
	return slices.Concat(counts, potentials)
}
