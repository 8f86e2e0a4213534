package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Mask is printed in the place of a secret that is set.
const Mask = "********"

// help returns what --help prints.
func help(name string, root *setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, `Usage: %[1]s [--config DIR] [--print-config] [--SETTING VALUE]...

Settings come from DIR/common.yaml, DIR/%[1]s.yaml and DIR/secrets.yaml, then
from the environment, then from flags; the later wins. DIR is %[2]s unless
--config or HAWOS_CONFIG says otherwise. --print-config prints what is in effect
and where it came from, and exits.

Settings:
`, name, DefaultDir)
	for _, s := range root.leaves() {
		if s.simple() {
			fmt.Fprintf(&b, "  --%s %s\n        %s (%s)\n", s.path, s.kind(), s.help, s.origin())
		}
	}
	return b.String()
}

// kind names what the setting's value looks like.
func (s *setting) kind() string {
	t, list := s.value.Type(), ""
	if s.isList() {
		t, list = t.Elem(), ",..."
	}
	switch {
	case s.one != nil:
		return strings.Join(s.one, "|") + list
	case t == reflect.TypeFor[time.Duration]():
		return "duration" + list
	case t.Kind() == reflect.Bool:
		return "true|false" + list
	case isScalar(t) && t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64:
		return "number" + list
	case s.simple():
		return "text" + list
	}
	return "YAML"
}

func (s *setting) origin() string {
	if s.def == "" {
		return s.env()
	}
	return fmt.Sprintf("default %s; %s", s.def, s.env())
}

// printed returns what --print-config prints: YAML of all settings, with a
// comment where one was given, and secrets masked.
func printed(root *setting) string {
	var b strings.Builder
	root.print(&b, "")
	return b.String()
}

func (s *setting) print(b *strings.Builder, indent string) {
	for _, c := range s.children {
		if c.children != nil {
			fmt.Fprintf(b, "%s%s:\n", indent, c.key)
			c.print(b, indent+"  ")
			continue
		}
		fmt.Fprintf(b, "%s%s: %s", indent, c.key, c.text())
		if c.from != "" {
			fmt.Fprintf(b, " # %s", c.from)
		}
		b.WriteString("\n")
	}
}

// text returns the value as YAML in one line.
func (s *setting) text() string {
	if s.secret {
		if s.value.IsZero() {
			return `""`
		}
		return `"` + Mask + `"`
	}
	var n yaml.Node
	if err := n.Encode(s.value.Interface()); err != nil {
		return fmt.Sprintf("%q", err)
	}
	flow(&n)
	text, err := yaml.Marshal(&n)
	if err != nil {
		return fmt.Sprintf("%q", err)
	}
	return strings.TrimSpace(string(text))
}

// flow makes a node and all within it stand in one line.
func flow(n *yaml.Node) {
	n.Style = yaml.FlowStyle
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		flow(c)
	}
}
