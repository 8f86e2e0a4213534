package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlLine finds the position in the errors of package yaml, which give it in
// their text alone.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// file is one YAML file being read into settings.
type file struct {
	name   string
	faults *Faults
}

// readYAML gives the settings below root what the file says.
func readYAML(name string, text []byte, root *setting, faults *Faults) {
	f := file{name: name, faults: faults}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return // an empty file says nothing
	}
	if err == nil {
		switch err := d.Decode(&more); {
		case err == nil:
			f.fault(&more, "", "a second document begins here; settings are one document")
		case !errors.Is(err, io.EOF):
			f.syntax(err)
		}
		f.mapping(doc.Content[0], root)
		return
	}
	f.syntax(err)
}

func (f *file) fault(at *yaml.Node, key, format string, args ...any) {
	f.faults.add(f.at(at), key, format, args...)
}

func (f *file) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", f.name, n.Line) }

func (f *file) syntax(err error) {
	where, text := f.name, err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if m[1] != "" {
			where += ":" + m[1]
		}
	}
	f.faults.add(where, "", "%s", text)
}

func (f *file) mapping(n *yaml.Node, s *setting) {
	n = resolve(n)
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		f.fault(n, s.path, "want settings, one \"key: value\" a line")
		return
	}
	lines := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if line, twice := lines[key.Value]; twice {
			f.fault(key, s.join(key.Value), "given already in line %d", line)
			continue
		}
		lines[key.Value] = key.Line
		c := s.child(key.Value)
		switch {
		case c == nil:
			f.fault(key, s.join(key.Value), "unknown setting%s", s.suggest(key.Value))
		case c.children != nil:
			f.mapping(value, c)
		default:
			f.leaf(value, c)
		}
	}
}

func (f *file) leaf(n *yaml.Node, s *setting) {
	n = resolve(n)
	if isNull(n) {
		return
	}
	if err := f.assign(n, s); err != nil {
		f.fault(n, s.path, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	s.from = f.at(n)
}

func (f *file) assign(n *yaml.Node, s *setting) error {
	switch {
	case !s.simple():
		return n.Decode(s.value.Addr().Interface())
	case n.Kind == yaml.ScalarNode:
		return s.set(n.Value)
	case !s.isList():
		return errors.New("want a single value")
	case n.Kind != yaml.SequenceNode:
		return errors.New("want a list of single values")
	}
	texts := make([]string, len(n.Content))
	for i, item := range n.Content {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			return errors.New("want a list of single values")
		}
		texts[i] = item.Value
	}
	return s.setItems(texts)
}

// suggest looks for the key a writer may have meant: one of the same section,
// else one of that name elsewhere.
func (s *setting) suggest(key string) string {
	var names []string
	for _, c := range s.children {
		names = append(names, c.path)
	}
	return suggest(s.join(key), names)
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
