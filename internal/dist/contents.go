package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// The part of SPDX 2.3 that lists the modules of a program.
type (
	spdxDocument struct {
		Version       string             `json:"spdxVersion"`
		License       string             `json:"dataLicense"`
		ID            string             `json:"SPDXID"`
		Name          string             `json:"name"`
		Namespace     string             `json:"documentNamespace"`
		Creation      spdxCreation       `json:"creationInfo"`
		Packages      []spdxPackage      `json:"packages"`
		Relationships []spdxRelationship `json:"relationships"`
	}
	spdxCreation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		ID        string          `json:"SPDXID"`
		Name      string          `json:"name"`
		Version   string          `json:"versionInfo"`
		Location  string          `json:"downloadLocation"`
		Analyzed  bool            `json:"filesAnalyzed"`
		Concluded string          `json:"licenseConcluded"`
		Declared  string          `json:"licenseDeclared"`
		Copyright string          `json:"copyrightText"`
		Checksums []spdxChecksum  `json:"checksums,omitempty"`
		Comment   string          `json:"comment,omitempty"`
		External  []spdxReference `json:"externalRefs,omitempty"`
	}
	spdxChecksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}
	spdxReference struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	spdxRelationship struct {
		Element string `json:"spdxElementId"`
		Type    string `json:"relationshipType"`
		Related string `json:"relatedSpdxElement"`
	}
)

// unknown is what SPDX says where nothing is known.
const unknown = "NOASSERTION"

// contents lists what the go command wrote into the program at path: its modules with their digests as go.sum has them, and
// the standard library.
func (r *release) contents(name, path string) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(program))
	d := spdxDocument{Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: name,
		Namespace: "urn:spikec:" + name + ":" + digest,
		Creation:  spdxCreation{r.date.Format(time.RFC3339), []string{"Tool: " + r.name + "-dist"}}}
	main := spdxPackage{ID: "SPDXRef-program", Name: r.name, Version: r.version, Location: unknown, Concluded: r.licence, Declared: r.licence, Copyright: unknown,
		Checksums: []spdxChecksum{{"SHA256", digest}}}
	d.Packages = append(d.Packages, main)
	d.relate(d.ID, "DESCRIBES", main.ID)
	d.add(module("std", strings.TrimPrefix(info.GoVersion, "go"), "BSD-3-Clause", ""), main.ID)
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		d.add(module(m.Path, m.Version, unknown, m.Sum), main.ID)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(d)
	return b.Bytes(), err
}

// module describes a module. The digest of go.sum is none of those that SPDX knows, and stands in a comment.
func module(path, version, licence, sum string) spdxPackage {
	id := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '.' || c == '-' {
			return c
		}
		return '-'
	}, path+"-"+version)
	p := spdxPackage{ID: "SPDXRef-module-" + id, Name: path, Version: version, Location: unknown, Concluded: licence, Declared: licence, Copyright: unknown,
		External: []spdxReference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + path + "@" + version}}}
	if sum != "" {
		p.Comment = "go.sum: " + sum
	}
	return p
}

// add adds a package that another one contains.
func (d *spdxDocument) add(p spdxPackage, in string) {
	d.Packages = append(d.Packages, p)
	d.relate(in, "DEPENDS_ON", p.ID)
}

// relate adds a relationship.
func (d *spdxDocument) relate(element, kind, related string) {
	d.Relationships = append(d.Relationships, spdxRelationship{element, kind, related})
}
