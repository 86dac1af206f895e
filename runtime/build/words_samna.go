package build

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/config/samna"
	"spikec/target/image"
)

func init() { registerWords("samna-json", words{write: writeSamna, read: readSamna}) }

// writeSamna writes one file.
func writeSamna(img *image.Image, p *chip.Profile) (map[string][]byte, diag.List, error) {
	data, found, err := samna.Write(img, p)
	return map[string][]byte{samna.File: data}, found, err
}

// readSamna reads it.
func readSamna(files map[string][]byte, host *image.Image, p *chip.Profile) (*image.Image, error) {
	data, ok := files[samna.File]
	if !ok || len(files) != 1 {
		return nil, (&diag.List{{ID: idContent, Severity: diag.Error, Subject: samna.File, Message: fmt.Sprintf("want this one file, there are %d", len(files)), Remedy: "build the folder again"}}).Err()
	}
	return samna.Read(samna.File, data, host, p)
}
