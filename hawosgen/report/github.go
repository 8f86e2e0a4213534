package report

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// writeGitHub prints a workflow command for each finding.
// (docs.github.com: Workflow commands for GitHub Actions)
func writeGitHub(w io.Writer, findings []Finding) error {
	var b strings.Builder
	for _, f := range findings {
		level := "error"
		if f.Warning {
			level = "warning"
		}
		var properties []string
		add := func(name string, value any) {
			properties = append(properties, fmt.Sprintf("%s=%s", name, propertyEscapes.Replace(fmt.Sprint(value))))
		}
		if f.Pos.File != "" {
			add("file", path.Join(f.Pos.Root, f.Pos.File))
		}
		if f.Pos.Line > 0 {
			add("line", f.Pos.Line)
		}
		if f.Pos.Col > 0 {
			add("col", f.Pos.Col)
		}
		title := "hawosgen"
		if f.Rule != "" {
			title += " " + f.Rule
		}
		add("title", title)
		fmt.Fprintf(&b, "::%s %s::%s\n", level, strings.Join(properties, ","), dataEscapes.Replace(message(f)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// message is what a finding says beside its place: its text, the other places,
// the remedy, a line each.
func message(f Finding) string {
	lines := []string{f.Text}
	for _, n := range f.Also {
		lines = append(lines, fmt.Sprintf("%s: %s", n.Text, n.Pos))
	}
	if f.Remedy != "" {
		lines = append(lines, "fix: "+f.Remedy)
	}
	return strings.Join(lines, "\n")
}
