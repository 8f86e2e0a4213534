package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/report"
)

// writeDiff prints a change as a unified diff, coloured on a terminal.
func writeDiff(w io.Writer, c output.Change) {
	text := string(diff.Diff("a/"+c.Path, c.Before, "b/"+c.Path, c.After))
	if !report.Coloured(w) {
		fmt.Fprint(w, text)
		return
	}
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "diff ") || strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ "):
			body = "\x1b[1m" + body + "\x1b[0m"
		case strings.HasPrefix(line, "+"):
			body = "\x1b[32m" + body + "\x1b[0m"
		case strings.HasPrefix(line, "-"):
			body = "\x1b[31m" + body + "\x1b[0m"
		case strings.HasPrefix(line, "@@"):
			body = "\x1b[36m" + body + "\x1b[0m"
		}
		fmt.Fprintln(w, body)
	}
}
