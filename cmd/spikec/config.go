package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
	"spikec/internal/spelling"
)

// defaultConfig is read where it is present and --config is not given.
const defaultConfig = "spikec.yaml"

// Diagnostics of configuration files. The numbers are stable.
const (
	idConfigFile  = "SPK-CLI-001" // the file cannot be read
	idConfigYAML  = "SPK-CLI-002" // not YAML, or not a mapping of flags to values
	idConfigKey   = "SPK-CLI-003" // a key that is no flag
	idConfigValue = "SPK-CLI-004" // a value that the flag does not take
)

// configuration is a file that gives flags their values.
type configuration struct {
	path string
	root *yaml.Node // nil where the file holds nothing
	diag.List
}

// applyConfig gives the flags of cmd the values of its configuration file, except those that stand on the command
// line. A key must be a flag of some command; keys of other commands are passed over, so that one file serves all.
func applyConfig(cmd *cobra.Command) error {
	flag := cmd.Flags().Lookup("config")
	if flag == nil {
		return nil
	}
	path := flag.Value.String()
	if !flag.Changed {
		if _, err := os.Stat(defaultConfig); err != nil {
			return nil
		}
		path = defaultConfig
	}
	c := configuration{path: path}
	c.read()
	if c.root != nil {
		c.apply(cmd.Flags(), knownFlags(cmd.Root()))
	}
	return c.Err()
}

// knownFlags returns the names of all flags of all commands that a configuration may set.
func knownFlags(root *cobra.Command) map[string]bool {
	known := map[string]bool{}
	each(root, func(c *cobra.Command) {
		if c.Flags().Lookup("config") != nil {
			c.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
		}
	})
	delete(known, "config")
	delete(known, "help")
	return known
}

// read parses the file into root.
func (c *configuration) read() {
	text, err := readConfig(c.path)
	if err != nil {
		c.Errorf(idConfigFile, c.path, "%s", diag.Unread(err))
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		c.Errorf(idConfigYAML, c.path, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if len(doc.Content) == 0 {
		return
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		c.at(doc.Content[0], idConfigYAML, "want a mapping of flags to values, such as steps: 32")
		return
	}
	c.root = doc.Content[0]
}

// maxConfig is the largest configuration file that is read: a path may name anything. [bytes]
const maxConfig = 1 << 20

// readConfig reads a file of at most maxConfig bytes. A longer one is an error: the keys behind would be lost.
func readConfig(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(text) > maxConfig {
		err = fmt.Errorf("has more than %d bytes", maxConfig)
	}
	return text, err
}

// at reports a finding about a node.
func (c *configuration) at(n *yaml.Node, id, format string, args ...any) {
	c.Errorf(id, fmt.Sprintf("%s line %d", c.path, n.Line), format, args...)
}

// apply sets flags; it reports every key that it cannot use.
func (c *configuration) apply(flags *pflag.FlagSet, known map[string]bool) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(c.root.Content); i += 2 {
		key, value := c.root.Content[i], c.root.Content[i+1]
		flag := flags.Lookup(key.Value)
		switch {
		case key.Value == "config" || key.Value == "help":
			c.at(key, idConfigKey, "%s: not allowed in a configuration file", key.Value)
		case !known[key.Value]:
			hint := ""
			if near := spelling.Nearest(key.Value, slices.Sorted(maps.Keys(known))); near != "" {
				hint = "; did you mean " + near + "?"
			}
			c.at(key, idConfigKey, "unknown key %q: no command has a flag of this name%s", key.Value, hint)
		case seen[key.Value]:
			c.at(key, idConfigKey, "key %q stands here for the second time", key.Value)
		case flag == nil || flag.Changed: // a flag of another command, or given on the command line
		default:
			c.set(flag, value)
		}
		seen[key.Value] = true
	}
}

// set gives one flag its value.
func (c *configuration) set(flag *pflag.Flag, value *yaml.Node) {
	words, ok := scalars(value)
	if !ok {
		c.at(value, idConfigValue, "%s: want one value or a list of values", flag.Name)
		return
	}
	text := strings.Join(words, ",")
	var err error
	if list, isList := flag.Value.(pflag.SliceValue); isList {
		err = list.Replace(words)
	} else if err = flag.Value.Set(text); err != nil && flag.Value.Type() == "bool" {
		err = errors.New("want true or false")
	}
	if err != nil {
		c.at(value, idConfigValue, "%s: got %q, %v", flag.Name, text, err)
		return
	}
	flag.Changed = true
}

// scalars returns the text of a value, or of every element of a list of values.
func scalars(n *yaml.Node) ([]string, bool) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	var words []string
	for _, e := range list {
		if e.Kind != yaml.ScalarNode || e.ShortTag() == "!!null" {
			return nil, false
		}
		words = append(words, e.Value)
	}
	return words, true
}
