package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is a form in which findings are printed.
type Format string

// The formats.
const (
	Text   Format = "text"   // for people
	GitHub Format = "github" // workflow commands, which annotate a change's lines
	SARIF  Format = "sarif"  // SARIF 2.1.0, for tools that collect findings
)

// Formats returns the names of all formats, the default first.
func Formats() []string { return []string{string(Text), string(GitHub), string(SARIF)} }

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *Format) Set(name string) error {
	if !slices.Contains(Formats(), name) {
		return fmt.Errorf("must be one of %s", strings.Join(Formats(), ", "))
	}
	*f = Format(name)
	return nil
}

// Type implements pflag.Value.
func (f *Format) Type() string { return "format" }

// Write prints the findings of a check whose rules are given. Text is coloured
// where colour is set.
func (f Format) Write(w io.Writer, findings []Finding, rules Rules, colour bool) error {
	switch f {
	case GitHub:
		return writeGitHub(w, findings)
	case SARIF:
		return writeSARIF(w, findings, rules)
	}
	return writeText(w, findings, colour)
}
