package build

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/config/netx"
	"spikec/target/image"
)

// netxFile is the file of netx in a build for a Loihi.
const netxFile = "network.net"

func init() {
	registerWords("netx", words{write: writeNetx, read: readNetx, partial: true})
}

// writeNetx writes one file.
func writeNetx(img *image.Image, p *chip.Profile) (map[string][]byte, diag.List, error) {
	data, found, err := netx.Write(img, p)
	return map[string][]byte{netxFile: data}, found, err
}

// readNetx reads the file, which says what the host does as well: that must be what host says.
func readNetx(files map[string][]byte, host *image.Image, p *chip.Profile) (*image.Image, error) {
	data, ok := files[netxFile]
	if !ok || len(files) != 1 {
		return nil, (&diag.List{{ID: idContent, Severity: diag.Error, Subject: netxFile, Message: fmt.Sprintf("want this one file of netx, there are %d", len(files)), Remedy: "build the folder again"}}).Err()
	}
	img, err := netx.Read(netxFile, data, p)
	if err != nil {
		return nil, err
	}
	if d := host.Difference(img.Host()); d != "" {
		return nil, (&diag.List{{ID: idContent, Severity: diag.Error, Subject: netxFile, Message: "is another network than that of " + hostFile + ": " + d, Remedy: "build the folder again"}}).Err()
	}
	return img, nil
}
