package config

import (
	"fmt"
	"strings"
)

// Reference returns the table of all settings of a Config in Markdown, as
// docs/configuration.md holds it.
func Reference() string {
	root, err := newTree(new(Config))
	if err != nil {
		panic(err) // a bug in Config's tags
	}
	var b strings.Builder
	b.WriteString("| setting | value | default | what it is |\n|---|---|---|---|\n")
	for _, s := range root.leaves() {
		kind := strings.ReplaceAll(s.kind(), "|", `\|`)
		def := "–"
		if s.def != "" {
			def = "`" + s.def + "`"
		}
		text := s.help
		if s.secret {
			text += " (secret)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.path, kind, def, text)
	}
	return b.String()
}
