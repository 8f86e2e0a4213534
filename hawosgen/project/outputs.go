package project

import (
	"fmt"
	"path/filepath"
)

// What an output is printed once for.
const (
	EachOnce    = "once"
	EachService = "service"
	EachPackage = "package"
)

// Output is a file, or several, that the project's own template prints.
type Output struct {
	// Template is the path of the template, relative to Dir.
	Template string `yaml:"template"`
	// Each says what to print it for: once (default), service or package.
	Each string `yaml:"each"`
	// To is the path to write, relative to Dir, with the fields of the template's
	// data: docs/{{.App}}.md.
	To string `yaml:"to"`
}

// check returns what is wrong with the i-th output, a text each.
func (o Output) check(i int) []string {
	var faults []string
	fault := func(key, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("outputs[%d].%s: ", i, key)+fmt.Sprintf(format, args...))
	}
	if o.Template == "" || !filepath.IsLocal(filepath.FromSlash(o.Template)) {
		fault("template", "%q must be a template below this folder", o.Template)
	}
	if o.To == "" {
		fault("to", "name the file to write, such as docs/{{.App}}.md")
	}
	switch o.Each {
	case "", EachOnce, EachService, EachPackage:
	default:
		fault("each", "%q is none of once, service, package", o.Each)
	}
	return faults
}
